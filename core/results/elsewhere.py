"""How often the panel's verdict is wrong on recordings from elsewhere: systems, voices and rooms it was not set on."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

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


def errors_elsewhere(run: "Run", decision: "Decision") -> Elsewhere | None:
    """Return the panel's errors on the run's published clips; None where the run lacks a class of them.

    Parameters
    ----------
    run : Run
        Its panel must be the one that ``decision`` belongs to.
    decision : Decision
    """
    from core.results.queries import PANEL, cut

    here = cut(run, PANEL, _SLICE)
    if not here.whole:
        return None
    (alarms, _), (_, misses) = (here.error_intervals(at) for at in (decision.spoof_below, _above(decision)))
    report, other = here.scores.report(decision.spoof_below), here.scores.report(_above(decision))
    return Elsewhere(
        ErrorRate(report.fp, report.fp + report.tn, *alarms), ErrorRate(other.fn, other.fn + other.tp, *misses)
    )


def _above(decision: "Decision") -> float:
    """Return the lowest score that the verdict calls bona fide: it must lie above the threshold, not on it."""
    return math.nextafter(decision.bonafide_above, math.inf)
