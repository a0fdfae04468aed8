"""Analyse: one recording, its verdict, and where and when the evidence lies."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import gradio as gr

from core.errors import AudioError, SpoofscopeError
from dashboard.components.analyse_frames import AnalyseFrames, emptied, lay_out
from dashboard.components.explained import error_note, receipt_line, where_head
from dashboard.components.panel import panel_card
from dashboard.components.recording import examples_list, players, record_lines
from dashboard.components.verdict import verdict_card
from dashboard.context import QUIET, Context, requested
from dashboard.endpoint import wire_endpoint
from dashboard.explaining import first_explained
from dashboard.plots.clip import clip_figure
from dashboard.plots.error_map import error_map
from dashboard.sound import sound_urls

if TYPE_CHECKING:
    from core.audio.clip import Clip
    from core.detectors.base import Detector
    from core.explain.base import Explanation
    from core.usecases import Analysis, Reconstruction

TITLE = "Analyse"
ORDER = 0

_BUSY: dict[str, Any] = {**QUIET, "concurrency_id": "listen", "concurrency_limit": 2}

__all__ = ["ORDER", "TITLE", "AnalyseTab", "build"]


def build(context: Context) -> None:
    """Lay out the tab and wire it."""
    AnalyseTab(context, lay_out()).wire()


class AnalyseTab:
    """What happens on the tab: first the verdict, then the explanation.

    Parameters
    ----------
    context : Context
    frames : AnalyseFrames
        The tab's components.
    """

    def __init__(self, context: Context, frames: AnalyseFrames) -> None:
        self.context = context
        self.resources = context.resources
        self.frames = frames
        # What each visitor hears now: an explanation that comes late, of the recording before, is not shown.
        self.current: WeakValueDictionary[str, Clip] = WeakValueDictionary()

    # -- wiring ----------------------------------------------------------------------------------------------

    def wire(self) -> None:
        """Connect what a person does with what follows."""
        frames, dark = self.frames, self.context.dark
        for event, fn, source in (
            (frames.audio.upload, self.hear_upload, frames.audio),
            (frames.audio.stop_recording, self.hear_microphone, frames.audio),
            (frames.menu.select, self.hear_example, None),
            (self.context.analyse_request.change, self.hear_clip, self.context.analyse_request),
        ):
            heard = event(fn, [dark] if source is None else [source, dark], frames.all, **_BUSY)
            heard.then(**self._explaining()).then(
                self.hear_others, [frames.analysis, frames.explanation, frames.detector],
                [frames.analysis, frames.panel, frames.verdict, frames.detector], **_BUSY,
            ).then(
                self.rebuild, [frames.analysis, dark], [frames.rebuilt, frames.error_plot, frames.error_note], **QUIET
            )  # fmt: skip
        frames.audio.clear(self.forget, [dark], frames.all, **QUIET)
        chosen = frames.detector.input(self.methods, [frames.detector], [frames.method], **QUIET)
        pressed = frames.panel.select(self.press, None, [frames.detector, frames.method], **QUIET)
        for choice in (chosen.then, pressed.then, frames.method.input):
            choice(**self._explaining())
        frames.opacity.input(None, [frames.opacity], None, js="(value) => { window.spoofscope.opacity(value); }")
        dark.change(
            self.redraw,
            [dark, frames.analysis, frames.explanation, frames.rebuilt, frames.detector, frames.opacity],
            [frames.plot, frames.error_plot], **QUIET,
        )  # fmt: skip
        self.context.page.load(self.examples, None, [frames.menu], **QUIET)
        wire_endpoint(self.resources)

    def _explaining(self) -> dict[str, Any]:
        frames = self.frames
        asked = [frames.analysis, frames.detector, frames.method, self.context.dark, frames.opacity]
        return {
            "fn": self.explain, "inputs": asked, "outputs": frames.explained, "concurrency_id": "explain",
            "concurrency_limit": 1, **QUIET,
        }  # fmt: skip

    # -- hearing ---------------------------------------------------------------------------------------------

    def hear_upload(self, path: str | None, dark: bool, request: gr.Request) -> Iterator[dict[Any, Any]]:
        """Analyse what was dropped in."""
        if path:
            yield from self._hear(Path(path), Path(path).name, dark, request)

    def hear_microphone(self, path: str, dark: bool, request: gr.Request) -> Iterator[dict[Any, Any]]:
        """Analyse what was recorded here."""
        yield from self._hear(Path(path), "what was recorded", dark, request)

    def hear_example(self, dark: bool, request: gr.Request, event: gr.EventData) -> Iterator[dict[Any, Any]]:
        """Analyse an example, chosen by its name."""
        for example in self.resources.examples:
            if example.name == event.value:
                yield from self._hear(example.path, example.name, dark, request)

    def hear_clip(self, asked: str, dark: bool, request: gr.Request) -> Iterator[dict[Any, Any]]:
        """Analyse a clip of the reference run, when its corpus is on this machine."""
        clip_path = requested(asked)
        if not clip_path:
            return
        path = self.resources.locate(clip_path)
        if path is None:
            yield emptied(
                self.frames, dark=dark, wrong=f"The recording of {clip_path} is not on this machine.",
                todo="Set SPOOFSCOPE_CORPUS to the folder of the corpus and start again.",
            )  # fmt: skip
        else:
            yield from self._hear(path, clip_path, dark, request)

    def _hear(self, path: Path, name: str, dark: bool, request: gr.Request) -> Iterator[dict[Any, Any]]:
        from core.usecases import analyse_file

        shown = self.current.pop(str(request.session_hash), None)
        blank = emptied(self.frames, dark=dark, busy=f"Listening to {name}…")
        if shown is None:
            # They are empty already: to draw them again would only hold up the verdict.
            del blank[self.frames.plot], blank[self.frames.error_plot]
        yield blank
        try:
            analysis = analyse_file(path, self.resources.panel, name=name)
        except AudioError as error:
            yield emptied(self.frames, dark=dark, wrong=str(error), todo="Nothing was scored. Try another recording.")
        except SpoofscopeError as error:
            yield emptied(self.frames, dark=dark, wrong=str(error))
        else:
            self.current[str(request.session_hash)] = analysis.clip
            yield self._heard(analysis, dark)

    def _heard(self, analysis: "Analysis", dark: bool) -> dict[Any, Any]:
        frames = self.frames
        names = list(analysis.detectors)
        detector = first_explained(analysis, self.resources.panel, names)
        pending = "Looking for where the evidence lies…"
        urls = sound_urls(frames.head, {"clip": analysis.clip.waveform})
        return {
            frames.analysis: analysis,
            frames.verdict: verdict_card(analysis, members=self.resources.members, pending=pending),
            frames.record: record_lines(analysis),
            frames.head: where_head(players(urls)),
            frames.plot: clip_figure(analysis, dark=dark, detector=detector),
            frames.panel: self._panel_card(analysis, detector),
            frames.detector: gr.Dropdown(choices=names, value=detector),
            frames.method: self.methods(detector),
            frames.receipt: receipt_line(None, busy=pending),
        }

    def hear_others(
        self, analysis: Any, explanation: Any, detector: str | None, request: gr.Request
    ) -> Iterator[dict[Any, Any]]:
        """Let those detectors hear the recording that have no say in the verdict, once it stands."""
        from core.usecases import Panel, analyse_clip

        frames, others = self.frames, self.resources.others
        if analysis is None or not others or not self._is_current(analysis, request):
            return
        said: dict[str, Any] = {}
        for batch in _quick_first(others):
            if not self._is_current(analysis, request):
                return
            said |= analyse_clip(analysis.clip, Panel(batch)).detectors
            heard = {**analysis.detectors, **{name: said[name] for name in others if name in said}}
            told = replace(analysis, detectors=heard)
            yield {
                frames.analysis: told, frames.panel: self._panel_card(told, detector),
                frames.verdict: self._verdict_card(told, explanation),
                frames.detector: gr.Dropdown(choices=list(heard)),
            }  # fmt: skip

    def forget(self, dark: bool) -> dict[Any, Any]:
        """Empty the page."""
        return emptied(self.frames, dark=dark)

    # -- explaining ------------------------------------------------------------------------------------------

    def explain(
        self, analysis: Any, detector: str | None, method: str | None, dark: bool, opacity: float, request: gr.Request
    ) -> Iterator[dict[Any, Any]]:
        """Show where one detector's evidence lies, and make it audible."""
        # ``analysis`` is an Analysis or None; a name that is imported for type checkers alone would hide from Gradio
        # that ``request`` is asked for.
        from core.usecases import explain_clip, with_receipt

        frames = self.frames
        if analysis is None or detector is None or not self._is_current(analysis, request):
            return
        yield {frames.receipt: receipt_line(None, busy=f"Asking {detector} what it heard…"),
               frames.panel: self._panel_card(analysis, detector)}  # fmt: skip
        asked = self.resources.detector(detector)
        try:
            explanation = explain_clip(analysis.clip, asked, method, receipt=False)
            if not self._is_current(analysis, request):
                return
            yield self._explained(analysis, explanation, dark, opacity)
            explanation = with_receipt(analysis.clip, asked, explanation)
        except SpoofscopeError as error:
            yield {
                frames.explanation: None, frames.receipt: receipt_line(None, wrong=str(error)),
                frames.verdict: self._verdict_card(analysis, None),
                frames.plot: clip_figure(analysis, dark=dark, detector=detector),
            }  # fmt: skip
            return
        if self._is_current(analysis, request):
            yield {frames.explanation: explanation, frames.receipt: receipt_line(explanation)}

    def _explained(self, analysis: Any, explanation: Any, dark: bool, opacity: float) -> dict[Any, Any]:
        from core.usecases import evidence

        frames = self.frames
        marked, rest = evidence(analysis.clip, explanation)
        urls = sound_urls(frames.head, {"clip": analysis.clip.waveform, "evidence": marked, "rest": rest})
        name = explanation.detector
        return {
            frames.explanation: explanation,
            frames.verdict: self._verdict_card(analysis, explanation),
            frames.head: where_head(players(urls)),
            frames.plot: clip_figure(analysis, dark=dark, detector=name, explanation=explanation, opacity=opacity),
            frames.receipt: receipt_line(None, busy=f"Testing whether {name} relies on what is marked…"),
        }

    def _verdict_card(self, analysis: Any, explanation: Any) -> str:
        sentence = f"{explanation.detector}: {explanation.sentence}" if explanation else ""
        return verdict_card(analysis, members=self.resources.members, sentence=sentence)

    def _panel_card(self, analysis: Any, detector: str | None) -> str:
        resources = self.resources
        fusion = resources.panel.fusion
        awaited = [name for name in resources.other_names if name not in analysis.detectors]
        return panel_card(
            analysis, members=resources.members, awaited=awaited, selected=detector,
            basis="" if fusion is None else fusion.basis,
        )  # fmt: skip

    def _is_current(self, analysis: "Analysis", request: gr.Request) -> bool:
        return self.current.get(str(request.session_hash)) is analysis.clip

    def rebuild(self, analysis: "Analysis | None", dark: bool) -> dict[Any, Any]:
        """Show what the panel's autoencoder cannot rebuild, where it has one."""
        from core.usecases import reconstruct_clip

        frames = self.frames
        if analysis is None:
            return {frames.rebuilt: None}
        for name, detector in {**self.resources.panel.detectors, **self.resources.others}.items():
            if hasattr(detector.network, "error_map"):
                rebuilt = reconstruct_clip(analysis.clip, detector)
                return {
                    frames.rebuilt: rebuilt, frames.error_plot: error_map(rebuilt, dark=dark),
                    frames.error_note: error_note(rebuilt, name),
                }  # fmt: skip
        return {frames.rebuilt: None, frames.error_note: error_note(None, wrong="No detector here is an autoencoder.")}

    def methods(self, detector: str) -> gr.Dropdown:
        """Offer the methods that apply to a detector, its default first."""
        from core.explain.base import methods_for

        names = methods_for(self.resources.detector(detector))
        return gr.Dropdown(choices=names, value=names[0])

    def press(self, event: gr.EventData) -> tuple[Any, Any]:
        """Choose a detector by its row."""
        return event.value, self.methods(event.value)

    # -- the rest --------------------------------------------------------------------------------------------

    def redraw(
        self, dark: bool, analysis: "Analysis | None", explanation: "Explanation | None",
        rebuilt: "Reconstruction | None", detector: str | None, opacity: float,
    ) -> tuple[Any, Any]:  # fmt: skip
        """Draw the figures anew, light or dark."""
        drawn = clip_figure(analysis, dark=dark, detector=detector, explanation=explanation, opacity=opacity)
        return drawn, error_map(rebuilt, dark=dark)

    def examples(self) -> str:
        """List the examples; the spoofs among them are made at first use."""
        try:
            return examples_list(self.resources.examples)
        except SpoofscopeError as error:
            return examples_list(None, wrong=str(error))


def _quick_first(detectors: "dict[str, Detector]") -> list["dict[str, Detector]"]:
    """Return all that answer at once in one batch, and then the slow ones each by itself."""
    quick = {name: d for name, d in detectors.items() if not d.network.is_slow}
    slow = [{name: d} for name, d in detectors.items() if d.network.is_slow]
    return [quick, *slow] if quick else slow
