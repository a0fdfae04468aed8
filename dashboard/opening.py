"""A recording comes, or goes: dropped in, recorded, picked, opened from another tab, removed, shown again."""

from collections.abc import Iterator
from pathlib import Path

import gradio as gr

from core.errors import SpoofscopeError
from core.watch import Watch, watched
from dashboard.components.recording import example_cards
from dashboard.context import requested, requested_run
from dashboard.desk import Desk
from dashboard.drawing import Frames, or_nothing
from dashboard.visits import Recording

__all__ = ["Opening"]

# Each report costs server and browser tens of milliseconds: what takes less shows none.
_PROGRESS_S = 1.0


class Opening(Desk):
    """Answers at once whatever brings a recording or takes it away; it is scored in the background meanwhile."""

    def upload(self, ticket: str, dark: bool, event: gr.EventData) -> Frames:
        """Take what was dropped in."""
        path = self.uploaded(str(event.stored))
        if path is None:
            return self.draw.emptied(ticket, dark=dark, wrong="That file was not uploaded here: drop it in again.")
        return self.take(Recording(ticket, path, str(event.name), files={path}), dark)

    def uploaded(self, stored: str) -> Path | None:
        """Return the file that the browser has uploaded; None for any other path of this machine."""
        path = Path(stored).resolve()
        return path if path.is_relative_to(Path(self.draw.frames.drop.GRADIO_CACHE).resolve()) else None

    def microphone(self, ticket: str, dark: bool, path: str) -> Frames:
        """Take what was recorded here."""
        stored = Path(path).resolve()
        return self.take(Recording(ticket, stored, "what was recorded", files={stored}), dark)

    def example(self, ticket: str, dark: bool, event: gr.EventData) -> Frames:
        """Take an example, chosen by its name."""
        for example in self.resources.examples:
            if example.name == event.value:
                return self.take(Recording(ticket, example.path, example.name, truth=_truth(example.label)), dark)
        return self.draw.emptied(ticket, dark=dark, wrong=f"There is no example {event.value!r}: choose another.")

    def clip(self, ticket: str, dark: bool, asked: str) -> Frames:
        """Take a clip of a run, when its corpus is on this machine."""
        clip_path, choice = requested(asked), requested_run(asked)
        if not clip_path:
            return gr.skip()
        path = self.resources.locate(clip_path, choice)
        if path is None:
            self.visits.leave(ticket)
            return self.draw.emptied(
                ticket, dark=dark, wrong=f"The recording of {clip_path} is not on this machine.",
                todo="Set SPOOFSCOPE_CORPUS to the folder of the corpus and start again.",
            )  # fmt: skip
        truth = _truth(*self.resources.label_of(clip_path, choice))
        return self.take(Recording(ticket, path, clip_path, truth=truth), dark)

    def reopen(self, ticket: str, dark: bool, event: gr.EventData) -> Frames:
        """Take a recording that was open before, to score it again."""
        found = next((one for one in self.visits.past(ticket) if one.number == event.number), None)
        if found is None or not found.path.is_file():
            self.visits.leave(ticket)
            return self.draw.emptied(
                ticket, dark=dark, wrong="That recording is no longer on the server.", todo="Drop it in again."
            )
        again = Recording(ticket, found.path, found.name, span=found.span, truth=found.truth, files=found.files)
        return self.take(again, dark)

    def take(self, recording: Recording, dark: bool) -> Frames:
        """Take a recording as the visitor's present one, unless it comes too late."""
        if not self.visits.begin(recording):
            return gr.skip()
        self.begin(recording)
        return self.draw.emptied(recording.ticket, dark=dark, busy=f"Reading {recording.name}…")

    def take_again(self, recording: Recording, dark: bool) -> Frames:
        """Take a recording; where it is the one that is open, with all that was found and tried of it."""
        shown = self.visits.latest(recording.ticket)
        if shown is None or shown.analysis is None or (shown.path, shown.span) != (recording.path, recording.span):
            return self.take(recording, dark)
        again = shown.under(recording.ticket)
        if not self.visits.begin(again):
            return gr.skip()
        return {**self.draw.verdict(again), **self.draw.picture(again, dark=dark)}

    def begin(self, recording: Recording) -> None:
        """Begin to score a recording, while the page is still on its way to ask for the verdict."""
        from core.usecases import analyse_file

        resources, path, name, watch = self.resources, recording.path, recording.name, Watch()
        span = recording.span
        recording.scoring = watch
        recording.answer = watched(
            lambda: analyse_file(path, resources.panel, name=name, cancel=watch.event, span=span), watch,
            every_s=_PROGRESS_S,
        )

    def remove(self, ticket: str, dark: bool) -> Frames:
        """Forget the recording, stop the work on it, and empty the page."""
        return self.draw.emptied(ticket, dark=dark) if self.visits.remove(ticket) else gr.skip()

    @or_nothing
    def restore(self, ticket: str, dark: bool) -> Iterator[Frames]:
        """Show again what was shown before the page was loaded anew; to who is new, the example."""
        recording = self.visits.current(ticket)
        if recording is None and ticket.endswith(".0"):
            recording = self._featured(ticket)
        if recording is None:
            return
        if recording.analysis is None:
            # The page that waited for it is gone, and its work with it: score begins it again.
            self.begin(recording)
            yield self.draw.emptied(ticket, dark=dark, busy=f"Reading {recording.name}…")
            return
        recording.undrawn = False
        yield self.draw.verdict(recording) | self.draw.picture(recording, dark=dark)

    def _featured(self, ticket: str) -> Recording | None:
        featured = self.resources.featured
        try:
            found = featured.first if featured.wait() else None
        except SpoofscopeError:
            # Shown where the examples should stand.
            return None
        if found is None:
            return None
        example = found.example
        recording = Recording(ticket, example.path, example.name, truth=_truth(example.label), is_example=True)
        recording.analysis = found.analysis
        if featured.explanation is not None:
            recording.ask(featured.explanation.detector, featured.explanation.method)
            recording.explanation = featured.explanation
        return recording if self.visits.begin(recording) else None

    def cards(self) -> str:
        """Show the examples as cards, once they are made and scored."""
        featured = self.resources.featured
        try:
            return example_cards(featured.shown if featured.wait(chosen=False) else None)
        except SpoofscopeError as error:
            return example_cards(None, wrong=str(error))


def _truth(label: str, system: str = "") -> str:
    """Return what a recording really is, in words."""
    if label == "bonafide":
        return "Label: bona fide (real speech)"
    if label != "spoof":
        return "No label"
    return f"Label: spoof{f' ({system})' if system and system != '-' else ''}"
