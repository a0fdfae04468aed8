"""What every view is given: the detectors and the reference run, and the page's wiring."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from dashboard.resources import Resources

if TYPE_CHECKING:
    import gradio as gr

    from core.results.store import Run
    from core.usecases import Panel

__all__ = ["QUIET", "Context", "Resources", "opening", "requested"]

# Settings of events that only the page itself causes: no endpoint of the API, no spinner. By itself Gradio drops what
# is asked while the question before is open; the last one asked is the one that counts.
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "always_last"}


@dataclass(frozen=True)
class Context:
    """Handed to each view's ``build``.

    Attributes
    ----------
    resources : Resources
        Panel and reference run; use them inside event handlers only, they take a while at first.
    dark : gr.Checkbox
        Hidden; true while the page is dark. An input for every handler that returns a figure.
    analyse_request : gr.Textbox
        Hidden; set it to ``opening(path)`` of a clip of the reference run and *Analyse* opens that clip.
    tabs : gr.Tabs
        The page's tabs; ``gr.Tabs(selected="map")`` as an output opens one.
    tab : gr.Tab
        The view's own tab.
    page : gr.Blocks
        The whole page, for ``page.load``.
    ready : callable
        Whether there is what the view needs; ``on_show`` calls no handler before (``dashboard.needs``).
    """

    resources: Resources
    dark: "gr.Checkbox"
    analyse_request: "gr.Textbox"
    tabs: "gr.Tabs"
    tab: "gr.Tab"
    page: "gr.Blocks"
    ready: Callable[[], bool] = lambda: True

    @property
    def panel(self) -> "Panel":
        """The detectors (see ``Resources.panel``)."""
        return self.resources.panel

    @property
    def run(self) -> "Run | None":
        """The reference run or None (see ``Resources.run``)."""
        return self.resources.run

    @property
    def run_problem(self) -> str | None:
        """Why there is no reference run, or None."""
        return self.resources.run_problem

    def on_show(
        self, fn: Callable[..., Any], *, inputs: Sequence[Any] = (), outputs: Sequence[Any], **more: Any
    ) -> Any:
        """Call ``fn(dark, *inputs)`` whenever the tab is opened and whenever the page turns light or dark.

        Returns the event, for ``then`` and ``failure``.
        """
        import gradio as gr

        from dashboard.needs import guarded

        return gr.on(
            [self.tab.select, self.dark.change],
            guarded(fn, self.ready, len(outputs)), inputs=[self.dark, *inputs], outputs=list(outputs),
            api_visibility="private", show_progress="hidden", queue=True, **more,
        )  # fmt: skip

    def open_in_analyse(self, event: Callable[..., Any], path: "gr.Textbox") -> None:
        """Wire an event (such as ``button.click``) so that it opens the clip whose path in the run ``path`` holds."""
        import gradio as gr

        event(opening, path, self.analyse_request, **QUIET).then(
            lambda asked: gr.Tabs(selected="analyse") if asked else gr.skip(), self.analyse_request, self.tabs, **QUIET
        ).then(None, None, None, js="() => window.scrollTo({top: 0})")


def opening(path: str | None) -> str:
    """Return a request to open a clip, unlike any before: the same one again would be no change, and go unheard."""
    return f"{uuid4().hex} {path}" if path else ""


def requested(request: str | None) -> str:
    """Return the path of the clip that a request asks for; "" where it asks for none."""
    return (request or "").partition(" ")[2]
