"""Analyse: one recording, its verdict, and where and when the evidence lies."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
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
    from core.detectors.detector import Detector
    from core.explain.base import Explanation
    from core.usecases import Analysis, Reconstruction

TITLE = "Analyse"
ORDER = 0

_BUSY: dict[str, Any] = {**QUIET, "concurrency_id": "listen", "concurrency_limit": 2}

__all__ = ["ORDER", "TITLE", "AnalyseTab", "Shown", "build"]


@dataclass(eq=False)
class Shown:
    """What a visitor is shown of one recording.

    Detectors are heard and explained beside each other, and each event writes here what it found and draws from what
    stands here: none puts back what another has replaced meanwhile.

    Attributes
    ----------
    analysis : Analysis
        What the detectors that have answered say.
    detector : str
        Whose evidence is asked for.
    explanation : Explanation, optional
        The evidence shown, once there is some.
    """

    analysis: "Analysis"
    detector: str
    explanation: "Explanation | None" = None


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
        self.current: WeakValueDictionary[str, Shown] = WeakValueDictionary()

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
                self.hear_others, [frames.shown], [frames.panel, frames.verdict, frames.detector], **_BUSY
            ).then(
                self.rebuild, [frames.shown, dark], [frames.rebuilt, frames.error_plot, frames.error_note], **QUIET
            )  # fmt: skip
        frames.audio.clear(self.forget, [dark], frames.all, **QUIET)
        chosen = frames.detector.input(self.methods, [frames.detector], [frames.method], **QUIET)
        pressed = frames.panel.select(self.press, None, [frames.detector, frames.method], **QUIET)
        for choice in (chosen.then, pressed.then, frames.method.input):
            choice(**self._explaining())
        frames.opacity.input(None, [frames.opacity], None, js="(value) => { window.spoofscope.opacity(value); }")
        dark.change(
            self.redraw,
            [dark, frames.shown, frames.rebuilt, frames.detector, frames.opacity],
            [frames.plot, frames.error_plot], **QUIET,
        )  # fmt: skip
        self.context.page.load(self.examples, None, [frames.menu], **QUIET)
        wire_endpoint(self.resources)

    def _explaining(self) -> dict[str, Any]:
        frames = self.frames
        asked = [frames.shown, frames.detector, frames.method, self.context.dark, frames.opacity]
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
            names = list(analysis.detectors)
            shown = Shown(analysis, first_explained(analysis, self.resources.panel, names))
            self.current[str(request.session_hash)] = shown
            yield self._heard(shown, dark)

    def _heard(self, shown: Shown, dark: bool) -> dict[Any, Any]:
        frames, analysis, detector = self.frames, shown.analysis, shown.detector
        pending = "Looking for where the evidence lies…"
        urls = sound_urls(frames.head, {"clip": analysis.clip.waveform})
        return {
            frames.shown: shown,
            frames.verdict: verdict_card(analysis, members=self.resources.members, pending=pending),
            frames.record: record_lines(analysis),
            frames.head: where_head(players(urls)),
            frames.plot: clip_figure(analysis, dark=dark, detector=detector),
            frames.panel: self._panel_card(shown),
            frames.detector: gr.Dropdown(choices=list(analysis.detectors), value=detector),
            frames.method: self.methods(detector),
            frames.receipt: receipt_line(None, busy=pending),
        }

    def hear_others(self, shown: Shown | None, request: gr.Request) -> Iterator[dict[Any, Any]]:
        """Let those detectors hear the recording that have no say in the verdict, once it stands."""
        from core.usecases import Panel, analyse_clip

        frames, others = self.frames, self.resources.others
        if shown is None:
            return
        panel = shown.analysis
        said: dict[str, Any] = {}
        for batch in _quick_first(others):
            if not self._is_current(shown, request):
                return
            said |= analyse_clip(panel.clip, Panel(batch)).detectors
            heard = {**panel.detectors, **{name: said[name] for name in others if name in said}}
            shown.analysis = replace(panel, detectors=heard)
            yield {
                frames.panel: self._panel_card(shown), frames.verdict: self._verdict_card(shown),
                frames.detector: gr.Dropdown(choices=list(heard)),
            }  # fmt: skip

    def forget(self, dark: bool) -> dict[Any, Any]:
        """Empty the page."""
        return emptied(self.frames, dark=dark)

    # -- explaining ------------------------------------------------------------------------------------------

    def explain(
        self, shown: Shown | None, detector: str | None, method: str | None, dark: bool, opacity: float,
        request: gr.Request,
    ) -> Iterator[dict[Any, Any]]:  # fmt: skip
        """Show where one detector's evidence lies, and make it audible."""
        from core.explain.base import with_faithfulness
        from core.usecases import explain_clip

        frames = self.frames
        if shown is None or detector is None or not self._is_current(shown, request):
            return
        shown.detector = detector
        yield {frames.receipt: receipt_line(None, busy=f"Asking {detector} what it heard…"),
               frames.panel: self._panel_card(shown)}  # fmt: skip
        asked = self.resources.detector(detector)
        clip = shown.analysis.clip
        try:
            shown.explanation = explain_clip(
                clip, asked, method, score=shown.analysis.detectors.get(asked.name), faithfulness=False
            )
            if not self._is_current(shown, request):
                return
            yield self._explained(shown, dark, opacity)
            shown.explanation = with_faithfulness(shown.explanation)
        except SpoofscopeError as error:
            shown.explanation = None
            yield {
                frames.receipt: receipt_line(None, wrong=str(error)), frames.verdict: self._verdict_card(shown),
                frames.plot: clip_figure(shown.analysis, dark=dark, detector=detector),
            }  # fmt: skip
            return
        if self._is_current(shown, request):
            yield {frames.receipt: receipt_line(shown.explanation)}

    def _explained(self, shown: Shown, dark: bool, opacity: float) -> dict[Any, Any]:
        from core.explain.evidence import evidence

        frames, analysis, explanation = self.frames, shown.analysis, shown.explanation
        assert explanation is not None, "explain() has just found it"
        marked, rest = evidence(analysis.clip, explanation)
        urls = sound_urls(frames.head, {"clip": analysis.clip.waveform, "evidence": marked, "rest": rest})
        name = explanation.detector
        return {
            frames.verdict: self._verdict_card(shown),
            frames.head: where_head(players(urls)),
            frames.plot: clip_figure(analysis, dark=dark, detector=name, explanation=explanation, opacity=opacity),
            frames.receipt: receipt_line(None, busy=f"Testing whether {name} relies on what is marked…"),
        }

    def _verdict_card(self, shown: Shown) -> str:
        explanation = shown.explanation
        sentence = f"{explanation.detector}: {explanation.sentence}" if explanation else ""
        return verdict_card(shown.analysis, members=self.resources.members, sentence=sentence)

    def _panel_card(self, shown: Shown) -> str:
        resources, analysis = self.resources, shown.analysis
        fusion = resources.panel.fusion
        awaited = [name for name in resources.other_names if name not in analysis.detectors]
        return panel_card(
            analysis, members=resources.members, awaited=awaited, selected=shown.detector,
            basis="" if fusion is None else fusion.basis,
        )  # fmt: skip

    def _is_current(self, shown: Shown, request: gr.Request) -> bool:
        return self.current.get(str(request.session_hash)) is shown

    def rebuild(self, shown: Shown | None, dark: bool) -> dict[Any, Any]:
        """Show what the panel's autoencoder cannot rebuild, where it has one."""
        from core.usecases import reconstruct_clip

        frames = self.frames
        if shown is None:
            return {frames.rebuilt: None}
        for name, detector in {**self.resources.panel.detectors, **self.resources.others}.items():
            if hasattr(detector.network, "error_map"):
                rebuilt = reconstruct_clip(shown.analysis.clip, detector)
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
        self, dark: bool, shown: Shown | None, rebuilt: "Reconstruction | None", detector: str | None, opacity: float
    ) -> tuple[Any, Any]:
        """Draw the figures anew, light or dark."""
        analysis, explanation = (shown.analysis, shown.explanation) if shown else (None, None)
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
