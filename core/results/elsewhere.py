"""How often the panel's verdict is wrong on recordings from elsewhere: systems, voices and rooms it was not set on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analysis.bootstrap import RESAMPLES

if TYPE_CHECKING:
    from core.analysis.verdict import Decision
    from core.results.store import Run

__all__ = ["Elsewhere", "ErrorRate", "errors_elsewhere"]

_SLICE = "published"


@dataclass(frozen=True)
class ErrorRate:
    """``errors`` of ``n`` clips, and the 95 % interval of their share (NaN where nothing is known of it)."""

    errors: int
    n: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The rate, 0 to 1."""
        return self.errors / self.n


@dataclass(frozen=True)
class Elsewhere:
    """Errors on clips of public demonstration pages, at the thresholds of the verdict.

    Attributes
    ----------
    false_alarms : ErrorRate
        Real speech called spoofed.
    misses : ErrorRate
        Spoofs called bona fide.
    """

    false_alarms: ErrorRate
    misses: ErrorRate


def errors_elsewhere(run: "Run", decision: "Decision", *, resamples: int = RESAMPLES) -> Elsewhere | None:
    """Return the panel's errors on the run's published clips; None where the run lacks a class of them.

    Parameters
    ----------
    run : Run
        Its panel must be the one that ``decision`` belongs to.
    decision : Decision
    resamples : int
        Of the bootstrap over speakers and recordings that gives the intervals.
    """
    from core.analysis.bootstrap import intervals, repeated
    from core.analysis.slices import in_slice
    from core.analysis.tables import interval_groups

    frame = run.panel[in_slice(run.panel, _SLICE, ())]
    real = (frame["label"] == "bonafide").to_numpy(dtype=bool)
    if real.all() or not real.any():
        return None
    scores = frame["score"].to_numpy(dtype=float)
    metrics = {
        "false_alarms": repeated(lambda bonafide, _: _share(bonafide < decision.spoof_below)),
        "misses": repeated(lambda _, spoof: _share(spoof > decision.bonafide_above)),
    }
    ends = intervals(metrics, scores, real, interval_groups(frame), resamples=resamples)
    wrong = {"false_alarms": scores[real] < decision.spoof_below, "misses": scores[~real] > decision.bonafide_above}
    return Elsewhere(**{name: ErrorRate(int(each.sum()), len(each), *ends[name]) for name, each in wrong.items()})


def _share(wrong: NDArray[np.bool_]) -> float:
    return float(wrong.mean())
