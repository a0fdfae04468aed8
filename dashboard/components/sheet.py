"""The style of the tabs that stand on the reference run; a tab carries it in with its first piece of HTML."""

from functools import cache
from pathlib import Path

import gradio as gr

from dashboard.components.markup import esc, note

__all__ = ["heading", "remark", "sheet"]


@cache
def _text() -> str:
    return (Path(__file__).resolve().parent.parent / "static" / "reference.css").read_text(encoding="utf-8")


def sheet() -> gr.HTML:
    """Lay out an invisible piece of HTML that carries ``static/reference.css``."""
    return gr.HTML(f"<style>{_text()}</style>", padding=False, elem_classes="ss-sheet")


def heading(text: str) -> gr.HTML:
    """Lay out the heading of a pane."""
    return gr.HTML(f'<h2 class="ss-h">{esc(text)}</h2>', padding=False)


def remark(text: str) -> gr.HTML:
    """Lay out small explaining text."""
    return gr.HTML(note(text), padding=False)
