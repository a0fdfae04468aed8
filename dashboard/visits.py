"""Who looks at which recording: one a visitor, under a ticket that input and result share."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.audio.excerpt import part_name
from core.watch import Progress, Watch
from dashboard.trials import Trials

if TYPE_CHECKING:
    from core.explain.base import Explanation
    from core.explain.cues import Cue
    from core.provenance import Provenance
    from core.usecases import Analysis, Reconstruction

__all__ = ["Recording", "Visits", "split_ticket"]

# What the works on a recording are stopped by.
_WATCHES = ("scoring", "explaining", "sorting", "extra", "rebuilding", "keeping", "tracing")


@dataclass(eq=False)
class Recording:
    """A recording that a visitor looks at, and what is known of it so far.

    Detectors score and explain it beside each other; each event writes here what it found and draws from what stands
    here, so that none puts back what another has replaced meanwhile.

    Attributes
    ----------
    ticket : str
        Whose it is, and which of that visitor's: what carries another is of another recording.
    path, name : Path, str
        The file, and what the visitor calls it.
    span : (start, end) or None
        The seconds of the file that are meant; None for the recording from its start.
    truth : str
        What it really is, where that is known: an example, a clip of the reference run.
    is_example : bool
        Whether the page chose it, before the visitor did.
    answer : iterator or None
        Of the work on the verdict, begun when the recording came: its progress, and at last its analysis.
    analysis, explanation, cues, rebuilt, provenance
        What was found; None until then.
    detector, method : str or None
        Whose evidence is asked for, and by which method.
    scoring, explaining, sorting, extra, rebuilding, tracing : Watch
        By which the work on the verdict, on the evidence, on its kinds of place, on the other detectors and on the
        error map, and the reading of what the file states about itself, are stopped.
    trials : Trials
        What was tried on it.
    scoring_others : bool
        Whether the detectors outside of the panel are being scored.
    undrawn : bool
        Whether the page shows the verdict and is still to get the picture.
    mapped : bool
        Whether the picture shows a map of the evidence.
    keeping : Watch
        By which the making of its case is stopped.
    files : set of Path
        What the server holds of it in files of its own: the upload, sounds, its case.
    outcome : (str or None, float or None) or None
        Verdict and P(spoof), where it is relied upon, of one that was open before; None where it was not scored.
    """

    ticket: str
    path: Path
    name: str
    span: tuple[float, float] | None = None
    truth: str = ""
    is_example: bool = False
    answer: "Iterator[Progress | Analysis] | None" = None
    analysis: "Analysis | None" = None
    detector: str | None = None
    method: str | None = None
    explanation: "Explanation | None" = None
    cues: "tuple[Cue, ...] | None" = None
    rebuilt: "Reconstruction | None" = None
    provenance: "Provenance | None" = None
    scoring: Watch = field(default_factory=Watch)
    explaining: Watch = field(default_factory=Watch)
    sorting: Watch = field(default_factory=Watch)
    extra: Watch = field(default_factory=Watch)
    rebuilding: Watch = field(default_factory=Watch)
    tracing: Watch = field(default_factory=Watch)
    trials: Trials = field(default_factory=Trials)
    scoring_others: bool = False
    undrawn: bool = False
    mapped: bool = False
    keeping: Watch = field(default_factory=Watch)
    files: set[Path] = field(default_factory=set)
    outcome: tuple[str | None, float | None] | None = None

    @property
    def number(self) -> int:
        """Which of its visitor's recordings it is."""
        return split_ticket(self.ticket)[1]

    @property
    def title(self) -> str:
        """Its name, with the minutes that are meant where it is a part of a recording."""
        return self.name if self.span is None else part_name(self.name, *self.span)

    def ask(self, detector: str | None, method: str | None) -> None:
        """Ask for the evidence of a detector by a method; what was asked before is no longer wanted."""
        self.explaining.stop()
        self.explaining = Watch()
        if (detector, method) != (self.detector, self.method):
            self.sorting.stop()
            self.explanation = self.cues = None
        self.detector, self.method = detector, method

    def stop(self) -> None:
        """Stop all work on it."""
        for name in _WATCHES:
            getattr(self, name).stop()
        self.trials.stop()

    def under(self, ticket: str) -> "Recording":
        """Return it under another ticket, with what was found of it; boxes are the browser's, and go."""
        watches: dict[str, Any] = {name: Watch() for name in _WATCHES}
        trials = Trials(hold=self.trials.hold.done(), flip=self.trials.flip.done())
        return replace(self, ticket=ticket, trials=trials, scoring_others=False, **watches)

    def as_past(self) -> "Recording":
        """Return what is kept of it once another is open: it is scored again when it is opened again."""
        found = self.analysis
        outcome = self.outcome if found is None else (found.verdict, found.relied_p_spoof)
        return Recording(
            self.ticket, self.path, self.name, span=self.span, truth=self.truth, files=self.files, outcome=outcome
        )  # fmt: skip


@dataclass(eq=False)
class _Visitor:
    """What is kept of a visitor: when last seen, the newest number, the recording on show, and those before it."""

    seen: float
    number: int = -1
    current: Recording | None = None
    past: list[Recording] = field(default_factory=list)

    @property
    def held(self) -> list[Recording]:
        return [*([self.current] if self.current is not None else []), *self.past]


