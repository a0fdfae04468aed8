"""Keeping a visitor's recording: its case is made when asked for; those of before are listed, and forgotten."""

from collections.abc import Iterator
from pathlib import Path

import gradio as gr

from core.case import Context, Known, Trials, case_bytes
from core.errors import SpoofscopeError
from core.files import sha256_bytes
from core.timeline.formats import safe_name
from core.watch import Progress, StoppedError, Watch, watched
from dashboard.components.case import case_link, past_list
from dashboard.components.markup import Markup, loading, problem
from dashboard.desk import Desk
from dashboard.drawing import Frames, or_nothing
from dashboard.visits import Recording

__all__ = ["Keeping"]

_NOTHING = "There is no result to keep yet: open a recording and wait for its verdict."

_PART = (
    "A case holds a file as it is, and this is a part of one: save these seconds as a file of their own, and open that."
)
_GONE = "The recording's file is no longer on the server: drop it in again."


class Keeping(Desk):
    """Answers what is pressed in *Keep it*."""

    @or_nothing
    def keep(self, ticket: str) -> Iterator[Frames]:
        """Make the case of the visitor's recording, and hand it over."""
        frames, recording = self.draw.frames, self.visits.current(ticket)
        if recording is None or recording.analysis is None:
            yield {frames.kept: self.draw.stamped(ticket, problem(_NOTHING))}
            return
        if recording.span is not None:
            yield {frames.kept: self.draw.stamped(ticket, problem(_PART))}
            return
        if not recording.path.is_file():
            yield {frames.kept: self.draw.stamped(ticket, problem(_GONE))}
            return
        recording.keeping.stop()
        recording.keeping = watch = Watch()
        yield {frames.kept: self.draw.stamped(ticket, loading("The case is being made…"))}
        try:
            for step in watched(lambda: self._case(recording, watch), watch):
                if isinstance(step, Progress):
                    yield gr.skip()
                elif self.visits.is_current(recording):
                    yield {frames.kept: self.draw.stamped(ticket, self._handed_over(recording, step))}
        except StoppedError:
            return
        except SpoofscopeError as error:
            yield {frames.kept: self.draw.stamped(ticket, problem(str(error)))}

    def _case(self, recording: Recording, watch: Watch) -> bytes:
        explanation = recording.explanation
        checked = explanation if explanation is not None and explanation.faithfulness is not None else None
        trials = Trials(recording.trials.hold.found or (), recording.trials.flip.found)
        known = {recording.path: Known(recording.name, recording.analysis, checked, trials)}
        context = Context(self.resources.panel, self.resources.named, known=known)
        return case_bytes([recording.path], context=context, cancel=watch.event)

    def _handed_over(self, recording: Recording, data: bytes) -> Markup:
        from gradio.processing_utils import save_bytes_to_cache

        owner = self.draw.frames.kept
        name = f"{safe_name(Path(recording.name).stem)}-case.zip"
        path = save_bytes_to_cache(data, name, owner.GRADIO_CACHE)
        owner.temp_files.add(path)
        recording.files.add(Path(path))
        return case_link(path, Path(path).name, size_bytes=len(data), digest=sha256_bytes(data))

    def past(self, ticket: str) -> str:
        """List what the visitor had open before."""
        return past_list(self.visits.past(ticket))

    def forget(self, ticket: str, event: gr.EventData) -> str:
        """Forget one of them."""
        self.visits.forget(ticket, int(event.number))
        return self.past(ticket)
