"""The examples on the first screen: which to show, and the one that is analysed before anybody asks."""

import threading
from typing import TYPE_CHECKING

from core.errors import SpoofscopeError

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
    explanation : Explanation or None
        Of ``first``.
    """

    def __init__(self, resources: "Resources") -> None:
        self._resources = resources
        self._ready = threading.Event()
        self._problem: SpoofscopeError | None = None
        self.shown: list[Shown] = []
        self.explanation: Explanation | None = None

    def prepare(self) -> None:
        """Find and score the examples, and explain the first spoof among them."""
        from core.showcase import showcase
        from core.usecases import deciding_member

        try:
            self.shown = list(showcase(self._resources.examples, self._resources.panel))
            if (found := self.first) is not None:
                name = deciding_member(found.analysis, self._resources.panel)
                self.explanation = self._resources.explain(found.analysis, name, None)
        except SpoofscopeError as error:
            self._problem = error
            raise
        finally:
            self._ready.set()

    @property
    def first(self) -> "Shown | None":
        """The example that is shown analysed: a spoof that the panel gets right, or else any."""
        spoofs = [shown for shown in self.shown if shown.example.label == "spoof" and shown.outcome == "right"]
        return next(iter(spoofs or self.shown), None)

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
