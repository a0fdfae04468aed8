"""Analyse: one recording, its verdict, and where and when the evidence lies."""

import gradio as gr

from dashboard.components.markup import card, empty
from dashboard.context import Context

TITLE = "Analyse"
ORDER = 0


def build(context: Context) -> None:
    """Lay out the tab."""
    gr.HTML(card("Verdict", empty("Drop a recording in, record one, or pick an example.")))
