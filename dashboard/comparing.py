"""What is done with several recordings: added, scored one after the other, sorted, compared, opened, forgotten."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from core.audio.decode import DecodingCancelled
from core.audio.limits import DEFAULT_LIMITS
from core.errors import SpoofscopeError
from core.watch import Progress, StoppedError, Watch, watched
from dashboard.components.compare import CompareFrames, list_frame, minutes_frame
from dashboard.drawing import Frames
from dashboard.listing import Entry, Listing, Listings
from dashboard.opening import Opening
from dashboard.plots.compare import overview_figure
from dashboard.visits import Recording

__all__ = ["Comparing"]

_PROGRESS_S = 1.0


@dataclass(eq=False)
class Comparing:
    """Keeps each visitor's list, and draws it.

    Parameters
    ----------
    frames : CompareFrames
    opening : Opening
        Of the tab: it takes what is opened from the list.
    """

    frames: CompareFrames
    opening: Opening
    lists: Listings = field(default_factory=Listings)

    def __post_init__(self) -> None:
        self.opening.visits.held_elsewhere = self.lists.files

    def add(self, ticket: str, dark: bool, event: gr.EventData) -> Frames:
        """Put a recording on the visitor's list; where it is the first, behind the one that is open already."""
        listing, name = self.lists.of(ticket), str(event.name)
        if event.beside and not listing.entries:
            self._add_current(ticket, listing)
        if getattr(event, "problem", ""):
            listing.add(name, None, problem=str(event.problem))
        elif (path := self.opening.uploaded(str(event.stored))) is None:
            listing.add(name, None, problem="It was not uploaded here: add it again.")
        else:
            listing.add(name, path)
        return self.draw(listing, dark=dark)

    def _add_current(self, ticket: str, listing: Listing) -> None:
        from core.overview import overview

        current = self.opening.visits.current(ticket)
        if current is None or current.analysis is None or current.is_example or current.span is not None:
            return
        # What was dropped of it is scored, too.
        found = None if current.analysis.clip.record.dropped_s else overview(current.analysis)
        listing.add(current.name, current.path, overview=found)

    def take_long(self, ticket: str, dark: bool) -> Frames:
        """Put the recording that is open on the list where only its beginning was scored: here all of it is."""
        current, listing = self.opening.visits.current(ticket), self.lists.of(ticket)
        if current is None or current.analysis is None or current.span is not None:
            return gr.skip()
        long = current.analysis.clip.record.duration_s > DEFAULT_LIMITS.keep_s
        if not long or any(entry.path == current.path for entry in listing.entries):
            return gr.skip()
        listing.add(current.name, current.path)
        return self.draw(listing, dark=dark)

    def work(self, ticket: str, dark: bool) -> Iterator[Frames]:
        """Score what waits on the visitor's list, and show each as it is done; one at a time does so for a visitor."""
        listing = self.lists.of(ticket)
        if listing.working or listing.waiting() is None:
            yield gr.skip()
            return
        listing.working = True
        try:
            while (entry := listing.waiting()) is not None:
                self._keep(listing)
                yield from self._score(entry, listing, dark=dark)
        finally:
            # Seen until now.
            self.lists.of(ticket)
            listing.working = False

    def _keep(self, listing: Listing) -> None:
        """Have Gradio keep the uploads of a list that is worked on: it removes what was not touched for an hour."""
        for entry in listing.entries:
            if entry.path is not None and (upload := self.opening.uploaded(str(entry.path))) and upload.is_file():
                os.utime(upload)

    def _score(self, entry: Entry, listing: Listing, *, dark: bool) -> Iterator[Frames]:
        from core.overview import overview_file

        assert entry.path is not None
        path, panel, name, watch = entry.path, self.opening.resources.panel, entry.name, Watch()
        entry.running, entry.watch = True, watch
        yield self._entries(listing)
        try:
            for step in watched(
                lambda: overview_file(path, panel, name=name, cancel=watch.event), watch, every_s=_PROGRESS_S
            ):
                if isinstance(step, Progress):
                    entry.progress = step
                    yield self._entries(listing)
                else:
                    entry.overview = step
                    listing.done(entry)
        except (StoppedError, DecodingCancelled):
            entry.cancelled = True
        except SpoofscopeError as error:
            entry.problem = str(error)
        finally:
            entry.running, entry.progress = False, None
        yield self.draw(listing, dark=dark)

    def act(self, ticket: str, dark: bool, event: gr.EventData) -> Frames:
        """Do what was pressed on the list: sort, choose, show the minutes, forget, cancel, go on."""
        listing, what = self.lists.of(ticket), str(event.what)
        value = str(getattr(event, "value", ""))
        number = int(value) if value.isdecimal() else -1
        if what == "sort":
            listing.sort(value)
            return self._entries(listing)
        if what == "pick":
            listing.pick(number)
        elif what == "minutes":
            listing.shown = number
        elif what == "forget":
            self._forget(listing, number)
        elif what == "clear":
            for entry in list(listing.entries):
                self._forget(listing, entry.number)
        elif what == "cancel":
            listing.cancel()
        elif what == "resume":
            listing.resume()
        return self.draw(listing, dark=dark)

    def _forget(self, listing: Listing, number: int) -> None:
        """Take a recording off the list, and its file off the server where it was uploaded and nobody else holds it."""
        entry = listing.find(number)
        listing.forget(number)
        if entry is not None and entry.path is not None and (upload := self.opening.uploaded(str(entry.path))):
            self.opening.visits.delete(upload)

    def open(self, ticket: str, dark: bool, event: gr.EventData) -> Frames:
        """Open a recording of the list as the only one; of a long one, the minute that was pressed or the worst."""
        entry = self.lists.of(ticket).find(int(event.value))
        if entry is None or entry.path is None or not entry.path.is_file():
            wrong = "This recording is no longer on the server: go back to the list, forget it there, and add it again."
            return self.opening.draw.emptied(ticket, dark=dark, wrong=wrong)
        # A recording that came from this machine itself, an example or a clip of a run, stays when it is forgotten.
        files = {entry.path} if self.opening.uploaded(str(entry.path)) is not None else set()
        recording = Recording(ticket, entry.path, entry.name, span=_span(entry, event), files=files)
        return self.opening.take_again(recording, dark)

    def restore(self, ticket: str, dark: bool) -> Frames:
        """Show the list again when the page is loaded anew or turns dark."""
        listing = self.lists.of(ticket)
        return self.draw(listing, dark=dark) if listing.entries else gr.skip()

    def draw(self, listing: Listing, *, dark: bool) -> Frames:
        """Return all frames."""
        pair, shown = listing.pair(), listing.find(listing.shown)
        whole = shown.overview if shown is not None else None
        return {
            **self._entries(listing),
            self.frames.minutes: minutes_frame(shown),
            self.frames.pair: _plot(pair or (), dark=dark),
            self.frames.whole: _plot([whole] if whole is not None else [], dark=dark),
        }

    def _entries(self, listing: Listing) -> Frames:
        return {self.frames.entries: list_frame(listing)}


def _plot(recordings: Any, *, dark: bool) -> gr.Plot:
    return gr.Plot(overview_figure(recordings, dark=dark), visible=True) if recordings else gr.Plot(visible=False)


def _span(entry: Entry, event: gr.EventData) -> tuple[float, float] | None:
    from core.overview import worst_minutes

    if getattr(event, "start", None) is not None:
        return float(event.start), float(event.end)
    if not entry.is_long or entry.overview is None:
        return None
    first, *_ = worst_minutes(entry.overview)
    return first.start_s, first.end_s
