"""A sign of work at once: the browser greys what is on show until the answer to the new choice is there."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

__all__ = ["answering"]

_AT_WORK = "(...given) => { document.getElementById('VIEW')?.classList.add('ss-busy'); return given.slice(0, INPUTS); }"
_DONE = "() => { document.getElementById('VIEW')?.classList.remove('ss-busy'); }"


def answering(
    triggers: Sequence[Any], fn: Callable[..., Any], inputs: Sequence[Any], outputs: Sequence[Any], *, view: str,
    **more: Any,
) -> Any:  # fmt: skip
    """Wire controls to what answers them, greying the view from the press until the last answer is drawn.

    Parameters
    ----------
    triggers : sequence of events
    fn : callable
    inputs, outputs : sequence of components
    view : str
        ``elem_id`` of the column that holds controls and answers.
    **more
        For ``gr.on``.
    """
    at_work = _AT_WORK.replace("VIEW", view).replace("INPUTS", str(len(inputs)))
    event = gr.on(list(triggers), fn, list(inputs), list(outputs), js=at_work, **more)
    event.then(None, None, None, js=_DONE.replace("VIEW", view), api_visibility="private")
    return event
