"""What a visitor asks to be tried on a recording: begun by a press, shown as it goes, ended with the recording."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from core.errors import SpoofscopeError, TrialError
from core.watch import Progress, StoppedError, watched
from dashboard.drawing import Drawing, Frames, or_nothing
from dashboard.resources import Resources
from dashboard.sound import sound_urls
from dashboard.visits import Recording, Visits

if TYPE_CHECKING:
    from dashboard.trials import Trial

__all__ = ["Trying"]


@dataclass(eq=False)
class Trying:
    """Answers what is pressed in *Try the verdict*.

    Parameters
    ----------
    resources : Resources
    visits : Visits
    draw : Drawing
    """

    resources: Resources
    visits: Visits
    draw: Drawing

    @or_nothing
    def ask(self, ticket: str, event: gr.EventData) -> Iterator[Frames]:
        """Try what was pressed on the visitor's recording, and show how far it is and what comes of it."""
        recording = self.visits.current(ticket)
        if recording is None or recording.analysis is None or recording.analysis.verdict is None:
            return
        if event.what == "boxes":
            yield from self._boxes(recording, event.boxes)

    def stop(self, ticket: str, event: gr.EventData) -> None:
        """Stop what is being tried; what there was of it is gone."""
        recording = self.visits.current(ticket)
        if recording is not None and event.what in vars(recording.trials):
            getattr(recording.trials, event.what).watch.stop()

    def _boxes(self, recording: Recording, asked: Any) -> Iterator[Frames]:
        from core.tried import read_boxes, sounds, try_out

        assert recording.analysis is not None
        trial, clip, panel = recording.trials.boxes, recording.analysis.clip, self.resources.panel
        trial.begin()
        try:
            boxes = read_boxes(asked if isinstance(asked, list) else [], clip.duration_s)
        except TrialError as error:
            trial.running, trial.wrong = False, str(error)
            yield self.draw.tried(recording)
            return
        # At once: they are played while the scores are still made.
        parts = sounds(clip.waveform, boxes)
        urls = sound_urls(self.draw.frames.tried, {"alone": parts.alone, "without": parts.without})
        trial.sounds, trial.starts = urls, {"alone": parts.alone_s, "without": parts.start_s}
        yield from self._watched(recording, trial, lambda: try_out(clip.waveform, panel, boxes), self.draw.tried)

    def _watched(
        self, recording: Recording, trial: "Trial[Any]", work: Callable[[], Any],
        draw: Callable[[Recording], Frames],
    ) -> Iterator[Frames]:  # fmt: skip
        watch = trial.watch
        yield draw(recording)
        try:
            for step in watched(work, watch):
                if trial.watch is not watch or not self.visits.is_current(recording):
                    return
                if isinstance(step, Progress):
                    trial.progress = step
                else:
                    trial.found, trial.running = step, False
                yield draw(recording)
        except StoppedError:
            # Another trial that took its place, or another recording, is drawn by itself.
            if trial.watch is watch and self.visits.is_current(recording):
                trial.running = False
                yield draw(recording)
        except SpoofscopeError as error:
            trial.running, trial.wrong = False, str(error)
            yield draw(recording)
        finally:
            if trial.watch is watch:
                trial.running = False
