"""Analyse: one recording, its verdict, and where and when the evidence lies."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from core.errors import AudioError, SpoofscopeError
from core.watch import Progress, StoppedError, Watch, watched
from dashboard.components.analyse_frames import AnalyseFrames, lay_out
from dashboard.components.recording import example_cards
from dashboard.context import QUIET, Context, requested
from dashboard.drawing import Drawing, Frames
from dashboard.endpoint import wire_endpoint
from dashboard.visits import Recording, Visits

if TYPE_CHECKING:
    from core.usecases import Analysis

TITLE = "Analyse"
ORDER = 0

# What a person does is answered at once, whatever else is being computed; only then the work begins.
_AT_ONCE: dict[str, Any] = {**QUIET, "queue": False, "trigger_mode": "multiple"}
_WORK: dict[str, Any] = {**QUIET, "trigger_mode": "multiple"}
_TICKET = "window.spoofscope.ticket()"

__all__ = ["ORDER", "TITLE", "AnalyseTab", "build"]


def build(context: Context) -> None:
    """Lay out the tab and wire it."""
    AnalyseTab(context, lay_out()).wire()


def _or_nothing(steps: Callable[..., Iterator[Frames]]) -> Callable[..., Iterator[Any]]:
    """Have a handler that has nothing to show leave the page as it is: Gradio would empty what it was to fill."""

    @wraps(steps)
    def shown(*asked: Any) -> Iterator[Any]:
        empty = True
        for step in steps(*asked):
            empty = False
            yield step
        if empty:
            yield gr.skip()

    return shown


def _stamped(inputs: int, *, ticket: str = _TICKET) -> str:
    """Return the script that puts the page's ticket before the other inputs of an event."""
    names = ", ".join(f"a{number}" for number in range(inputs))
    return f"(_, {names}) => [{ticket}, {names}]" if inputs else f"(_) => [{ticket}]"


# Ticket and scheme as they are now: when the page loads, the hidden checkbox does not know its scheme yet.
_SEEN = f"(_, dark) => [{_TICKET}, document.body.classList.contains('dark')]"


