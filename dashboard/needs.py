"""What a view cannot do without, and what stands in its place where that is missing: handled here, once for all."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from core.errors import ResultsError
from dashboard.components.markup import Markup, card, empty, problem
from dashboard.components.reference import no_run
from dashboard.components.run_bar import lay_out_bar

if TYPE_CHECKING:
    from dashboard.context import Context
    from dashboard.views import View

__all__ = ["guarded", "lacking", "lay_out"]


def lay_out(view: "View", context: "Context") -> None:
    """Build a view that stands on a run below the line that names it.

    Where there is no such run, or no clip of it is selected, a frame with the reason stands in the view's place.
    """
    if "run" not in view.NEEDS:
        view.build(context)
        return
    lay_out_bar(context)
    missing = gr.HTML(visible=False, padding=False, elem_classes="ss-missing")
    with gr.Column() as body:
        view.build(replace(context, ready=lambda choice, selection: lacking(context, choice, selection) is None))

    def swap(dark: bool, choice: str, selection: str) -> tuple[Any, Any]:
        reason = lacking(context, choice, selection)
        # Hidden by a class: a column that is made visible makes its hidden parts visible too.
        return gr.HTML(reason or "", visible=reason is not None), gr.Column(elem_classes="ss-absent" if reason else "")

    context.on_show(swap, outputs=[missing, body])


def lacking(context: "Context", choice: str, selection: str) -> Markup | None:
    """Return the frame that says what a view of a run cannot be drawn without; None where nothing lacks."""
    try:
        run = context.selected(choice, selection)
    except ResultsError as error:
        return card("Nothing can be selected", problem(str(error)))
    if run is None:
        return no_run(context, choice)
    return None if len(run) else card("Nothing is selected", empty(
        f"None of the {len(run.whole):,} clips answers to the selection. Clear it above, or select anew."
    ))  # fmt: skip


def guarded(fn: Callable[..., Any], ready: Callable[[str, str], bool], outputs: int) -> Callable[..., Any]:
    """Return a handler that changes nothing while what its view needs is missing.

    Parameters
    ----------
    fn : callable
        A function or a generator function of dark, choice, selection and more.
    ready : callable
        Whether it may run, given choice and selection.
    outputs : int
        How many components it fills.
    """
    nothing = gr.skip() if outputs == 1 else tuple(gr.skip() for _ in range(outputs))
    if inspect.isgeneratorfunction(fn):

        def steps(dark: bool, choice: str, selection: str, *given: Any) -> Iterator[Any]:
            if ready(choice, selection):
                yield from fn(dark, choice, selection, *given)
            else:
                yield nothing

        return steps

    def once(dark: bool, choice: str, selection: str, *given: Any) -> Any:
        return fn(dark, choice, selection, *given) if ready(choice, selection) else nothing

    return once
