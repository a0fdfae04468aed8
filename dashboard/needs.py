"""What a view cannot do without, and what stands in its place where that is missing: handled here, once for all."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from dashboard.components.reference import no_run

if TYPE_CHECKING:
    from dashboard.context import Context
    from dashboard.views import View

__all__ = ["guarded", "lay_out"]


def lay_out(view: "View", context: "Context") -> None:
    """Build a view; where it needs a reference run and there is none, a frame with the reason stands in its place."""
    if "run" not in view.NEEDS:
        view.build(context)
        return
    missing = gr.HTML(visible=False, padding=False, elem_classes="ss-missing")
    with gr.Column() as body:
        view.build(replace(context, ready=lambda: context.run is not None))

    def swap(dark: bool) -> tuple[Any, Any]:
        if context.run is not None:
            # Nothing is sent: to make a column visible would make its hidden parts visible too.
            return gr.skip(), gr.skip()
        return gr.HTML(no_run(context), visible=True), gr.Column(visible=False)

    context.on_show(swap, outputs=[missing, body])


def guarded(fn: Callable[..., Any], ready: Callable[[], bool], outputs: int) -> Callable[..., Any]:
    """Return a handler that changes nothing while what its view needs is missing.

    Parameters
    ----------
    fn : callable
        A function or a generator function.
    ready : callable
        Whether it may run.
    outputs : int
        How many components it fills.
    """
    nothing = gr.skip() if outputs == 1 else tuple(gr.skip() for _ in range(outputs))
    if inspect.isgeneratorfunction(fn):

        def steps(*given: Any) -> Iterator[Any]:
            if ready():
                yield from fn(*given)
            else:
                yield nothing

        return steps
    return lambda *given: fn(*given) if ready() else nothing