class AnalyseTab:
    """What happens on the tab: first the verdict, then the evidence.

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
        self.draw = Drawing(frames, context.resources)
        self.visits = Visits()

    # -- wiring ----------------------------------------------------------------------------------------------

    def wire(self) -> None:
        """Connect what a person does with what follows."""
        frames, dark = self.frames, self.context.dark
        request = self.context.analyse_request
        stamped, seen = [frames.ticket, dark], _SEEN
        opened = (
            frames.drop.upload(self.open_upload, stamped, frames.all, js=seen, **_AT_ONCE),
            frames.drop.select(self.open_example, stamped, frames.all, js=seen, **_AT_ONCE),
            frames.microphone.stop_recording(
                self.open_microphone, [*stamped, frames.microphone], frames.all,
                js=_stamped(2, ticket="window.spoofscope.next()"), **_AT_ONCE,
            ),
            request.change(
                self.open_clip, [*stamped, request], frames.all,
                js="(ticket, dark, asked) => [asked ? window.spoofscope.next() : ticket, dark, asked]", **_AT_ONCE,
            ),
            self.context.page.load(self.restore, stamped, frames.all, js=seen, concurrency_limit=16, **_WORK),
        )  # fmt: skip
        # The recorder is free for the next one.
        opened[2].then(lambda: None, None, frames.microphone, **_AT_ONCE)
        for event in opened:
            scored = event.then(
                self.score, stamped, frames.all, js=seen, concurrency_id="score", concurrency_limit=2, **_WORK
            )
            rebuilt = [frames.error_plot, frames.error_note]
            scored.then(**self._explaining()).then(self.rebuild, stamped, rebuilt, js=seen, **_WORK)
        frames.drop.clear(self.remove, stamped, frames.all, js=seen, **_AT_ONCE)
        frames.others.click(self.start_or_stop, [frames.ticket], None, js=_stamped(0), **_AT_ONCE).then(
            self.score_others, [frames.ticket], [frames.panel, frames.verdict, frames.detector, frames.others],
            js=_stamped(0), concurrency_id="others", concurrency_limit=1, **_WORK,
        )  # fmt: skip
        self._wire_choices()
        frames.opacity.input(None, [frames.opacity], None, js="(value) => { window.spoofscope.opacity(value); }")
        dark.change(
            self.redraw, [*stamped, frames.opacity], [frames.plot, frames.error_plot], js=_stamped(2), **QUIET
        )
        self.context.page.load(self.examples, None, [frames.cards], concurrency_limit=16, **QUIET)
        wire_endpoint(self.resources)

    def _wire_choices(self) -> None:
        frames = self.frames
        chosen = [frames.detector, frames.method]
        for event in (
            frames.panel.select(self.press, [frames.ticket], chosen, js=_stamped(0), **_AT_ONCE),
            frames.detector.input(self.choose, [frames.ticket, frames.detector], chosen, js=_stamped(1), **_AT_ONCE),
            frames.method.input(self.choose, [frames.ticket, *chosen], chosen, js=_stamped(2), **_AT_ONCE),
        ):
            event.then(**self._explaining())

    def _explaining(self) -> dict[str, Any]:
        frames = self.frames
        return {
            "fn": self.explain, "inputs": [frames.ticket, self.context.dark, frames.opacity],
            "outputs": frames.explained, "js": _stamped(2), "concurrency_id": "explain", "concurrency_limit": 1,
            **_WORK,
        }  # fmt: skip

    # -- a recording comes, or goes --------------------------------------------------------------------------

    def open_upload(self, ticket: str, dark: bool, event: gr.EventData) -> Frames:
        """Take what was dropped in."""
        path = Path(str(event.stored)).resolve()
        if not path.is_relative_to(Path(self.frames.drop.GRADIO_CACHE).resolve()):
            return self.draw.emptied(ticket, dark=dark, wrong="That file was not uploaded here: drop it in again.")
        return self._open(Recording(ticket, path, str(event.name)), dark)

    def open_microphone(self, ticket: str, dark: bool, path: str) -> Frames:
        """Take what was recorded here."""
        return self._open(Recording(ticket, Path(path), "what was recorded"), dark)

    def open_example(self, ticket: str, dark: bool, event: gr.EventData) -> Frames:
        """Take an example, chosen by its name."""
        for example in self.resources.examples:
            if example.name == event.value:
                return self._open(Recording(ticket, example.path, example.name, truth=_truth(example.label)), dark)
        return self.draw.emptied(ticket, dark=dark, wrong=f"There is no example {event.value!r}: choose another.")

    def open_clip(self, ticket: str, dark: bool, asked: str) -> Frames:
        """Take a clip of the reference run, when its corpus is on this machine."""
        clip_path = requested(asked)
        if not clip_path:
            return gr.skip()
        path = self.resources.locate(clip_path)
        if path is None:
            self.visits.remove(ticket)
            return self.draw.emptied(
                ticket, dark=dark, wrong=f"The recording of {clip_path} is not on this machine.",
                todo="Set SPOOFSCOPE_CORPUS to the folder of the corpus and start again.",
            )  # fmt: skip
        return self._open(Recording(ticket, path, clip_path, truth=_truth(*self.resources.label_of(clip_path))), dark)

    def _open(self, recording: Recording, dark: bool) -> Frames:
        if not self.visits.begin(recording):
            return gr.skip()
        return self.draw.emptied(recording.ticket, dark=dark, busy=f"Reading {recording.name}…")

    def remove(self, ticket: str, dark: bool) -> Frames:
        """Forget the recording, stop the work on it, and empty the page."""
        return self.draw.emptied(ticket, dark=dark) if self.visits.remove(ticket) else gr.skip()

    @_or_nothing
    def restore(self, ticket: str, dark: bool) -> Iterator[Frames]:
        """Show again what was shown before the page was loaded anew; to who is new, the example."""
        recording = self.visits.current(ticket)
        if recording is None and ticket.endswith(".0"):
            recording = self._example(ticket)
        if recording is None:
            return
        if recording.analysis is None:
            # The page that waited for it is gone, and its work with it: score begins it again.
            recording.scoring = Watch()
            yield self.draw.emptied(ticket, dark=dark, busy=f"Reading {recording.name}…")
            return
        yield self._scored(recording, dark)

    def _example(self, ticket: str) -> Recording | None:
        from core.usecases import deciding_member

        featured = self.resources.featured
        try:
            found = featured.first if featured.wait() else None
        except SpoofscopeError:
            # Said where the examples should stand.
            return None
        if found is None:
            return None
        example = found.example
        recording = Recording(ticket, example.path, example.name, truth=_truth(example.label), is_example=True)
        recording.analysis = found.analysis
        recording.ask(deciding_member(found.analysis, self.resources.panel), None)
        recording.explanation = featured.explanation
        return recording if self.visits.begin(recording) else None

    # -- the verdict -----------------------------------------------------------------------------------------

    @_or_nothing
    def score(self, ticket: str, dark: bool) -> Iterator[Frames]:
        """Score the visitor's recording, if nobody has begun to."""
        from core.usecases import analyse_file, deciding_member

        recording = self.visits.current(ticket)
        if recording is None or recording.analysis is not None or recording.scoring.stopped:
            return
        resources, path, name = self.resources, recording.path, recording.name
        try:
            for step in watched(lambda: analyse_file(path, resources.panel, name=name), recording.scoring):
                if isinstance(step, Progress):
                    yield self.draw.progress(recording, step)
                elif self.visits.is_current(recording):
                    recording.analysis = step
                    # Where nobody speaks there is nothing to explain.
                    recording.ask(deciding_member(step, resources.panel) if step.verdict else None, None)
                    yield self._scored(recording, dark)
        except StoppedError:
            return
        except SpoofscopeError as error:
            todo = "Nothing was scored. Try another recording." if isinstance(error, AudioError) else ""
            self.visits.remove(ticket)
            yield self.draw.emptied(ticket, dark=dark, wrong=str(error), todo=todo)

    def _scored(self, recording: Recording, dark: bool) -> Frames:
        methods = self._methods(recording.detector)
        if recording.method is None and methods:
            recording.method = methods[0]
        drawn = self.draw.verdict(recording, methods, dark=dark)
        if recording.explanation is not None:
            drawn |= self.draw.explained(recording, dark=dark, opacity=0.8)
        return drawn

    # -- the evidence ----------------------------------------------------------------------------------------

    def press(self, ticket: str, event: gr.EventData) -> tuple[Any, Any]:
        """Choose a detector by its row."""
        return self.choose(ticket, str(event.value))

    def choose(self, ticket: str, detector: str | None, method: str | None = None) -> tuple[Any, Any]:
        """Ask for the evidence of another detector, or by another method; what was asked before is stopped."""
        recording = self.visits.current(ticket)
        if recording is None or detector is None:
            return gr.skip(), gr.skip()
        methods = self._methods(detector)
        asked = method if method in methods else methods[0] if methods else None
        recording.ask(detector, asked)
        return detector, gr.Dropdown(choices=methods, value=asked)

    @_or_nothing
    def explain(self, ticket: str, dark: bool, opacity: float) -> Iterator[Frames]:
        """Find where the evidence of the chosen detector lies, and test whether it relies on it."""
        recording = self.visits.current(ticket)
        if recording is None or recording.analysis is None or recording.detector is None:
            return
        watch = recording.explaining
        if recording.explanation is not None or watch.stopped:
            return
        analysis, name, method = recording.analysis, recording.detector, recording.method
        yield self.draw.busy(recording, f"Looking for what {name} relies on, and testing it…")
        try:
            for step in watched(lambda: self.resources.explain(analysis, name, method), watch):
                if not isinstance(step, Progress) and recording.explaining is watch:
                    recording.explanation = step
                    yield self.draw.explained(recording, dark=dark, opacity=opacity)
        except StoppedError:
            return
        except SpoofscopeError as error:
            yield self.draw.unexplained(recording, str(error), dark=dark)

    def _methods(self, detector: str | None) -> list[str]:
        from core.explain.base import methods_for

        return [] if detector is None else methods_for(self.resources.detector(detector))

    def rebuild(self, ticket: str, dark: bool) -> Frames:
        """Show what an autoencoder cannot rebuild, where one ships."""
        from core.usecases import reconstruct_clip

        recording = self.visits.current(ticket)
        if recording is None or recording.analysis is None:
            return gr.skip()
        name = self.resources.autoencoder
        if name is None:
            return self.draw.rebuilt(recording, "", dark=dark, wrong="No detector here is an autoencoder.")
        recording.rebuilt = reconstruct_clip(recording.analysis.clip, self.resources.detector(name))
        return self.draw.rebuilt(recording, name, dark=dark) if self.visits.is_current(recording) else gr.skip()

    # -- the others ------------------------------------------------------------------------------------------

    def start_or_stop(self, ticket: str) -> None:
        """Have the detectors outside of the panel score the recording, or stop them."""
        recording = self.visits.current(ticket)
        if recording is None:
            return
        recording.extra.stop()
        recording.scoring_others = not recording.scoring_others
        if recording.scoring_others:
            recording.extra = Watch()

    @_or_nothing
    def score_others(self, ticket: str) -> Iterator[Frames]:
        """Show the others' verdicts one after the other; the panel's stays as it is."""
        from core.session import score_others

        recording = self.visits.current(ticket)
        if recording is None or recording.analysis is None:
            return
        watch = recording.extra
        if recording.scoring_others:
            yield self._others(recording, recording.analysis)
            for analysis in score_others(recording.analysis, self.resources.panel):
                if watch.stopped or not self.visits.is_current(recording):
                    break
                yield self._others(recording, analysis)
        if recording.extra is watch:
            recording.scoring_others = False
            yield {self.frames.others: self.draw.others(recording)}

    def _others(self, recording: Recording, analysis: "Analysis") -> Frames:
        recording.analysis = replace(recording.analysis or analysis, detectors=analysis.detectors)
        return {
            **self.draw.answer(recording), self.frames.others: self.draw.others(recording),
            self.frames.detector: gr.Dropdown(choices=list(analysis.detectors)),
        }  # fmt: skip

    # -- the rest --------------------------------------------------------------------------------------------

    def redraw(self, ticket: str, dark: bool, opacity: float) -> tuple[Any, Any]:
        """Draw the figures anew, light or dark."""
        recording = self.visits.current(ticket)
        return self.draw.plot(recording, dark=dark, opacity=opacity), self.draw.error_plot(recording, dark=dark)

    def examples(self) -> str:
        """Show the examples as cards, once they are made and scored."""
        featured = self.resources.featured
        try:
            return example_cards(featured.shown if featured.wait() else None)
        except SpoofscopeError as error:
            return example_cards(None, wrong=str(error))


def _truth(label: str, system: str = "") -> str:
    """Return what a recording really is, in words."""
    if label == "bonafide":
        return "Label: bona fide (real speech)"
    return f"Label: spoof{f' ({system})' if system and system != '-' else ''}"
