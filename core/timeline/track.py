"""The timeline of a recording: a calibrated score every step, and the segments that it marks."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.analysis.verdict import Decision
from core.audio.clip import SAMPLE_RATE
from core.detectors.card import Localisation
from core.detectors.score import WindowScore
from core.timeline.segments import calibrated, find_segments

if TYPE_CHECKING:
    from core.detectors.cells import CellMap
    from core.detectors.detector import ClipScore, Detector

__all__ = ["Timeline", "rule_of", "timeline", "timeline_of"]


@dataclass(frozen=True, eq=False)
class Timeline:
    """What a detector scores over time.

    Attributes
    ----------
    detector : str
    llr : ndarray [shape=(steps,)]
        Log-likelihood ratio of each step, higher = more bona fide; NaN in digital silence.
    hop_s : float
        Step k covers ``k * hop_s`` to ``(k + 1) * hop_s``.
    duration_s : float
        Of the recording.
    segments : tuple of WindowScore
        What is marked, in order of time.
    rule : Localisation
        By which it was marked.
    calibrated : bool
        False where ``llr`` is no measured likelihood ratio: nothing was fitted for this detector.
    """

    detector: str
    llr: NDArray[np.float64]
    hop_s: float
    duration_s: float
    segments: tuple[WindowScore, ...]
    rule: Localisation
    calibrated: bool

    @property
    def p_spoof(self) -> NDArray[np.float64]:
        """Probability of spoof of each step at a prior of 0.5 [shape=(steps,)]; NaN in digital silence."""
        known = ~np.isnan(self.llr)
        probability = np.full(self.llr.shape, np.nan)
        probability[known] = p_spoof(self.llr[known])
        return probability

    @property
    def sure_segments(self) -> tuple[WindowScore, ...]:
        """The marked segments that are sure enough for a verdict (``Localisation.verdict_below``)."""
        limit = self.rule.verdict_below
        return tuple(segment for segment in self.segments if limit is not None and segment.score < limit)

    @property
    def marked_s(self) -> float:
        """Seconds that are marked."""
        return sum((segment.end_s - segment.start_s for segment in self.segments), start=0.0)

    @property
    def scored_s(self) -> float:
        """Seconds that are scored: all but digital silence."""
        return min(float((~np.isnan(self.llr)).sum()) * self.hop_s, self.duration_s)

    def to_json(self) -> dict[str, Any]:
        """Return the timeline as plain JSON values; a step that is not scored is None."""
        return {
            "detector": self.detector,
            "calibrated": self.calibrated,
            "duration_s": self.duration_s,
            "hop_s": self.hop_s,
            "p_spoof": [None if math.isnan(value) else round(float(value), 4) for value in self.p_spoof],
            "segments": [
                {"start_s": segment.start_s, "end_s": segment.end_s, "p_spoof": segment.p_spoof}
                for segment in self.segments
            ],
        }


def timeline(waveform: NDArray[np.float32], detector: "Detector", *, score: "ClipScore | None" = None) -> Timeline:
    """Score a recording over time and mark its segments.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz.
    detector : Detector
        One whose network has cells.
    score : ClipScore, optional
        The detector's score of the recording, where it is known already: nothing is computed twice.

    Raises
    ------
    ExplanationError
        When it has none.
    """
    # It brings PyTorch, and who imports this module may want the type alone.
    from core.detectors.cells import map_cells

    cells = map_cells(waveform, detector, score=score)
    return timeline_of(cells, detector, duration_s=len(waveform) / SAMPLE_RATE)


def timeline_of(cells: "CellMap", detector: "Detector", *, duration_s: float) -> Timeline:
    """Return the timeline of cells that are known already; see ``timeline``."""
    rule = rule_of(detector)
    llr = calibrated(cells.over_time, rule, hop_s=cells.hop_s)
    segments = find_segments(llr, rule, hop_s=cells.hop_s, duration_s=duration_s)
    fitted = detector.card.localisation is not None
    return Timeline(detector.name, llr, cells.hop_s, duration_s, segments, rule, fitted)


def rule_of(detector: "Detector") -> Localisation:
    """Return how the detector's cells are calibrated and segments marked: by its card.

    A detector whose card has nothing on that is calibrated as for whole clips, and marks what its thresholds for whole
    clips would call spoofed.
    """
    if detector.card.localisation is not None:
        return detector.card.localisation
    whole, unset = detector.calibration, Decision()
    return Localisation(
        slope=whole.slope, intercept=whole.intercept, smooth_s=0.2, mark_below=unset.spoof_below, keep_below=0.0,
        shortest_s=0.1, gap_s=0.1, basis=f"calibrated for whole clips; {unset.basis}",
    )  # fmt: skip
