"""Clips that are called so at a threshold: rightly, wrongly, a false alarm, a miss."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.analysis.calibration import p_spoof
from core.results.conditions.base import Condition, Mask, number, register, text
from core.results.conditions.columns import llr_of

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["Called"]

_BOTH = ("bonafide", "spoof", "right", "wrong", "false alarm", "miss")
_CALLED = {
    "bonafide": "called bona fide", "spoof": "called spoof", "right": "called rightly", "wrong": "called wrongly",
    "false alarm": "false alarm", "miss": "missed spoof",
}  # fmt: skip


@register
@dataclass(frozen=True)
class Called(Condition):
    """What a detector, or the panel, calls a clip where log-likelihood ratios below ``threshold`` are called spoof.

    ``how`` is "bonafide", "spoof", "right", "wrong", "false alarm" or "miss".
    """

    detector: str
    threshold: float
    how: str = "wrong"
    KIND = "called"

    @property
    def about(self) -> str:
        """The detector's calls."""
        return f"call {self.detector}"

    def mask(self, run: "Run") -> Mask:
        """Return which clips are called so."""
        spoof, real, fake = llr_of(run, self.detector) < self.threshold, run.real, run.fake
        found = {
            "bonafide": ~spoof, "spoof": spoof, "right": spoof & fake | ~spoof & real,
            "wrong": spoof & real | ~spoof & fake, "false alarm": spoof & real, "miss": ~spoof & fake,
        }[self.how]  # fmt: skip
        return found

    def words(self) -> str:
        """Return such as *called wrongly by panel, spoof from P(spoof) 0.50*."""
        return f"{_CALLED[self.how]} by {self.detector}, spoof from P(spoof) {float(p_spoof(self.threshold)):.2f}"

    def values(self) -> list[Any]:
        """Return detector, threshold and how."""
        return [self.detector, self.threshold, self.how]

    @classmethod
    def from_values(cls, values: list[Any]) -> "Called":
        """Return the condition of a detector's name, a number, and what is called how."""
        detector, threshold, how = values
        if how not in _BOTH:
            raise ValueError(f"what is called is one of {', '.join(_BOTH)}")
        found = number(threshold)
        if found is None:
            raise ValueError("it needs a threshold")
        return cls(text(detector), found, how)