class Visits:
    """The recording of each visitor, and those open before, kept for a while so that they can be shown again.

    A ticket is ``visitor.number``: the visitor a long random word that the browser made up and nobody else knows, the
    number one more with each recording that is opened or removed. What the server holds of a recording in files is
    deleted with it, unless somebody holds the same: equal files are stored as one, whoever uploads them.

    Parameters
    ----------
    most : int
        Visitors remembered; the one who was not seen for longest is forgotten.
    keep_s : float
        Seconds after which one who was not seen is forgotten.
    most_past : int
        Recordings of a visitor that can be opened again.
    now : callable
        The clock.

    Attributes
    ----------
    held_elsewhere : callable
        Returns the files that are held by what is no recording of a visit: a list.
    """

    def __init__(
        self, *, most: int = 32, keep_s: float = 3600.0, most_past: int = 20,
        now: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.held_elsewhere: Callable[[], Iterable[Path]] = tuple
        self._most, self._keep_s, self._most_past, self._now = most, keep_s, most_past, now
        self._held: OrderedDict[str, _Visitor] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, recording: Recording) -> bool:
        """Take a recording as its visitor's present one and stop work on the one before, which can be opened again.

        Returns
        -------
        bool
            False, and nothing changes, where its ticket is older than what the visitor holds.
        """
        return self._hold(recording.ticket, recording, forget=False)

    def leave(self, ticket: str) -> bool:
        """Show no recording; the one before can be opened again. False where the ticket is old."""
        return self._hold(ticket, None, forget=False)

    def remove(self, ticket: str) -> bool:
        """Forget the visitor's recording and stop all work on it; False where the ticket is old."""
        return self._hold(ticket, None, forget=True)

    def current(self, ticket: str) -> Recording | None:
        """Return the recording of this very ticket; None where the visitor has moved on, or has none."""
        visitor, number = split_ticket(ticket)
        with self._lock:
            known = self._held.get(visitor)
            if known is None or known.number != number:
                return None
            self._see(visitor, known)
            return known.current

    def latest(self, ticket: str) -> Recording | None:
        """Return the recording that this ticket's visitor has open, under whatever ticket."""
        with self._lock:
            known = self._held.get(split_ticket(ticket)[0])
            return known.current if known is not None else None

    def has_moved_on(self, ticket: str) -> bool:
        """Return whether the visitor has opened or removed a recording under a later ticket."""
        visitor, number = split_ticket(ticket)
        with self._lock:
            known = self._held.get(visitor)
            return known is not None and known.number != number

    def is_current(self, recording: Recording) -> bool:
        """Return whether the visitor still looks at this recording."""
        return self.current(recording.ticket) is recording

    def past(self, ticket: str) -> list[Recording]:
        """Return the recordings that the visitor had open before, the last one first."""
        with self._lock:
            known = self._held.get(split_ticket(ticket)[0])
            return list(known.past) if known is not None else []

    def forget(self, ticket: str, number: int) -> None:
        """Forget a recording that the visitor had open before."""
        with self._lock:
            known = self._held.get(split_ticket(ticket)[0])
            if known is not None:
                gone = [one for one in known.past if one.number == number]
                known.past = [one for one in known.past if one.number != number]
                self._drop(gone)

    def delete(self, path: Path) -> None:
        """Delete a file that was held elsewhere, unless somebody holds it still."""
        with self._lock:
            self._delete([path])

    def _hold(self, ticket: str, recording: Recording | None, *, forget: bool) -> bool:
        visitor, number = split_ticket(ticket)
        with self._lock:
            known = self._held.setdefault(visitor, _Visitor(self._now()))
            if number < known.number:
                return False
            before, known.current, known.number = known.current, recording, number
            if before is not None:
                before.stop()
            gone = [before] if before is not None and forget else []
            if before is not None and not (forget or before.is_example):
                known.past.insert(0, before.as_past())
            if recording is not None:
                # Opened again, it is no longer one of before.
                opened = recording.path, recording.span
                known.past = [one for one in known.past if (one.path, one.span) != opened]
            gone += known.past[self._most_past :]
            del known.past[self._most_past :]
            self._drop(gone)
            self._see(visitor, known)
            self._expire()
        return True

    def _see(self, visitor: str, known: _Visitor) -> None:
        known.seen = self._now()
        self._held.move_to_end(visitor)

    def _expire(self) -> None:
        oldest = self._now() - self._keep_s
        while self._held:
            visitor, known = next(iter(self._held.items()))
            if len(self._held) <= self._most and known.seen >= oldest:
                return
            del self._held[visitor]
            self._drop(known.held)

    def _drop(self, gone: Iterable[Recording]) -> None:
        """Stop the work on recordings that nobody holds any more, and delete what the server has of them in files."""
        gone = list(gone)
        for recording in gone:
            recording.stop()
        self._delete(path for recording in gone for path in recording.files)

    def _delete(self, files: Iterable[Path]) -> None:
        used = {path for known in self._held.values() for one in known.held for path in one.files}
        for path in set(files) - used - set(self.held_elsewhere()):
            path.unlink(missing_ok=True)
            with suppress(OSError):
                # Each lies in a folder of its own, named after its content.
                path.parent.rmdir()


def split_ticket(ticket: str) -> tuple[str, int]:
    """Return visitor and number of a ticket; what is none belongs to a visitor without a name, who shares nothing."""
    visitor, _, number = ticket.rpartition(".")
    return (visitor, int(number)) if visitor and number.isdecimal() else (f"?{ticket}", 0)
