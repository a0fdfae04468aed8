"""What a detector predicts for a clip: one record, used by detectors, analyses and the page alike."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.analysis.verdict import Decision

__all__ = ["ClipScore", "WindowScore"]


@dataclass(frozen=True)
class WindowScore:
    """The score of one stretch of a clip: a detector's window, or a piece of the panel's timeline.

    Attributes
    ----------
    start_s, end_s : float
        Seconds of the clip.
    score : float
        Calibrated log-likelihood ratio; of a piece of the timeline the panel's score. Higher = more bona fide.
    raw : float or None
        The network's own output; None for a piece of the timeline, which several networks made.
    """

    start_s: float
    end_s: float
    score: float
    raw: float | None = None

    @property
    def p_spoof(self) -> float:
        """Probability of spoof, at the prior of who scored: 0.5 of a detector."""
        return float(p_spoof(self.score))


@dataclass(frozen=True, eq=False)
class ClipScore:
    """What one detector predicts for one clip.

    Attributes
    ----------
    name : str
        The detector's.
    raw : float
        Mean of the windows' raw outputs; higher = more bona fide.
    score : float
        Calibrated: the log-likelihood ratio of bona fide against spoof.
    windows : tuple of WindowScore
        In order of time; together they cover the clip. Each counts once in the mean, whatever they share.
    embedding : ndarray [shape=(d,), float32]
        Mean of the windows' embeddings.
    padded_s : float
        Seconds by which a short clip was repeated to fill the first window.
    calibrated : bool
        False where ``score`` is no measured likelihood ratio.
    decision : Decision
        The detector's own thresholds.
    cells : tuple of ndarray [shape=(bands, steps), float32]
        For each window the local outputs that its raw output is the mean of: what a map of the clip is made of
        (``core.detectors.cells``, the method ``native``). Empty where it is no such mean.
    """

    name: str
    raw: float
    score: float
    windows: tuple[WindowScore, ...]
    embedding: NDArray[np.float32]
    padded_s: float
    calibrated: bool
    decision: Decision
    cells: tuple[NDArray[np.float32], ...] = field(default=(), repr=False)

    @property
    def p_spoof(self) -> float:
        """Probability of spoof at a prior of 0.5."""
        return float(p_spoof(self.score))

    @property
    def verdict(self) -> str:
        """The detector's own verdict, in the words of ``core.analysis.verdict``."""
        return self.decision.verdict(self.score)

    def to_json(self, *, raw: bool = False) -> dict[str, Any]:
        """Return the record as plain JSON values; ``raw`` gives the network's own bona fide output as scores."""
        return {
            "p_spoof": self.p_spoof,
            "score": self.raw if raw else self.score,
            "verdict": self.verdict,
            "calibrated": self.calibrated,
            "padded_s": self.padded_s,
            "windows": [
                {"start_s": w.start_s, "end_s": w.end_s, "score": w.raw if raw else w.score} for w in self.windows
            ],
        }
