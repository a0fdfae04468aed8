"""Which examples to show first: real speech, a spoof, and one that the panel gets wrong, found by scoring them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from core.analysis.verdict import BONAFIDE, SPOOFED

if TYPE_CHECKING:
    from core.audio.examples import Example
    from core.panel import Panel
    from core.usecases import Analysis

__all__ = ["Shown", "showcase"]

Outcome = Literal["right", "wrong", "not sure"]
_RIGHT = {"bonafide": BONAFIDE, "spoof": SPOOFED}
_WRONG = {"bonafide": SPOOFED, "spoof": BONAFIDE}


@dataclass(frozen=True)
class Shown:
    """An example with the panel's analysis of it."""

    example: "Example"
    analysis: "Analysis"

    @property
    def outcome(self) -> Outcome:
        """Whether the verdict is what the example is."""
        if self.analysis.verdict == _RIGHT[self.example.label]:
            return "right"
        return "wrong" if self.analysis.verdict == _WRONG[self.example.label] else "not sure"


def showcase(examples: Iterable["Example"], panel: "Panel") -> Iterator[Shown]:
    """Yield the clearest real recording and the clearest spoof that the panel gets right, and the worst of its errors.

    The clearest is the one whose score lies farthest on its verdict's side. A kind that does not occur is left out.
    """
    from core.usecases import analyse_file

    scored = [Shown(example, analyse_file(example.path, panel, name=example.name)) for example in examples]
    for outcome, label in (("right", "bonafide"), ("right", "spoof"), ("wrong", "")):
        fitting = [one for one in scored if one.outcome == outcome and label in ("", one.example.label)]
        if fitting:
            yield max(fitting, key=_clearness)


def _clearness(shown: Shown) -> float:
    analysis = shown.analysis
    return analysis.score if analysis.verdict == BONAFIDE else -analysis.score
