"""The frames of the tab Analyse: every one is there from the start, with a word of what will fill it."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from dashboard.components.clickable import clickable_html
from dashboard.components.explained import error_note, receipt_line, where_head
from dashboard.components.markup import frame_head
from dashboard.components.panel import panel_card
from dashboard.components.recording import examples_button, examples_list, players, record_lines
from dashboard.components.verdict import verdict_frame
from dashboard.plots.clip import clip_figure
from dashboard.plots.error_map import error_map

__all__ = ["OPACITY", "AnalyseFrames", "emptied", "lay_out"]

#: Of the evidence over the spectrogram, 0 to 1.
OPACITY = 0.8
_WAITING = "The verdict appears here: drop a recording in, record one, or pick an example."


@dataclass(frozen=True)
class AnalyseFrames:
    """The tab's components.

    Attributes
    ----------
    shown, rebuilt : gr.State
        What is shown, or None.
    audio, menu : component
        Where a recording comes from.
    verdict, record, head, plot, panel, receipt, error_plot, error_note : component
        What is said of it.
    detector, method, opacity : component
        What a person chooses.
    """

    shown: gr.State
    rebuilt: gr.State
    audio: gr.Audio
    menu: gr.HTML
    record: gr.HTML
    verdict: gr.HTML
    head: gr.HTML
    plot: gr.Plot
    detector: gr.Dropdown
    method: gr.Dropdown
    opacity: gr.Slider
    receipt: gr.HTML
    panel: gr.HTML
    error_plot: gr.Plot
    error_note: gr.HTML

    @property
    def all(self) -> list[Any]:
        """What a new recording fills."""
        kept = [self.shown, self.rebuilt, self.verdict, self.record, self.head, self.plot]
        return [*kept, self.error_plot, self.error_note, self.panel, self.detector, self.method, self.receipt]

    @property
    def explained(self) -> list[Any]:
        """What a new explanation fills."""
        return [self.verdict, self.head, self.plot, self.receipt, self.panel]


def lay_out() -> AnalyseFrames:
    """Lay out the tab."""
    made: dict[str, Any] = {name: gr.State(None, time_to_live=3600) for name in ("shown", "rebuilt")}
    with gr.Row(elem_id="ss-answer", equal_height=True):
        with gr.Column(elem_id="ss-main"):
            with gr.Row(elem_id="ss-first", equal_height=True):
                with gr.Column(scale=0, elem_classes="ss-card", elem_id="ss-input"):
                    made |= _input()
                made["verdict"] = gr.HTML(verdict_frame(waiting=_WAITING), elem_id="ss-verdict", padding=False)
            with gr.Column(elem_classes="ss-card", elem_id="ss-where"):
                made |= _where()
        made["panel"] = clickable_html("ss-panel", panel_card(None))
    with gr.Column(elem_classes="ss-card", elem_id="ss-error"):
        made |= _error()
    return AnalyseFrames(**made)


def _input() -> dict[str, Any]:
    audio = gr.Audio(
        sources=["upload", "microphone"], type="filepath", format=None, editable=False, show_label=False,
        label="Drop a recording", elem_id="ss-audio", container=False, buttons=[],
    )  # fmt: skip
    gr.HTML(examples_button(), elem_id="ss-examples-button", padding=False)
    menu = clickable_html("ss-examples", examples_list(None))
    return {"audio": audio, "menu": menu, "record": gr.HTML(record_lines(None), elem_id="ss-record", padding=False)}


def _where() -> dict[str, Any]:
    head = gr.HTML(where_head(players({})), elem_id="ss-where-head", padding=False)
    plot = gr.Plot(clip_figure(None, dark=False), elem_id="ss-clip", show_label=False, container=False)
    with gr.Row(elem_id="ss-controls"):
        return {
            "head": head,
            "plot": plot,
            "detector": gr.Dropdown([], label="Detector", interactive=True, scale=0),
            "method": gr.Dropdown([], label="Method", interactive=True, scale=0, elem_classes="ss-method"),
            "opacity": gr.Slider(
                0, 1, OPACITY, step=0.05, label="Evidence", scale=0, elem_id="ss-opacity", buttons=[]
            ),
            "receipt": gr.HTML(receipt_line(None), elem_id="ss-receipt", padding=False),
        }  # fmt: skip


def _error() -> dict[str, Any]:
    gr.HTML(frame_head("What the autoencoder cannot rebuild"), padding=False)
    figure = error_map(None, dark=False)
    return {
        "error_plot": gr.Plot(figure, elem_id="ss-error-map", show_label=False, container=False),
        "error_note": gr.HTML(error_note(None), padding=False),
    }


def emptied(frames: AnalyseFrames, *, dark: bool, busy: str = "", wrong: str = "", todo: str = "") -> dict[Any, Any]:
    """Return every frame empty, and the verdict's at work or with what went wrong."""
    return {
        frames.shown: None, frames.rebuilt: None, frames.record: record_lines(None),
        frames.verdict: verdict_frame(waiting=_WAITING, busy=busy, wrong=wrong, todo=todo),
        frames.head: where_head(players({})), frames.panel: panel_card(None), frames.receipt: receipt_line(None),
        frames.plot: clip_figure(None, dark=dark), frames.error_plot: error_map(None, dark=dark),
        frames.error_note: error_note(None),
    }  # fmt: skip
