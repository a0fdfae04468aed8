"""Clips whose score lies between two."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.analysis.calibration import p_spoof
from core.results.conditions.base import Condition, Mask, number, register, text
from core.results.conditions.columns import llr_of, span, within

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["Scored"]


@register
@dataclass(frozen=True)
class Scored(Condition):
    """A detector, or the panel, gives a log-likelihood ratio from ``low`` up to, but not including, ``high``."""

    detector: str
    low: float | None = None
    high: float | None = None
    KIND = "scored"

    @property
    def about(self) -> str:
        """The detector's score."""
        return f"score {self.detector}"

    def mask(self, run: "Run") -> Mask:
        """Return which clips are scored so."""
        return within(llr_of(run, self.detector), self.low, self.high)

    def words(self) -> str:
        """Return such as *P(spoof) by panel from 0.30 to 0.70*: higher scores are lower probabilities."""
        low, high = (None if end is None else f"{float(p_spoof(end)):.2f}" for end in (self.high, self.low))
        return f"P(spoof) by {self.detector} {span(low, high)}"

    def values(self) -> list[Any]:
        """Return detector, low and high."""
        return [self.detector, self.low, self.high]

    @classmethod
    def from_values(cls, values: list[Any]) -> "Scored":
        """Return the condition of a detector's name and two numbers or None."""
        detector, low, high = values
        return cls(text(detector), number(low), number(high))
