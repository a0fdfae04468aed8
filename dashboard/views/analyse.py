"""Analyse: one recording, its verdict, and where and when the evidence lies."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import gradio as gr

from core.errors import AudioError, SpoofscopeError
from dashboard.components.clickable import clickable_html
from dashboard.components.explained import error_note, panel_card, receipt_line, where_head
from dashboard.components.markup import heading
from dashboard.components.recording import examples_button, examples_list, players, record_lines
from dashboard.components.verdict import verdict_card, verdict_frame
from dashboard.context import Context
from dashboard.explaining import is_dear, leading_detector, with_receipt
from dashboard.sound import sound_urls

if TYPE_CHECKING:
    from core.explain.base import Explanation
    from core.usecases import Analysis, Reconstruction

TITLE = "Analyse"
ORDER = 0

_WAITING = "The verdict appears here: drop a recording in, record one, or pick an example."
_FIGURE_WAITING = "Level, P(spoof) over time and the spectrogram appear here."
_ERROR_WAITING = "Its squared error over time and cepstral coefficient appears here."
_BUSY: dict[str, Any] = {
    "concurrency_id": "listen",
    "concurrency_limit": 2,
    "show_progress": "hidden",
    "api_visibility": "private",
}
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


__all__ = ["ORDER", "TITLE", "AnalyseTab", "build"]


def build(context: Context) -> None:
    """Lay out the tab and wire it."""
    tab = AnalyseTab(context)
    tab.lay_out()
    tab.wire()


class AnalyseTab:
    """The tab's components and handlers."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.resources = context.resources
        # What each visitor hears now: an explanation that comes late, of the recording before, is not shown.
        self.current: WeakValueDictionary[str, Analysis] = WeakValueDictionary()

    # -- layout ----------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        """Make every frame, each with a word of what will fill it."""
        self.analysis = gr.State(None, time_to_live=3600)
        self.explanation = gr.State(None, time_to_live=3600)
        self.rebuilt = gr.State(None, time_to_live=3600)
        with gr.Row(elem_id="ss-first", equal_height=True):
            with gr.Column(scale=0, min_width=320, elem_classes="ss-card", elem_id="ss-input"):
                self.audio = gr.Audio(
                    sources=["upload", "microphone"], type="filepath", format=None, editable=False, show_label=False,
                    label="Drop a recording", elem_id="ss-audio", container=False, buttons=[],
                )  # fmt: skip
                gr.HTML(examples_button(), padding=False)
                self.menu = clickable_html("ss-examples", examples_list(None))
                self.record = gr.HTML(record_lines(None), padding=False)
            self.verdict = gr.HTML(verdict_frame(waiting=_WAITING), elem_id="ss-verdict", padding=False)
        with gr.Column(elem_classes="ss-card", elem_id="ss-where"):
            self.head = gr.HTML(where_head(players({})), elem_id="ss-where-head", padding=False)
            self.plot = gr.Plot(
                _figure(None, None, False, None, 0.8), elem_id="ss-clip", show_label=False, container=False
            )
            self._lay_out_controls()
        with gr.Row(elem_id="ss-third", equal_height=True):
            self.panel = clickable_html("ss-panel", panel_card(None))
            with gr.Column(elem_classes="ss-card", elem_id="ss-error"):
                gr.HTML(heading("What the autoencoder cannot rebuild"), padding=False)
                self.error_plot = gr.Plot(
                    _error_figure(None, False), elem_id="ss-error-map", show_label=False, container=False
                )
                self.error_note = gr.HTML(error_note(None), padding=False)
        with gr.Row(visible=False):
            self.api_file, self.api_answer = gr.File(type="filepath", label="recording"), gr.JSON(label="analysis")
            self.api_call = gr.Button()

    def _lay_out_controls(self) -> None:
        with gr.Row(elem_id="ss-controls"):
            self.detector = gr.Dropdown([], label="Detector", interactive=True, scale=0)
            self.method = gr.Dropdown([], label="Method", interactive=True, scale=0, elem_classes="ss-method")
            self.opacity = gr.Slider(0, 1, 0.8, step=0.05, label="Evidence", scale=0, elem_id="ss-opacity", buttons=[])
            self.receipt = gr.HTML(receipt_line(None), elem_id="ss-receipt", padding=False)

    # -- wiring ----------------------------------------------------------------------------------------------

    def wire(self) -> None:
        """Connect what a person does with what follows: first the verdict, then the explanation."""
        first = [self.analysis, self.explanation, self.rebuilt, self.verdict, self.record, self.head, self.plot,
                 self.error_plot, self.error_note, self.panel, self.detector, self.method, self.receipt]  # fmt: skip
        shown = [self.explanation, self.verdict, self.head, self.plot, self.receipt, self.panel]
        explain: dict[str, Any] = {
            "fn": self.explain, "outputs": shown, "concurrency_id": "explain", "concurrency_limit": 1,
            "inputs": [self.analysis, self.detector, self.method, self.context.dark, self.opacity], **_QUIET,
        }  # fmt: skip
        for event, fn, source in (
            (self.audio.upload, self.hear_upload, self.audio),
            (self.audio.stop_recording, self.hear_upload, self.audio),
            (self.menu.select, self.hear_example, None),
            (self.context.analyse_request.change, self.hear_clip, self.context.analyse_request),
        ):
            inputs = [self.context.dark] if source is None else [source, self.context.dark]
            heard = event(fn, inputs, first, **_BUSY)
            explained = heard.then(**explain)
            explained.then(
                self.rebuild, [self.analysis, self.context.dark],
                [self.rebuilt, self.error_plot, self.error_note], **_QUIET,
            )  # fmt: skip
        self.audio.clear(self.forget, [self.context.dark], first, **_QUIET)
        chosen = self.detector.input(self.methods, [self.detector], [self.method], **_QUIET)
        pressed = self.panel.select(self.press, None, [self.detector, self.method], **_QUIET)
        for choice in (chosen.then, pressed.then, self.method.input):
            choice(**explain)
        self.opacity.input(None, [self.opacity], None, js="(value) => { window.spoofscope.opacity(value); }")
        self.context.dark.change(
            self.redraw,
            [self.context.dark, self.analysis, self.explanation, self.rebuilt, self.detector, self.opacity],
            [self.plot, self.error_plot], **_QUIET,
        )  # fmt: skip
        self.context.page.load(self.examples, None, [self.menu], **_QUIET)
        self.api_call.click(
            self.answer, self.api_file, self.api_answer, api_name="analyse",
            concurrency_id="listen", concurrency_limit=2,
        )  # fmt: skip

    # -- hearing ---------------------------------------------------------------------------------------------

    def hear_upload(self, path: str | None, dark: bool, request: gr.Request) -> Iterator[dict[Any, Any]]:
        """Analyse what was dropped in or recorded."""
        if path:
            yield from self._hear(Path(path), Path(path).name, dark, request)

    def hear_example(self, dark: bool, request: gr.Request, event: gr.EventData) -> Iterator[dict[Any, Any]]:
        """Analyse an example, chosen by its name."""
        for example in self.resources.examples:
            if example.name == event.value:
                yield from self._hear(example.path, example.name, dark, request)

    def hear_clip(self, clip_path: str, dark: bool, request: gr.Request) -> Iterator[dict[Any, Any]]:
        """Analyse a clip of the reference run, when its corpus is on this machine."""
        if not clip_path:
            return
        path = self.resources.locate(clip_path)
        if path is None:
            yield self._frames(dark, wrong=f"The recording of {clip_path} is not on this machine.",
                               todo="Set SPOOFSCOPE_CORPUS to the folder of the corpus and start again.")  # fmt: skip
        else:
            yield from self._hear(path, clip_path, dark, request)

    def _hear(self, path: Path, name: str, dark: bool, request: gr.Request) -> Iterator[dict[Any, Any]]:
        from core.usecases import analyse_file

        shown = self.current.pop(str(request.session_hash), None)
        frames = self._frames(dark, busy=f"Listening to {name}…")
        if shown is None:
            # They are empty already: to draw them again would only hold up the verdict.
            frames = {part: value for part, value in frames.items() if part not in (self.plot, self.error_plot)}
        yield frames
        try:
            analysis = analyse_file(path, self.resources.panel, name=name)
        except AudioError as error:
            yield self._frames(dark, wrong=str(error), todo="Nothing was scored. Try another recording.")
        except SpoofscopeError as error:
            yield self._frames(dark, wrong=str(error))
        else:
            self.current[str(request.session_hash)] = analysis
            yield self._heard(analysis, dark)

    def _heard(self, analysis: "Analysis", dark: bool) -> dict[Any, Any]:
        names = [name for name in analysis.detectors if self._methods(name)]
        detector = leading_detector(
            analysis, [name for name in names if not is_dear(self.resources.panel.detectors[name])] or names
        )
        methods = self._methods(detector) if detector else []
        pending = "Looking for where the evidence lies…" if detector else ""
        urls = sound_urls(self.head, {"clip": analysis.clip.waveform})
        return {
            self.analysis: analysis,
            self.verdict: verdict_card(analysis, pending=pending),
            self.record: record_lines(analysis),
            self.head: where_head(players(urls)),
            self.plot: _figure(analysis, detector, dark, None, 0.8),
            self.panel: self._panel_card(analysis, detector),
            self.detector: gr.Dropdown(choices=names, value=detector),
            self.method: gr.Dropdown(choices=methods, value=self._default_method(detector)),
            self.receipt: receipt_line(None, busy=pending),
        }

    def _frames(self, dark: bool, *, busy: str = "", wrong: str = "", todo: str = "") -> dict[Any, Any]:
        """Return every frame empty, and the verdict's at work or with what went wrong."""
        return {
            self.analysis: None, self.explanation: None, self.rebuilt: None, self.record: record_lines(None),
            self.verdict: verdict_frame(waiting=_WAITING, busy=busy, wrong=wrong, todo=todo),
            self.head: where_head(players({})), self.panel: panel_card(None), self.receipt: receipt_line(None),
            self.plot: _figure(None, None, dark, None, 0.8), self.error_plot: _error_figure(None, dark),
            self.error_note: error_note(None),
        }  # fmt: skip

    def forget(self, dark: bool) -> dict[Any, Any]:
        """Empty the page."""
        return self._frames(dark)

    # -- explaining ------------------------------------------------------------------------------------------

    def explain(
        self, analysis: Any, detector: str | None, method: str | None, dark: bool, opacity: float, request: gr.Request
    ) -> Iterator[dict[Any, Any]]:
        """Show where one detector's evidence lies, and make it audible."""
        # ``analysis`` is an Analysis or None; a name that is imported for type checkers alone would hide from Gradio
        # that ``request`` is asked for.
        from core.usecases import explain_clip

        if analysis is None or detector is None or not self._is_current(analysis, request):
            return
        yield {self.receipt: receipt_line(None, busy=f"Asking {detector} what it heard…"),
               self.panel: self._panel_card(analysis, detector)}  # fmt: skip
        asked = self.resources.panel.detectors[detector]
        try:
            explanation = explain_clip(analysis.clip, asked, method, receipt=False)
            if not self._is_current(analysis, request):
                return
            yield self._explained(analysis, explanation, dark, opacity)
            explanation = with_receipt(analysis.clip, asked, explanation)
        except SpoofscopeError as error:
            yield {
                self.explanation: None, self.receipt: receipt_line(None, wrong=str(error)),
                self.verdict: verdict_card(analysis), self.plot: _figure(analysis, detector, dark, None, opacity),
            }  # fmt: skip
            return
        if self._is_current(analysis, request):
            yield {self.explanation: explanation, self.receipt: receipt_line(explanation)}

    def _explained(self, analysis: Any, explanation: Any, dark: bool, opacity: float) -> dict[Any, Any]:
        from core.usecases import evidence

        marked, rest = evidence(analysis.clip, explanation)
        urls = sound_urls(self.head, {"clip": analysis.clip.waveform, "evidence": marked, "rest": rest})
        name = explanation.detector
        return {
            self.explanation: explanation,
            self.verdict: verdict_card(analysis, sentence=f"{name}: {explanation.sentence}"),
            self.head: where_head(players(urls)),
            self.plot: _figure(analysis, name, dark, explanation, opacity),
            self.receipt: receipt_line(None, busy=f"Testing whether {name} relies on what is marked…"),
        }

    def _panel_card(self, analysis: Any, detector: str | None) -> str:
        fusion = self.resources.panel.fusion
        return panel_card(analysis, selected=detector, basis="" if fusion is None else fusion.basis)

    def _is_current(self, analysis: "Analysis", request: gr.Request) -> bool:
        return self.current.get(str(request.session_hash)) is analysis

    def rebuild(self, analysis: "Analysis | None", dark: bool) -> dict[Any, Any]:
        """Show what the panel's autoencoder cannot rebuild, where it has one."""
        from core.usecases import reconstruct_clip

        if analysis is None:
            return {self.rebuilt: None}
        for name, detector in self.resources.panel.detectors.items():
            if hasattr(detector.network, "error_map"):
                rebuilt = reconstruct_clip(analysis.clip, detector)
                figure = _error_figure(rebuilt, dark)
                return {self.rebuilt: rebuilt, self.error_plot: figure, self.error_note: error_note(rebuilt, name)}
        return {self.rebuilt: None, self.error_note: error_note(None, wrong="The panel has no autoencoder.")}

    def _methods(self, detector: str) -> list[str]:
        from core.explain.base import methods_for

        return methods_for(self.resources.panel.detectors[detector])

    def _default_method(self, detector: str | None) -> str | None:
        from core.explain.base import default_method

        return None if detector is None else default_method(self.resources.panel.detectors[detector])

    def methods(self, detector: str) -> gr.Dropdown:
        """Offer the methods that apply to a detector."""
        return gr.Dropdown(choices=self._methods(detector), value=self._default_method(detector))

    def press(self, event: gr.EventData) -> tuple[Any, Any]:
        """Choose a detector by its row."""
        if not self._methods(event.value):
            raise gr.Error(f"{event.value} cannot be explained.", print_exception=False)
        return event.value, self.methods(event.value)

    # -- the rest --------------------------------------------------------------------------------------------

    def redraw(
        self, dark: bool, analysis: "Analysis | None", explanation: "Explanation | None",
        rebuilt: "Reconstruction | None", detector: str | None, opacity: float,
    ) -> tuple[Any, Any]:  # fmt: skip
        """Draw the figures anew, light or dark."""
        return _figure(analysis, detector, dark, explanation, opacity), _error_figure(rebuilt, dark)

    def examples(self) -> str:
        """List the examples; the spoofs among them are made at first use."""
        try:
            return examples_list(self.resources.examples)
        except SpoofscopeError as error:
            return examples_list(None, wrong=str(error))

    def answer(self, path: str) -> dict[str, Any]:
        """Return what ``python -m core score --json`` gives for one file.

        ``path`` is None, since the person's own is not known here, and ``name`` is added: Gradio's client takes an
        object with a ``path`` of text for a file and tries to fetch it.
        """
        from core.usecases import analyse_file, refusal

        name = Path(path).name
        try:
            answer = analyse_file(path, self.resources.panel, name=name).to_json()
        except AudioError as error:
            answer = refusal(name, error)
        except SpoofscopeError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return {**answer, "path": None, "name": name}


def _figure(
    analysis: "Analysis | None", detector: str | None, dark: bool, explanation: "Explanation | None", opacity: float
) -> Any:
    from dashboard.plots.clip import clip_figure, empty_clip_figure

    if analysis is None:
        return empty_clip_figure(dark=dark, text=_FIGURE_WAITING)
    return clip_figure(analysis, dark=dark, detector=detector, explanation=explanation, opacity=opacity)


def _error_figure(rebuilt: "Reconstruction | None", dark: bool) -> Any:
    from dashboard.plots.clip import empty_error_map, error_map

    return empty_error_map(dark=dark, text=_ERROR_WAITING) if rebuilt is None else error_map(rebuilt, dark=dark)
