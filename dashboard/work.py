"""What is computed of a visitor's recording: the verdict, the evidence, the error map, the others' scores."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from core.errors import AudioError, SpoofscopeError
from core.watch import Progress, StoppedError, Watch, watched
from dashboard.desk import Desk
from dashboard.drawing import Frames, or_nothing
from dashboard.visits import Recording

if TYPE_CHECKING:
    from core.usecases import Analysis

__all__ = ["Work"]


class Work(Desk):
    """Asks the use cases and draws what they find, as long as the visitor still looks at that recording."""

    @or_nothing
    def score(self, ticket: str) -> Iterator[Frames]:
        """Show how far the scoring of the visitor's recording is, then the verdict."""
        from core.session import explained_first

        recording = self.visits.current(ticket)
        if recording is None or recording.analysis is not None or recording.answer is None:
            return
        resources, answer = self.resources, recording.answer
        recording.answer = None
        try:
            for step in answer:
                if not self.visits.is_current(recording):
                    continue
                if isinstance(step, Progress):
                    yield self.draw.progress(recording, step) if step.total else gr.skip()
                else:
                    recording.analysis = step
                    name = explained_first(step, resources.panel)
                    recording.ask(name, resources.default_method(name))
                    recording.undrawn = True
                    yield self.draw.verdict(recording)
        except StoppedError:
            return
        except SpoofscopeError as error:
            todo = "Nothing was scored. Try another recording." if isinstance(error, AudioError) else ""
            self.visits.remove(ticket)
            yield self.draw.refused(ticket, str(error), todo=todo)

    def picture(self, ticket: str, dark: bool) -> Frames:
        """Show the picture, once, when the page has shown the verdict: a browser draws it in many times its time."""
        recording = self.visits.current(ticket)
        if recording is None or not recording.undrawn:
            return gr.skip()
        recording.undrawn = False
        return self.draw.picture(recording, dark=dark)

    def press(self, ticket: str, event: gr.EventData) -> Frames:
        """Choose a detector by its row."""
        return self.choose(ticket, str(event.value))

    def choose(self, ticket: str, detector: str | None, method: str | None = None) -> Frames:
        """Ask for the evidence of another detector, or by another method; what was asked before is stopped."""
        recording = self.visits.current(ticket)
        if recording is None or recording.analysis is None or detector is None:
            return gr.skip()
        methods = self.resources.methods(detector)
        recording.ask(detector, method if method in methods else self.resources.default_method(detector))
        return self.draw.asked(recording)

    @or_nothing
    def explain(self, ticket: str, dark: bool, opacity: float) -> Iterator[Frames]:
        """Find where the evidence of the chosen detector lies, and test whether it relies on it."""
        recording = self.visits.current(ticket)
        if recording is None or recording.analysis is None or recording.detector is None:
            return
        watch = recording.explaining
        if recording.explanation is not None or watch.stopped:
            return
        if recording.method is None:
            if recording.mapped:
                yield self.draw.explained(recording, dark=dark, opacity=opacity)
            return
        analysis, name, method = recording.analysis, recording.detector, recording.method
        try:
            for step in watched(lambda: self.resources.explain(analysis, name, method), watch):
                if isinstance(step, Progress):
                    yield gr.skip()
                elif recording.explaining is watch:
                    recording.explanation = step
                    yield self.draw.explained(recording, dark=dark, opacity=opacity)
        except StoppedError:
            return
        except SpoofscopeError as error:
            yield self.draw.unexplained(recording, str(error), dark=dark)

    def words(self, ticket: str) -> Frames:
        """Show the paragraph anew, with what was tried meanwhile."""
        recording = self.visits.current(ticket)
        return gr.skip() if recording is None or recording.analysis is None else self.draw.words(recording)

    @or_nothing
    def trace(self, ticket: str) -> Iterator[Frames]:
        """Show what the file states about itself; it waits for the verdict and the evidence, and delays neither."""
        from core.provenance import provenance

        recording = self.visits.current(ticket)
        if recording is None or recording.analysis is None or recording.provenance is not None:
            return
        clip, path, watch = recording.analysis.clip, recording.path, recording.tracing
        try:
            for step in watched(lambda: provenance(path, clip=clip, name=recording.name), watch):
                if isinstance(step, Progress):
                    yield gr.skip()
                elif self.visits.is_current(recording):
                    recording.provenance = step
                    yield {**self.draw.provenance(recording), **self.draw.words(recording)}
        except StoppedError:
            return

    @or_nothing
    def sort(self, ticket: str) -> Iterator[Frames]:
        """Show in what kinds of place the evidence lies, and how the score depends on each."""
        recording = self.visits.current(ticket)
        if recording is None or recording.analysis is None or recording.explanation is None or recording.cues:
            return
        analysis, explanation = recording.analysis, recording.explanation
        recording.sorting = Watch()
        yield self.draw.cues(recording, busy="Each kind of place is taken out, and random parts as large…")
        try:
            for step in watched(lambda: self.resources.cues(analysis, explanation), recording.sorting):
                if isinstance(step, Progress):
                    yield gr.skip()
                elif recording.explanation is explanation:
                    recording.cues = step
                    yield self.draw.cues(recording)
        except StoppedError:
            return
        except SpoofscopeError as error:
            yield self.draw.cues(recording, wrong=str(error))

    def nearest(self, ticket: str, choice: str = "") -> Frames:
        """Show the clips of the chosen run that the recording is most like; the run is read when first asked for."""
        recording = self.visits.current(ticket)
        if recording is None or recording.analysis is None:
            return gr.skip()
        return self.draw.nearest(recording, choice)

    @or_nothing
    def rebuild(self, ticket: str, dark: bool) -> Iterator[Frames]:
        """Show what an autoencoder cannot rebuild."""
        from core.usecases import reconstruct_clip

        recording, name = self.visits.current(ticket), self.resources.autoencoder
        if recording is None or recording.analysis is None or recording.rebuilt is not None or name is None:
            return
        clip, watch = recording.analysis.clip, Watch()
        recording.rebuilding = watch
        yield self.draw.rebuilt(recording, dark=dark, busy=f"{name} rebuilds the clip…")
        try:
            for step in watched(lambda: reconstruct_clip(clip, self.resources.detector(name)), watch):
                if isinstance(step, Progress):
                    yield gr.skip()
                elif self.visits.is_current(recording):
                    recording.rebuilt = step
                    yield self.draw.rebuilt(recording, dark=dark)
        except StoppedError:
            return
        except SpoofscopeError as error:
            yield self.draw.rebuilt(recording, dark=dark, wrong=str(error))

    def start_or_stop(self, ticket: str) -> None:
        """Have the detectors outside of the panel score the recording, or stop them."""
        recording = self.visits.current(ticket)
        if recording is None:
            return
        recording.extra.stop()
        recording.scoring_others = not recording.scoring_others
        if recording.scoring_others:
            recording.extra = Watch()

    @or_nothing
    def score_others(self, ticket: str) -> Iterator[Frames]:
        """Show the others' verdicts one after the other; the panel's stays as it is."""
        from core.session import score_others

        recording = self.visits.current(ticket)
        if recording is None or recording.analysis is None:
            return
        watch = recording.extra
        if recording.scoring_others:
            yield self._others(recording, recording.analysis)
            pace, panel = self.resources.pace, self.resources.panel
            for analysis in score_others(recording.analysis, panel, watch=watch, pace=pace):
                if watch.stopped or not self.visits.is_current(recording):
                    break
                yield self._others(recording, analysis)
        if recording.extra is watch:
            recording.scoring_others = False
            yield {self.draw.frames.others: self.draw.others(recording)}

    def _others(self, recording: Recording, analysis: "Analysis") -> Frames:
        recording.analysis = replace(recording.analysis or analysis, detectors=analysis.detectors)
        return {
            **self.draw.answer(recording), self.draw.frames.others: self.draw.others(recording),
            self.draw.frames.detector: self.draw.choices(recording),
        }  # fmt: skip

    def redraw(self, ticket: str, dark: bool, opacity: float) -> tuple[Any, Any]:
        """Draw the figures anew, light or dark."""
        recording = self.visits.current(ticket)
        return self.draw.plot(recording, dark=dark, opacity=opacity), self.draw.error_plot(recording, dark=dark)
