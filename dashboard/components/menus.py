"""Menus whose entries hang on the run: filled anew without undoing what a person chooses meanwhile."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

__all__ = ["menu"]


def menu(entries: Sequence[Any], value: Any, asked: Any, *, kind: type[Any] = gr.Dropdown, **more: Any) -> Any:
    """Return what fills a menu: its entries, and its value only where that is not what the handler was given.

    Between the press that a handler answers and its answer a person may have chosen something else: a value that is
    sent back would undo that, and the next answer would be to the first press again.

    Parameters
    ----------
    entries : sequence
        Choices, as Gradio takes them.
    value : object
        What is chosen now.
    asked : object
        What was chosen when the handler was called.
    kind : type
        ``gr.Dropdown`` or ``gr.Radio``.
    **more
        Further settings, such as ``visible``.
    """
    changed = {} if value == asked else {"value": value}
    return kind(choices=list(entries), **changed, **more)
