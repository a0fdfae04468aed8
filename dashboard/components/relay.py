"""An event that one handler alone listens to."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

__all__ = ["relayed"]

_CHANGE = "() => `${Math.random()}`"


def relayed(triggers: Sequence[Any]) -> Callable[..., Any]:
    """Return an event that follows any of these, for a handler of which only the last question counts.

    Where the question before is still open, Gradio (6.31, ``trigger_mode="always_last"``) dispatches the whole event
    again, with all that listen to it: two such handlers of one event set each other off for ever.
    """
    turn = gr.Textbox(visible="hidden", container=False)
    gr.on(list(triggers), None, None, turn, js=_CHANGE, api_visibility="private", trigger_mode="multiple")
    return turn.change
