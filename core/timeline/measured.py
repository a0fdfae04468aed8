"""How well timelines find spoofed spans: the figures of localisation over clips, with intervals over systems."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analysis import resampled
from core.analysis.bootstrap import RESAMPLES, interval
from core.analysis.det import equal_error_point
from core.analysis.localisation import (
    ErrorSeconds,
    EventCounts,
    Span,
    error_seconds,
    event_counts,
    range_eer,
    segment_scores,
    step_durations,
)
from core.detectors.score import WindowScore

__all__ = ["OF_TRAINING", "RESOLUTION_S", "UNSEEN", "Figure", "Judged", "measure"]

RESOLUTION_S = 0.16
"""Length of a segment of the segment-level equal error rate."""

OF_TRAINING, UNSEEN = "partial spoofs, systems of training", "partial spoofs, unseen systems"
"""What the rows of these figures are called in a card."""


@dataclass(frozen=True, eq=False)
class Judged:
    """A clip whose spoofed spans are known, as a timeline scored it.

    Attributes
    ----------
    llr : ndarray [shape=(steps,)]
        NaN where nothing is scored.
    segments : tuple of WindowScore
        What is marked.
    spans : tuple of (start, end)
        What is spoofed, in seconds; none in a bona fide clip.
    hop_s, duration_s : float
    group : str
        What clips share by which intervals are drawn: the spoofing system.
    """

    llr: NDArray[np.float64]
    segments: tuple[WindowScore, ...]
    spans: tuple[Span, ...]
    hop_s: float
    duration_s: float
    group: str

    @property
    def marked(self) -> list[Span]:
        """Return the marked segments as spans."""
        return [(segment.start_s, segment.end_s) for segment in self.segments]


class Figure(NamedTuple):
    """A figure and its 95 % interval over groups of clips; NaN where there are fewer than two groups."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float | None]:
        """Return the figure as plain JSON values; what is not known is None."""
        return {name: None if math.isnan(value) else round(value, 4) for name, value in self._asdict().items()}


def measure(clips: Sequence[Judged], *, resamples: int = RESAMPLES, seed: int = 0) -> dict[str, Figure]:
    """Return the figures of localisation.

    Parameters
    ----------
    clips : sequence of Judged
        With spoofed and with bona fide time among them.
    resamples : int
        Of groups, with replacement, for the intervals.
    seed : int

    Returns
    -------
    dict of str to Figure
        ``segment_eer`` at 160 ms, ``range_eer``, ``event_f1`` at an intersection over union of 0.5; ``miss_rate``
        (share of spoofed seconds that is not marked) and ``false_alarm_rate`` (share of bona fide seconds that is
        marked), at the rule by which the segments were marked.
    """
    groups = [clip.group for clip in clips]
    events = [event_counts(clip.marked, clip.spans) for clip in clips]
    seconds = [error_seconds(clip.marked, clip.spans, duration_s=clip.duration_s) for clip in clips]
    of_time: Mapping[str, Callable[[Sequence[int]], float]] = {
        "event_f1": lambda rows: EventCounts(*np.sum([events[row] for row in rows], axis=0)).f1,
        "miss_rate": lambda rows: _rate(seconds, rows, "miss_s", "spoof_s"),
        "false_alarm_rate": lambda rows: _rate(seconds, rows, "false_alarm_s", "bonafide_s"),
    }
    found = {"segment_eer": _segment_eer(clips, resamples, seed), "range_eer": _range_eer(clips, resamples, seed)}
    return found | {name: _drawn(of, groups, resamples, seed) for name, of in of_time.items()}


def _rate(seconds: Sequence[ErrorSeconds], rows: Sequence[int], wrong: str, of: str) -> float:
    total: Any = sum((getattr(seconds[row], of) for row in rows), start=0.0)
    return float(sum(getattr(seconds[row], wrong) for row in rows) / total) if total else math.nan


def _segment_eer(clips: Sequence[Judged], resamples: int, seed: int) -> Figure:
    parts = [segment_scores(clip.llr, clip.spans, hop_s=clip.hop_s, resolution_s=RESOLUTION_S) for clip in clips]
    scores, real = (np.concatenate(each) for each in zip(*parts, strict=True))
    groups = np.repeat([clip.group for clip in clips], [len(own) for own, _ in parts])
    rate, _ = equal_error_point(scores[real], scores[~real])
    return Figure(rate, *interval(resampled.eer, scores, real, groups, resamples=resamples, seed=seed))


def _range_eer(clips: Sequence[Judged], resamples: int, seed: int) -> Figure:
    steps = [step_durations(clip.llr, clip.spans, hop_s=clip.hop_s, duration_s=clip.duration_s) for clip in clips]

    def of(rows: Sequence[int]) -> float:
        own = [steps[row] for row in rows]
        # A resample may hold bona fide clips alone.
        has_both = any(each.spoof_s.any() for each in own) and any(each.bonafide_s.any() for each in own)
        return range_eer(own).rate if has_both or rows == everything else math.nan

    everything = range(len(clips))
    # Each resample sorts all steps anew: a fifth of the resamples is spread enough.
    return _drawn(of, [clip.group for clip in clips], max(1, resamples // 5), seed)


def _drawn(of: Callable[[Sequence[int]], float], groups: Sequence[str], resamples: int, seed: int) -> Figure:
    """Return a figure of rows, and its percentile interval over resampled groups that have it."""
    value = of(range(len(groups)))
    names, owner = np.unique(np.asarray(groups), return_inverse=True)
    if len(names) < 2:
        return Figure(value, math.nan, math.nan)
    members = [np.flatnonzero(owner == group) for group in range(len(names))]
    rng = np.random.default_rng(seed)
    draws = (rng.integers(len(names), size=len(names)) for _ in range(resamples))
    values = [of(np.concatenate([members[group] for group in draw]).tolist()) for draw in draws]
    low, high = np.nanquantile(values, (0.025, 0.975))
    return Figure(value, float(low), float(high))
