"""The frames of the tab Analyse: every one is there from the start, with a word of what will fill it."""

from dataclasses import dataclass, fields
from typing import Any

import gradio as gr

from dashboard.components.case import KEPT, case_tools
from dashboard.components.clickable import clickable_html
from dashboard.components.cues import cue_note
from dashboard.components.explained import error_note, receipt_line, where_head
from dashboard.components.held import FLIP_HEAD, HOLD_HEAD
from dashboard.components.markup import Markup, frame_head
from dashboard.components.nearest import NEAREST, nearest_frame
from dashboard.components.panel import others_label, panel_card
from dashboard.components.panes import tips
from dashboard.components.provenance import provenance_card
from dashboard.components.recording import drop_zone, example_cards, examples_button, players, record_lines
from dashboard.components.segments import segments_line
from dashboard.components.tried import TRIED, box_tools
from dashboard.components.verdict import verdict_frame
from dashboard.components.words import CHOOSE, words_head, words_text
from dashboard.plots.clip import clip_figure

__all__ = ["ABOUT", "MAX_UPLOAD_MB", "OPACITY", "REBUILD", "AnalyseFrames", "lay_out"]

#: Largest file that is taken, in megabytes of 1024 x 1024 bytes.
MAX_UPLOAD_MB = 256
#: Of the evidence over the spectrogram, 0 to 1.
OPACITY = 0.8
ABOUT = (
    "Spoofscope scores a recording of speech, real voice or made by a machine, and shows the seconds and frequencies "
    "that its detectors rely on."
)
WAITING = "The verdict appears here: drop a recording in, record one, or pick an example."

# What a newcomer does not need at first is folded away; the style sheet hides what follows the button.
DETAIL = (
    '<button type="button" class="ss-fold" aria-expanded="false" aria-controls="ss-detail">'
    '<b><i aria-hidden="true">▸</i> More detail</b> <span class="ss-soft">the nearest known clips, the kinds of place '
    "that the evidence lies in, what an autoencoder cannot rebuild</span></button>"
)
_FOLD = """
const fold = element.querySelector('.ss-fold');
fold.addEventListener('click', () => {
  fold.setAttribute('aria-expanded', fold.getAttribute('aria-expanded') === 'false');
});
"""

REBUILD = "Rebuild this clip"
ASK_CUES = "Take out each kind of place in turn"

# What the page asks for reaches Python as events of this one component; static/recording.js raises them.
_HOOK = """
document.addEventListener('spoofscope', (event) => {
  const {kind, ...asked} = event.detail;
  if (kind === 'remove') trigger('clear', asked);
  if (kind === 'file') trigger('upload', asked);
  if (kind === 'example') trigger('select', asked);
});
"""
# The same for what is tried on it; static/tried.js raises these.
_TRY_HOOK = """
document.addEventListener('spoofscope', (event) => {
  const {kind, ...asked} = event.detail;
  if (kind === 'try') trigger('select', asked);
  if (kind === 'leave') trigger('clear', asked);
});
"""
# The same for keeping it; static/case.js raises these.
_KEEP_HOOK = """
document.addEventListener('spoofscope', (event) => {
  const {kind, ...asked} = event.detail;
  if (kind === 'keep') trigger('select', asked);
  if (kind === 'reopen') trigger('upload', asked);
  if (kind === 'forget') trigger('clear', asked);
});
"""


