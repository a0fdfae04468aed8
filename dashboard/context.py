"""What every view is given: the detectors, the chosen run and its selected clips, and the page's wiring."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from dashboard.resources import Resources

if TYPE_CHECKING:
    import gradio as gr

    from core.results.selection import Condition, Selection
    from core.results.store import Run
    from core.usecases import Panel

__all__ = ["AT_ONCE", "QUIET", "Context", "Resources", "opening", "requested", "requested_run"]

# Settings of events that only the page itself causes: no endpoint of the API, no spinner. By itself Gradio drops what
# is asked while the question before is open; the last one asked is the one that counts.
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "always_last"}
#: Not queued either: what is asked for again is sent, whatever became of the answer before.
AT_ONCE: dict[str, Any] = {**QUIET, "queue": False, "trigger_mode": "multiple"}


@dataclass(frozen=True)
class Context:
    """Handed to each view's ``build``.

    Attributes
    ----------
    resources : Resources
        Panel and runs; use them inside event handlers only, they take a while at first.
    dark : gr.Checkbox
        Hidden; true while the page is dark. An input for every handler that returns a figure.
    analyse_request : gr.Textbox
        Hidden; set it to ``opening(path, choice)`` of a clip of a run and *Analyse* opens that clip.
    tabs : gr.Tabs
        The page's tabs; ``gr.Tabs(selected="map")`` as an output opens one.
    tab : gr.Tab
        The view's own tab.
    page : gr.Blocks
        The whole page, for ``page.load``.
    run_choice : gr.Textbox
        Hidden; the key of the run that the visitor has chosen, "" for the one that opens by itself. An input for every
        handler that takes something from a run: ``run(choice)`` or ``selected(choice, selection)``.
    selection : gr.Textbox
        Hidden; the text of the visitor's selection (``core.results.selection.Selection.text``). Set it by ``select``.
    redraw : gr.Textbox
        Hidden; the browser changes that of the tab that is open when scheme, run or selection change.
    ready : callable
        Whether there is what the view needs, given choice and selection; ``on_show`` calls no handler before
        (``dashboard.needs``).
    """

    resources: Resources
    dark: "gr.Checkbox"
    analyse_request: "gr.Textbox"
    tabs: "gr.Tabs"
    tab: "gr.Tab"
    page: "gr.Blocks"
    run_choice: "gr.Textbox"
    selection: "gr.Textbox"
    redraw: "gr.Textbox"
    ready: Callable[[str, str], bool] = lambda choice, selection: True

    @property
    def panel(self) -> "Panel":
        """The detectors (see ``Resources.panel``)."""
        return self.resources.panel

    def run(self, choice: str = "") -> "Run | None":
        """Return the chosen run with all its clips, or None (see ``Resources.run_of``)."""
        return self.resources.run_of(choice)

    def run_problem(self, choice: str = "") -> str | None:
        """Return why there is no such run, or None."""
        return self.resources.problem_of(choice)

    def selected(self, choice: str = "", selection: str = "") -> "Run | None":
        """Return the selected clips of the chosen run as a run of their own; None where there is no run.

        Its ``whole`` is the run with all clips, its ``positions`` are where the selected ones stand there.

        Raises
        ------
        ResultsError
            When the selection does not fit the run. Handlers of ``on_show`` are not called then.
        """
        from core.results.selected import selected

        run = self.run(choice)
        return None if run is None else selected(run, selection)

    def on_show(
        self, fn: Callable[..., Any], *, inputs: Sequence[Any] = (), outputs: Sequence[Any], js: str | None = None
    ) -> Any:
        """Call ``fn(dark, choice, selection, *inputs)`` whenever what the tab shows may have changed.

        That is when it is opened, and when it is open and the page turns light or dark, another run is chosen, or other
        clips are selected. ``choice`` and ``selection`` are for ``run`` and ``selected``. Until the answer is there,
        what the outputs show of another run or selection is greyed. ``js`` makes the inputs' values in the browser.

        Returns the event, for ``then`` and ``failure``.
        """
        from dashboard.components.busy import following
        from dashboard.components.relay import relayed
        from dashboard.needs import guarded

        given = [self.dark, self.run_choice, self.selection, *inputs]
        asked, answered = following(outputs, len(given), js)
        event = relayed([self.tab.select, self.redraw.change])(
            guarded(fn, self.ready, len(outputs)), inputs=given, outputs=list(outputs), queue=True, js=asked, **QUIET,
        )  # fmt: skip
        event.then(None, None, None, js=answered, api_visibility="private")
        return event

    def select(
        self, event: Callable[..., Any], to_selection: "Callable[..., Selection | Condition | None]",
        inputs: Sequence[Any] = (),
    ) -> Any:  # fmt: skip
        """Wire an event so that it selects clips, for all tabs.

        Parameters
        ----------
        event : callable
            Such as ``button.click`` or a clickable container's ``select``.
        to_selection : callable
            ``to_selection(event, run, *inputs)`` is given Gradio's event and the whole chosen run, and returns a
            condition that comes on top of those there are (in place of one about the same), a selection that takes
            their place, or None to leave all as it is.
        inputs : sequence of components

        Returns
        -------
        event
            For ``then``.
        """
        import gradio as gr

        from core.results.selection import Selection

        def chosen(data: gr.EventData, choice: str, text: str, *given: Any) -> Any:
            run = self.run(choice)
            found = None if run is None else to_selection(data, run, *given)
            if found is None:
                return gr.skip()
            return (found if isinstance(found, Selection) else Selection.parse(text) & found).text

        return event(chosen, [self.run_choice, self.selection, *inputs], self.selection, **QUIET)

    def open_in_analyse(self, event: Callable[..., Any], path: "gr.Textbox") -> None:
        """Wire an event (such as ``button.click``) so that it opens the clip whose path in the run ``path`` holds."""
        import gradio as gr

        event(opening, [path, self.run_choice], self.analyse_request, **QUIET).then(
            lambda asked: gr.Tabs(selected="analyse") if asked else gr.skip(), self.analyse_request, self.tabs, **QUIET
        ).then(None, None, None, js="() => window.scrollTo({top: 0})")


def opening(path: str | None, choice: str = "") -> str:
    """Return a request to open a clip of a run, unlike any before: the same one again would be no change."""
    return f"{uuid4().hex}.{choice} {path}" if path else ""


def requested(request: str | None) -> str:
    """Return the path of the clip that a request asks for; "" where it asks for none."""
    return (request or "").partition(" ")[2]


def requested_run(request: str | None) -> str:
    """Return the key of the run that a requested clip is of."""
    return (request or "").partition(" ")[0].partition(".")[2]
