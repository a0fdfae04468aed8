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
    """Yield the first real recording and the first spoof that the panel gets right, and the first that it gets wrong.

    The examples are scored one after the other, and no more of them than it takes; a kind that does not occur is left
    out.
    """
    from core.usecases import analyse_file

    wanted = {("right", "bonafide"), ("right", "spoof"), ("wrong", "")}
    for example in examples:
        kinds = {("right", example.label), ("wrong", "")}
        if not wanted & kinds:
            continue
        shown = Shown(example, analyse_file(example.path, panel, name=example.name))
        kind = (shown.outcome, example.label if shown.outcome == "right" else "")
        if kind in wanted:
            wanted.discard(kind)
            yield shown
        if not wanted:
            return