@dataclass(frozen=True)
class AnalyseFrames:
    """The tab's components.

    Attributes
    ----------
    ticket : gr.Textbox
        Hidden; what a recording and its result have in common, filled in by the page's script.
    drop, microphone, cards : component
        Where a recording comes from.
    verdict, record, head, plot, segments, provenance, panel, others, receipt : component
    keep, kept, past : gr.HTML
        What a case is asked for with, what came of it, and the recordings that were open before.
    tools, box_sounds, tried, held, flipped, words, cues, ask_cues, rebuild, error_plot, error_note : component
    nearest : component
        What is shown of it.
    detector, method, opacity : component
        What a person chooses.
    """

    ticket: gr.Textbox
    drop: gr.HTML
    microphone: gr.Audio
    cards: gr.HTML
    record: gr.HTML
    verdict: gr.HTML
    head: gr.HTML
    plot: gr.Plot
    segments: gr.HTML
    detector: gr.Dropdown
    method: gr.Dropdown
    opacity: gr.Slider
    receipt: gr.HTML
    provenance: gr.HTML
    panel: gr.HTML
    others: gr.Button
    tools: gr.HTML
    box_sounds: gr.HTML
    tried: gr.HTML
    held: gr.HTML
    flipped: gr.HTML
    words: gr.HTML
    cues: gr.HTML
    ask_cues: gr.Button
    rebuild: gr.Button
    error_plot: gr.Plot
    error_note: gr.HTML
    nearest: gr.HTML
    keep: gr.HTML
    kept: gr.HTML
    past: gr.HTML

    @property
    def all(self) -> list[Any]:
        """What a recording fills."""
        asked = ("ticket", "drop", "microphone", "cards", "opacity", "tools", "keep", "kept", "past")
        return [getattr(self, field.name) for field in fields(self) if field.name not in asked]

    @property
    def scored(self) -> list[Any]:
        """What a verdict fills."""
        return [self.verdict, self.record, self.panel]

    @property
    def pictured(self) -> list[Any]:
        """What is filled after the verdict."""
        return [frame for frame in self.all if frame not in (*self.scored, self.nearest)]

    @property
    def trials(self) -> list[Any]:
        """What is filled by what is tried."""
        return [self.box_sounds, self.tried, self.held, self.flipped]

    @property
    def explained(self) -> list[Any]:
        """What an explanation fills."""
        return [self.verdict, self.head, self.plot, self.receipt, self.panel, self.words, self.cues, self.ask_cues]


def lay_out() -> AnalyseFrames:
    """Lay out the tab."""
    made: dict[str, Any] = {"ticket": gr.Textbox(visible="hidden", elem_id="ss-ticket", container=False)}
    with gr.Row(elem_id="ss-answer", equal_height=True):
        with gr.Column(elem_id="ss-main"):
            with gr.Row(elem_id="ss-first", equal_height=True):
                with gr.Column(scale=0, elem_classes="ss-card", elem_id="ss-input"):
                    made |= _input()
                made["verdict"] = gr.HTML(verdict_frame(waiting=WAITING), elem_id="ss-verdict", padding=False)
            with gr.Column(elem_classes="ss-card", elem_id="ss-where"):
                made |= _where()
        with gr.Column(elem_id="ss-side"):
            made["provenance"] = gr.HTML(provenance_card(), elem_id="ss-provenance", padding=False)
            made["panel"] = clickable_html("ss-panel", panel_card(None))
            made["others"] = gr.Button(others_label(0), elem_id="ss-others", size="sm", visible=False)
    with gr.Column(elem_classes="ss-card", elem_id="ss-words"):
        made |= _words()
    with gr.Column(elem_classes="ss-card", elem_id="ss-tried"):
        made |= _tried()
    with gr.Column(elem_classes="ss-card", elem_id="ss-case"):
        made |= _case()
    gr.HTML(DETAIL, js_on_load=_FOLD, elem_id="ss-fold", padding=False, apply_default_css=False)
    with gr.Column(elem_id="ss-detail"):
        made |= _detail()
    return AnalyseFrames(**made)


def _detail() -> dict[str, Any]:
    made: dict[str, Any] = {}
    with gr.Column(elem_classes="ss-card", elem_id="ss-nearest"):
        gr.HTML(frame_head(NEAREST), padding=False)
        made["nearest"] = gr.HTML(nearest_frame(None), padding=False, apply_default_css=False)
    with gr.Column(elem_classes="ss-card", elem_id="ss-cues"):
        made |= _cues()
    with gr.Column(elem_classes="ss-card", elem_id="ss-error"):
        made |= _error()
    return made


