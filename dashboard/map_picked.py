"""The selected clips below the map: their figures, their table, and playing them one after another."""

from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.errors import SpoofscopeError
from core.results.picked import picked
from dashboard.components.clip_dock import show_clip
from dashboard.components.markup import Markup, empty
from dashboard.components.pager import PAGE_ROWS, saved_as, turned
from dashboard.components.picked import INVITATION, picked_rows, picked_text
from dashboard.exporting import all_rows
from dashboard.mapping import on_show, positions_of

if TYPE_CHECKING:
    from core.results.store import Run
    from dashboard.context import Context

__all__ = ["MapPicked"]

_LISTED = ("system", "kind", "speaker", "source")
_ABSENT = (gr.skip(), gr.skip(), gr.skip(), gr.skip())


class MapPicked:
    """The handlers of these panes.

    Parameters
    ----------
    context : Context
    owner : component, optional
        The table, which hands over the file of all rows.
    """

    def __init__(self, context: "Context", owner: "gr.HTML | None" = None) -> None:
        self.context, self._owner = context, owner

    def first_page(self, choice: str, selection: str, drawn: str, path: str) -> tuple[Any, ...]:
        """Return figures and the first rows of what is selected, whether it can be played, and the page."""
        run, (_, detector, _) = self._of(choice, selection), on_show(drawn)
        if run is None or not selection or not detector:
            return empty(INVITATION), "", gr.Button(visible=False), 1
        figures = picked_text(picked(run.whole, detector, run.positions), detector)
        return figures, self._rows(run, detector, 1, path), gr.Button(visible=len(run) > 0), 1

    def pressed(
        self, choice: str, selection: str, drawn: str, path: str, page: int, event: gr.EventData
    ) -> tuple[Any, ...]:  # fmt: skip
        """Turn the page, or show and play the clip of a row."""
        run, (_, detector, _) = self._of(choice, selection), on_show(drawn)
        if run is None:
            return (*_ABSENT, gr.skip(), gr.skip(), gr.skip())
        if other := turned(event):
            rows = self._rows(run, detector, other, path)
            if (ending := saved_as(event)) is not None and self._owner is not None:
                from core.results.exporting import clips_table

                rows += all_rows(self._owner, clips_table(run).to_pandas(), f"{run.whole.key}-{len(run)}-clips", ending)
            return (*_ABSENT, rows, other, gr.skip())
        return self._played(run, detector, str(event.value), choice, page, goes_on=False)

    def play_all(self, choice: str, selection: str, drawn: str, path: str, page: int) -> tuple[Any, ...]:
        """Begin to play the selected clips one after another, from the first."""
        return self._step(choice, selection, drawn, 0)

    def play_next(
        self, choice: str, selection: str, drawn: str, path: str, page: int, playing: bool
    ) -> tuple[Any, ...]:  # fmt: skip
        """Play the clip after the one that has ended, where they play one after another."""
        run = self._of(choice, selection)
        found = positions_of(run, path) if playing and run is not None else np.arange(0)
        if not len(found):
            return (*_ABSENT, gr.skip(), gr.skip(), False)
        return self._step(choice, selection, drawn, int(found[0]) + 1)

    def _step(self, choice: str, selection: str, drawn: str, at: int) -> tuple[Any, ...]:
        run, (_, detector, _) = self._of(choice, selection), on_show(drawn)
        if run is None or at >= len(run):
            return (*_ABSENT, gr.skip(), gr.skip(), False)
        path = str(run.rows([at], ["path"])["path"].iloc[0])
        return self._played(run, detector, path, choice, 1 + at // PAGE_ROWS, goes_on=True)

    def _played(
        self, run: "Run", detector: str, path: str, choice: str, page: int, *, goes_on: bool
    ) -> tuple[Any, ...]:  # fmt: skip
        dock = show_clip(self.context, path, choice)
        return (*dock, self._rows(run, detector, page, path), page, goes_on)

    def _of(self, choice: str, selection: str) -> "Run | None":
        try:
            return self.context.selected(choice, selection)
        except SpoofscopeError:
            # The line above the view has the reason.
            return None

    def _rows(self, run: "Run", detector: str, page: int, path: str) -> Markup:
        at: NDArray[np.intp] = np.arange(len(run))[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
        columns = [name for name in _LISTED if name in run.columns]
        labels = [name for name in ("label",) if name in run.columns]
        clips = run.rows(at, ["path", *labels, *columns]).assign(p_spoof=p_spoof(run.llr(detector)[at]))
        return picked_rows(clips, columns, total=len(run), page=page, playing=path)
