"""The examples on the first screen: which to show, and the one that is analysed before anybody asks."""

import threading
from typing import TYPE_CHECKING

from core.errors import SpoofscopeError
from dashboard.components.explained import is_evidence

if TYPE_CHECKING:
    from core.explain.base import Explanation
    from core.showcase import Shown
    from dashboard.resources import Resources

__all__ = ["Featured"]

_PATIENCE_S = 300.0


class Featured:
    """Examples scored and one of them explained in the background, from when ``prepare`` is called.

    Parameters
    ----------
    resources : Resources

    Attributes
    ----------
    shown : list of Shown
        What is ready so far.
    first : Shown or None
        The example that is shown analysed: a spoof that the panel gets right, or else any, but sooner one whose
        evidence is faithful.
    explanation : Explanation or None
        Of ``first``.
    """

    def __init__(self, resources: "Resources") -> None:
        self._resources = resources
        self._ready = threading.Event()
        self._problem: SpoofscopeError | None = None
        self.shown: list[Shown] = []
        self.first: Shown | None = None
        self.explanation: Explanation | None = None

    def prepare(self) -> None:
        """Find and score the examples, and explain one of them."""
        from core.showcase import showcase

        try:
            self.shown = list(showcase(self._resources.examples, self._resources.panel))
            self._choose()
        except SpoofscopeError as error:
            self._problem = error
            raise
        finally:
            self._ready.set()

    def _choose(self) -> None:
        for found in sorted(self.shown, key=_place):
            explanation = self._explained(found)
            if self.first is None or is_evidence(explanation):
                self.first, self.explanation = found, explanation
            if is_evidence(explanation):
                return

    def _explained(self, found: "Shown") -> "Explanation | None":
        """Return the explanation of the member that decides most of those whose map is faithful, or else of all.

        None where no member's maps are better than chance.
        """
        from core.usecases import by_contribution

        resources = self._resources
        names = [name for name in by_contribution(found.analysis, resources.panel) if resources.default_method(name)]
        if not names:
            return None
        first = resources.explain(found.analysis, names[0], None)
        others = (resources.explain(found.analysis, name, None) for name in names[1:])
        return first if is_evidence(first) else next(filter(is_evidence, others), first)

    def wait(self) -> bool:
        """Wait until the examples are ready, and return whether they are.

        Raises
        ------
        SpoofscopeError
            When they could not be made.
        """
        ready = self._ready.wait(_PATIENCE_S)
        if self._problem is not None:
            raise self._problem
        return ready


def _place(shown: "Shown") -> bool:
    """Return where an example comes in the choice: spoofs that the panel gets right before all others."""
    return not (shown.example.label == "spoof" and shown.outcome == "right")