def _input() -> dict[str, Any]:
    about = Markup('<p class="ss-about">{}</p>').format(ABOUT)
    gr.HTML(about, elem_id="ss-about", padding=False)
    drop = gr.HTML(drop_zone(MAX_UPLOAD_MB), js_on_load=_HOOK, elem_id="ss-audio", padding=False)
    microphone = gr.Audio(
        sources=["microphone"], type="filepath", format=None, editable=False, show_label=False,
        label="Record", elem_id="ss-microphone", container=False, buttons=[],
    )  # fmt: skip
    gr.HTML(examples_button(), elem_id="ss-examples-button", padding=False)
    cards = gr.HTML(example_cards(None), elem_id="ss-examples", padding=False)
    record = gr.HTML(record_lines(None), elem_id="ss-record", padding=False)
    return {"drop": drop, "microphone": microphone, "cards": cards, "record": record}


def _where() -> dict[str, Any]:
    head = gr.HTML(where_head(players({})), elem_id="ss-where-head", padding=False)
    plot = gr.Plot(clip_figure(None, dark=False), elem_id="ss-clip", show_label=False, container=False)
    segments = gr.HTML(segments_line(None), elem_id="ss-segments", padding=False)
    with gr.Row(elem_id="ss-controls"):
        controls: dict[str, Any] = {
            "head": head, "plot": plot, "segments": segments,
            "detector": gr.Dropdown([], label="Detector", interactive=True, scale=0, elem_id="ss-detector"),
            "method": gr.Dropdown([], label="Method", interactive=True, scale=0, elem_id="ss-method"),
            "opacity": gr.Slider(
                0, 1, OPACITY, step=0.05, label="Evidence", scale=0, elem_id="ss-opacity", buttons=[]
            ),
            "receipt": gr.HTML(receipt_line(None), elem_id="ss-receipt", padding=False),
        }  # fmt: skip
    tips({"ss-detector": "detector", "ss-method": "method", "ss-opacity": "attribution"})
    return controls


def _tried() -> dict[str, Any]:
    plain: dict[str, Any] = {"padding": False, "apply_default_css": False}
    gr.HTML(frame_head(TRIED), padding=False)
    made: dict[str, Any] = {}
    with gr.Row(elem_id="ss-trials"):
        with gr.Column():
            made["tools"] = gr.HTML(box_tools(), js_on_load=_TRY_HOOK, elem_id="ss-box-tools", **plain)
            made["box_sounds"] = gr.HTML(elem_id="ss-box-sounds", **plain)
            made["tried"] = gr.HTML(elem_id="ss-boxes-tried", **plain)
            gr.HTML(FLIP_HEAD, **plain)
            made["flipped"] = gr.HTML(elem_id="ss-flipped", **plain)
        with gr.Column():
            gr.HTML(HOLD_HEAD, **plain)
            made["held"] = gr.HTML(elem_id="ss-held", **plain)
    return made


def _words() -> dict[str, Any]:
    gr.HTML(words_head(), js_on_load=CHOOSE, padding=False, apply_default_css=False)
    return {"words": gr.HTML(words_text(None), padding=False, apply_default_css=False)}


def _case() -> dict[str, Any]:
    gr.HTML(frame_head(KEPT), padding=False)
    plain: dict[str, Any] = {"padding": False, "apply_default_css": False}
    return {
        "keep": gr.HTML(case_tools(), js_on_load=_KEEP_HOOK, elem_id="ss-keep", **plain),
        "kept": gr.HTML("", elem_id="ss-kept", **plain), "past": gr.HTML("", elem_id="ss-past", **plain),
    }


def _cues() -> dict[str, Any]:
    gr.HTML(frame_head("What kind of place the evidence lies in"), padding=False)
    return {
        "cues": gr.HTML(cue_note(), padding=False, apply_default_css=False),
        "ask_cues": gr.Button(ASK_CUES, visible=False, elem_id="ss-ask-cues", size="sm"),
    }


def _error() -> dict[str, Any]:
    gr.HTML(frame_head("What the autoencoder cannot rebuild"), padding=False)
    # Filled when somebody asks: a verdict does not need it.
    return {
        "error_plot": gr.Plot(None, visible=False, elem_id="ss-error-map", show_label=False, container=False),
        "error_note": gr.HTML(error_note(None), padding=False),
        "rebuild": gr.Button(REBUILD, visible=False, elem_id="ss-rebuild", size="sm"),
    }
