"""Several recordings of one visitor, as a list: which are scored, in which order they stand, which are compared."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.analysis.verdict import BONAFIDE, NOT_SURE, PARTLY, SPOOFED
from core.audio.limits import DEFAULT_LIMITS
from core.watch import Watch
from dashboard.visits import split_ticket

if TYPE_CHECKING:
    from core.overview import Overview
    from core.watch import Progress

__all__ = ["COLUMNS", "MOST", "Entry", "Listing", "Listings"]

#: Recordings of one list.
MOST = 50
_VERDICTS = (BONAFIDE, NOT_SURE, PARTLY, SPOOFED)
#: By which a list can be sorted: key to heading and to the value of a scored recording.
COLUMNS: dict[str, tuple[str, Callable[["Overview"], Any]]] = {
    "name": ("Recording", lambda found: found.name.casefold()),
    "verdict": ("Verdict", lambda found: _VERDICTS.index(found.verdict) if found.verdict in _VERDICTS else -1),
    "p_spoof": ("P(spoof)", lambda found: -1.0 if found.relied_p_spoof is None else found.relied_p_spoof),
    "seconds": ("Seconds", lambda found: found.duration_s),
    "marked": ("Marked", lambda found: sum(part.end_s - part.start_s for part in found.segments)),
    "problems": ("To know", lambda found: len(found.problems)),
}


@dataclass(eq=False)
class Entry:
    """A recording of a list.

    Attributes
    ----------
    number : int
        By which the page names it.
    name : str
        As the visitor calls it.
    path : Path or None
        None for a file that was refused before it was uploaded.
    problem : str
        Why it is not scored, in one sentence.
    overview : Overview or None
        What was found; None until then.
    running, cancelled : bool
    progress : Progress or None
        While it is being scored.
    watch : Watch
        By which that is stopped.
    """

    number: int
    name: str
    path: Path | None
    problem: str = ""
    overview: "Overview | None" = None
    running: bool = False
    cancelled: bool = False
    progress: "Progress | None" = None
    watch: Watch = field(default_factory=Watch)

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to be scored."""
        return not (self.problem or self.overview or self.running or self.cancelled)

    @property
    def is_long(self) -> bool:
        """Whether it is longer than what a page looks at in one piece."""
        return self.overview is not None and self.overview.duration_s > DEFAULT_LIMITS.keep_s


@dataclass(eq=False)
class Listing:
    """One visitor's list.

    Attributes
    ----------
    entries : list of Entry
        As they were added.
    column : str
        By which it is sorted (a key of ``COLUMNS``); "" for the order in which they were added.
    descending : bool
    chosen : list of int
        The numbers of the recordings that are compared, two at most.
    shown : int or None
        The number of the long recording whose minutes are shown.
    working : bool
        Whether somebody scores what waits.
    """

    entries: list[Entry] = field(default_factory=list)
    column: str = ""
    descending: bool = False
    chosen: list[int] = field(default_factory=list)
    shown: int | None = None
    working: bool = False
    _picked: bool = False
    _last: int = 0

    def add(self, name: str, path: Path | None, *, problem: str = "", overview: "Overview | None" = None) -> Entry:
        """Add a recording; beyond ``MOST`` it is refused in words."""
        if len(self.entries) >= MOST:
            path, problem = None, f"A list holds {MOST} recordings: forget some of them first."
        self._last += 1
        entry = Entry(self._last, name, path, problem, overview)
        self.entries.append(entry)
        return entry

    def find(self, number: int | None) -> Entry | None:
        """Return the recording with this number; None where there is none."""
        return next((entry for entry in self.entries if entry.number == number), None)

    def waiting(self) -> Entry | None:
        """Return the next one that is to be scored."""
        return next((entry for entry in self.entries if entry.is_waiting), None)

    def done(self, entry: Entry) -> None:
        """Show what there is to see at once: the only long recording's minutes, the first two side by side."""
        scored = [each.number for each in self.entries if each.overview is not None]
        if entry.is_long and self.find(self.shown) is None:
            self.shown = entry.number
        if len(scored) == 2 and not self._picked:
            self.chosen = scored

    def sort(self, column: str) -> None:
        """Sort by a column: the first time from the top (names from A), the next time the other way round."""
        if column in COLUMNS:
            self.descending = not self.descending if column == self.column else column != "name"
            self.column = column

    def pick(self, number: int) -> None:
        """Choose a recording to compare, or no longer; of three the one that was chosen first is let go."""
        self._picked = True
        if number in self.chosen:
            self.chosen.remove(number)
        elif (entry := self.find(number)) is not None and entry.overview is not None:
            self.chosen = [*self.chosen, number][-2:]

    def forget(self, number: int) -> None:
        """Take a recording out, and stop the work on it."""
        if (entry := self.find(number)) is None:
            return
        entry.watch.stop()
        self.entries.remove(entry)
        self.chosen = [each for each in self.chosen if each != number]
        self.shown = None if self.shown == number else self.shown

    def cancel(self) -> None:
        """Stop what is being scored, and what waits."""
        for entry in self.entries:
            if entry.running or entry.is_waiting:
                entry.cancelled = True
                entry.watch.stop()

    def resume(self) -> None:
        """Have what was cancelled scored after all."""
        for entry in self.entries:
            if entry.cancelled and not entry.running:
                entry.cancelled = False

    def ordered(self) -> list[Entry]:
        """Return the recordings in the order in which they stand; those without scores come last."""
        if not self.column:
            return list(self.entries)
        value = COLUMNS[self.column][1]
        scored = [(value(entry.overview), entry) for entry in self.entries if entry.overview is not None]
        scored.sort(key=lambda pair: pair[0], reverse=self.descending)
        return [*(entry for _, entry in scored), *(entry for entry in self.entries if entry.overview is None)]

    def pair(self) -> tuple["Overview", "Overview"] | None:
        """Return the two that are compared; None where fewer are chosen."""
        found = [entry.overview for number in self.chosen if (entry := self.find(number)) and entry.overview]
        return (found[0], found[1]) if len(found) == 2 else None


class Listings:
    """The list of each visitor, kept for a while; see ``dashboard.visits.Visits`` for what a visitor is.

    Parameters
    ----------
    most : int
        Visitors remembered; the one who was not seen for longest is forgotten.
    keep_s : float
        Seconds after which one who was not seen is forgotten: as long as uploads are kept. Whose list is being worked
        on waits for it, and counts as seen.
    now : callable
        The clock.
    """

    def __init__(self, *, most: int = 32, keep_s: float = 3600.0, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._keep_s, self._now = most, keep_s, now
        self._held: OrderedDict[str, tuple[float, Listing]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, ticket: str) -> Listing:
        """Return the list of a ticket's visitor."""
        visitor, _ = split_ticket(ticket)
        with self._lock:
            now = self._now()
            for each, (_, held) in list(self._held.items()):
                if held.working:
                    self._see(each, held, now)
            _, listing = self._held.get(visitor, (0.0, Listing()))
            self._see(visitor, listing, now)
            oldest = now - self._keep_s
            while len(self._held) > self._most or next(iter(self._held.values()))[0] < oldest:
                self._held.popitem(last=False)[1][1].cancel()
            return listing

    def files(self) -> set[Path]:
        """Return the files that stand on the lists."""
        with self._lock:
            return {entry.path for _, held in self._held.values() for entry in list(held.entries) if entry.path}

    def _see(self, visitor: str, listing: Listing, now: float) -> None:
        self._held[visitor] = (now, listing)
        self._held.move_to_end(visitor)
