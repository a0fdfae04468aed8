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
        self._scored, self._chosen = threading.Event(), threading.Event()
        self._problem: SpoofscopeError | None = None
        self.shown: list[Shown] = []
        self.first: Shown | None = None
        self.explanation: Explanation | None = None

    def prepare(self) -> None:
        """Find and score the examples, and explain one of them."""
        from core.showcase import showcase

        try:
            self.shown = list(showcase(self._resources.examples, self._resources.panel))
            self._scored.set()
            self._choose()
        except SpoofscopeError as error:
            self._problem = error
            raise
        finally:
            self._scored.set()
            self._chosen.set()

    def _choose(self) -> None:
        for found in sorted(self.shown, key=_place):
            explanation = self._explained(found)
            if self.first is None or is_evidence(explanation):
                self.first, self.explanation = found, explanation
            if is_evidence(explanation):
                return

    def _explained(self, found: "Shown") -> "Explanation | None":
        """Return the explanation that would be shown of it unasked; None where there is none."""
        from core.session import explained_first

        resources = self._resources
        name = explained_first(found.analysis, resources.panel)
        if name is None or resources.default_method(name) is None:
            return None
        return resources.explain(found.analysis, name, None)

    def wait(self, *, chosen: bool = True) -> bool:
        """Wait until the examples are scored, and the first of them is chosen and explained; return whether it is so.

        Parameters
        ----------
        chosen : bool
            False waits for the scores alone.

        Raises
        ------
        SpoofscopeError
            When they could not be made.
        """
        ready = (self._chosen if chosen else self._scored).wait(_PATIENCE_S)
        if self._problem is not None:
            raise self._problem
        return ready


def _place(shown: "Shown") -> bool:
    """Return where an example comes in the choice: spoofs that the panel gets right before all others."""
    return not (shown.example.label == "spoof" and shown.outcome == "right")
