"""The tabs: every module here with ``TITLE``, ``ORDER`` and ``build(context)`` is one, found by itself."""

import importlib
import pkgutil
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from dashboard.context import Context

__all__ = ["View", "tab_id", "views"]

_KNOWN_NEEDS = frozenset({"run"})


class View(Protocol):
    """What a module of this package offers: one tab.

    Attributes
    ----------
    TITLE : str
        The word on the tab.
    ORDER : int
        Tabs stand from the smallest to the largest.
    NEEDS : frozenset of str
        What the view cannot do without; may be left out. "run": where there is no reference run the page says so in
        the view's place, and calls none of its handlers.
    """

    __name__: str
    TITLE: str
    ORDER: int
    NEEDS: frozenset[str]

    def build(self, context: "Context") -> None:
        """Lay out the tab's components and wire them; called once, inside its ``gr.Tab``.

        Must be quick and touch neither run nor detectors: ask ``context`` for those inside event handlers.
        """


def tab_id(view: View) -> str:
    """Return the id by which the page selects a view's tab: the module's own name ("analyse")."""
    return view.__name__.rsplit(".", 1)[-1]


def views() -> list[View]:
    """Return the modules of this package that are views, in the order of their tabs.

    Raises
    ------
    ImportError
        When a module here is no view: it lacks ``TITLE``, ``ORDER`` or ``build``, or needs what there is not.
    """
    found: list[View] = []
    for entry in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{entry.name}")
        missing = [name for name in ("TITLE", "ORDER", "build") if not hasattr(module, name)]
        if missing:
            raise ImportError(f"{module.__name__} is no view: it has no {', '.join(missing)}.")
        view = cast(View, module)
        view.NEEDS = frozenset(getattr(module, "NEEDS", ()))
        if unknown := view.NEEDS - _KNOWN_NEEDS:
            raise ImportError(f"{module.__name__} needs {', '.join(sorted(unknown))}: a view can need only a run.")
        found.append(view)
    return sorted(found, key=lambda view: (view.ORDER, view.TITLE))
