"""What a visitor asks to be tried on a recording: begun by a press, shown as it goes, ended with the recording."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr

from core.errors import SpoofscopeError, TrialError
from core.session import part_to_try, samples_to_try
from core.watch import Progress, StoppedError, watched
from dashboard.desk import Desk
from dashboard.drawing import Frames, or_nothing
from dashboard.sound import files_of, sound_urls
from dashboard.visits import Recording

if TYPE_CHECKING:
    from core.panel import Panel
    from core.usecases import Analysis
    from dashboard.trials import Trial

__all__ = ["Trying"]

# What is tried to the frame of what comes of it.
_FRAMES = {"boxes": "tried", "hold": "held", "flip": "flipped"}


class Trying(Desk):
    """Answers what is pressed in *Try the verdict*."""

    @or_nothing
    def ask(self, ticket: str, event: gr.EventData) -> Iterator[Frames]:
        """Try what was pressed on the visitor's recording, and show how far it is and what comes of it."""
        recording = self.visits.current(ticket)
        if recording is None or recording.analysis is None or recording.analysis.verdict is None:
            return
        if event.what == "boxes":
            yield from self._boxes(recording, recording.analysis, event.boxes)
        elif event.what == "hold":
            yield from self._hold(recording, recording.analysis)
        elif event.what == "flip":
            yield from self._flip(recording, recording.analysis)

    def stop(self, ticket: str, event: gr.EventData) -> None:
        """Stop what is being tried; what there was of it is gone."""
        recording = self.visits.current(ticket)
        if recording is not None and event.what in _FRAMES:
            getattr(recording.trials, event.what).watch.stop()

    def _boxes(self, recording: Recording, analysis: "Analysis", asked: Any) -> Iterator[Frames]:
        from core.tried import read_boxes, sounds, try_out

        trial, clip, panel = recording.trials.boxes, analysis.clip, self._panel(analysis)
        trial.begin()
        try:
            boxes = read_boxes(asked if isinstance(asked, list) else [], clip.duration_s)
        except TrialError as error:
            trial.running, trial.wrong = False, str(error)
            yield self._drawn(recording, "tried", "box_sounds")
            return
        # At once: they are played while the scores are still made.
        parts = sounds(clip.waveform, boxes)
        urls = sound_urls(self.draw.frames.box_sounds, {"alone": parts.alone, "without": parts.without})
        recording.files |= files_of(urls.values())
        trial.sounds, trial.starts = urls, {"alone": parts.alone_s, "without": parts.start_s}
        yield self._drawn(recording, "box_sounds")
        yield from self._watched(recording, "boxes", lambda: try_out(clip.waveform, panel, boxes))

    def _hold(self, recording: Recording, analysis: "Analysis") -> Iterator[Frames]:
        from core.robustness import QUICK, does_it_hold

        panel, (waveform, whole) = self._panel(analysis), samples_to_try(analysis)
        known = {name: analysis.detectors[name].score for name in panel.members} if whole else None
        recording.trials.hold.begin()
        yield from self._watched(
            recording, "hold", lambda: does_it_hold(panel, waveform, names=QUICK, scores=known)
        )  # fmt: skip

    def _flip(self, recording: Recording, analysis: "Analysis") -> Iterator[Frames]:
        from core.robustness import smallest_flip, taken_and_left

        panel, (waveform, whole) = self._panel(analysis), samples_to_try(analysis)
        known = analysis.detectors if whole else None
        trial = recording.trials.flip
        trial.begin()
        for shown in self._watched(recording, "flip", lambda: smallest_flip(panel, waveform, scores=known)):
            if trial.found is None:
                yield shown
                continue
            taken, left = taken_and_left(waveform, trial.found.mask)
            trial.sounds = sound_urls(self.draw.frames.flipped, {"taken": taken, "left": left})
            recording.files |= files_of(trial.sounds.values())
            trial.starts = dict.fromkeys(trial.sounds, part_to_try(analysis)[0])
            yield self._drawn(recording, "flipped")

    def _panel(self, analysis: "Analysis") -> "Panel":
        """Return the panel with the thresholds that the recording was judged by."""
        return self.resources.panel.deciding_by(analysis.decision)

    def _drawn(self, recording: Recording, *names: str) -> Frames:
        """Return some frames of trials; the others stay as they are, with what is played there."""
        drawn = self.draw.tried(recording.ticket, recording)
        return {frame: drawn[frame] for frame in (getattr(self.draw.frames, name) for name in names)}

    def _watched(self, recording: Recording, what: str, work: Callable[[], Any]) -> Iterator[Frames]:
        trial: Trial[Any] = getattr(recording.trials, what)

        def draw() -> Frames:
            return self._drawn(recording, _FRAMES[what])

        watch = trial.watch
        yield draw()
        try:
            for step in watched(work, watch):
                if trial.watch is not watch or not self.visits.is_current(recording):
                    return
                if isinstance(step, Progress):
                    trial.progress = step
                else:
                    trial.found, trial.running = step, False
                yield draw()
        except StoppedError:
            # Another trial that took its place, or another recording, is drawn by itself.
            if trial.watch is watch and self.visits.is_current(recording):
                trial.running = False
                yield draw()
        except SpoofscopeError as error:
            trial.running, trial.wrong = False, str(error)
            yield draw()
        finally:
            if trial.watch is watch:
                trial.running = False

