"""Where the two camps of a disputed clip have their evidence, and how far that overlaps in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import ExplanationError

if TYPE_CHECKING:
    from core.audio.clip import Clip
    from core.detectors.detector import Detector
    from core.explain.base import Explanation

__all__ = ["BONAFIDE", "SPOOF", "Overlap", "Seen", "camp_profile", "look", "overlap", "profile"]

SPOOF, BONAFIDE = "spoof", "bonafide"


@dataclass(frozen=True, eq=False)
class Seen:
    """One voter's view of a clip over time.

    Attributes
    ----------
    detector : str
    camp : str
        How it votes: ``SPOOF``, ``BONAFIDE`` or ``unsure``.
    times_s, p_spoof : ndarray [shape=(steps,)]
        P(spoof) over time; ``times_s`` are where the steps begin.
    explanation : Explanation or None
        Its default map with the faithfulness check.
    why_not : str
        Why there is no map, or why it is no evidence; empty where it is.
    """

    detector: str
    camp: str
    times_s: NDArray[np.float64]
    p_spoof: NDArray[np.float64]
    explanation: "Explanation | None"
    why_not: str = ""


@dataclass(frozen=True, eq=False)
class Overlap:
    """The camps' evidence over time.

    Attributes
    ----------
    bonafide, spoof : ndarray [shape=(frames,)]
        Mean of the camp's profiles; each adds up to 1.
    iou : float
        What both have of what either has: 0 is nowhere together, 1 the same places.
    """

    bonafide: NDArray[np.float64]
    spoof: NDArray[np.float64]
    iou: float

    @property
    def words(self) -> str:
        """The overlap in a sentence."""
        how = "in the same places" if self.iou > 0.6 else "in partly the same places" if self.iou > 0.3 else "apart"
        share = f"{100 * self.iou:.0f} % of what either has, both have (IoU)"
        return f"Over time the camps have their evidence {how}: {share}."


def look(clip: "Clip", detectors: Sequence["Detector"], camps: Mapping[str, str]) -> list[Seen]:
    """Return each detector's timeline and default map of a clip.

    Parameters
    ----------
    clip : Clip
    detectors : sequence of Detector
    camps : mapping of str to str
        How each votes.
    """
    return [_seen(clip, detector, camps.get(detector.name, "unsure")) for detector in detectors]


def _seen(clip: "Clip", detector: "Detector", camp: str) -> Seen:
    from core.timeline.track import timeline
    from core.usecases import explain_clip

    score = detector.score(clip.waveform)
    explanation, why_not = None, ""
    try:
        explanation = explain_clip(clip, detector, score=score)
    except ExplanationError as error:
        why_not = str(error)
    if explanation is not None and explanation.faithfulness is not None and not explanation.faithfulness.faithful:
        why_not = "Its map fails the faithfulness check on this clip: what it marks is no evidence."
    try:
        track = timeline(clip.waveform, detector, score=score)
    except ExplanationError:
        times = np.array([window.start_s for window in score.windows] + [score.windows[-1].end_s])
        values = np.array([window.p_spoof for window in score.windows] + [score.windows[-1].p_spoof])
        return Seen(detector.name, camp, times, values, explanation, why_not)
    steps = np.arange(len(track.llr), dtype=np.float64) * track.hop_s
    return Seen(detector.name, camp, steps, track.p_spoof, explanation, why_not)


def profile(attribution: NDArray[np.floating], camp: str) -> NDArray[np.float64] | None:
    """Return how much of the evidence for a camp's vote lies in each frame [shape=(frames,)], adding up to 1.

    None where nothing speaks for it. ``attribution`` [shape=(257, frames)] is positive for spoof.
    """
    signed = np.asarray(attribution, dtype=np.float64) * (1 if camp == SPOOF else -1)
    over_time = np.maximum(signed, 0).sum(axis=0)
    total = over_time.sum()
    return over_time / total if total > 0 else None


def camp_profile(seen: Sequence[Seen], camp: str) -> NDArray[np.float64] | None:
    """Return the mean profile of a camp's maps that are evidence; None where there is none."""
    maps = [one.explanation.attribution for one in seen if one.camp == camp and one.explanation and not one.why_not]
    found = [each for each in (profile(attribution, camp) for attribution in maps) if each is not None]
    return np.mean(found, axis=0) if found else None


def overlap(seen: Sequence[Seen]) -> Overlap | None:
    """Return how far the camps' evidence overlaps in time; None where a camp has no evidence that is known."""
    bonafide, spoof = camp_profile(seen, BONAFIDE), camp_profile(seen, SPOOF)
    if bonafide is None or spoof is None:
        return None
    either = np.maximum(bonafide, spoof).sum()
    return Overlap(bonafide, spoof, float(np.minimum(bonafide, spoof).sum() / either))
