"""Who looks at which recording: one a visitor, under a ticket that input and result share."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from core.watch import Progress, Watch
from dashboard.trials import Trials

if TYPE_CHECKING:
    from core.explain.base import Explanation
    from core.explain.cues import Cue
    from core.usecases import Analysis, Reconstruction

__all__ = ["Recording", "Visits", "split_ticket"]


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
    truth : str
        What it really is, where that is known: an example, a clip of the reference run.
    is_example : bool
        Whether the page chose it, before the visitor did.
    answer : iterator or None
        Of the work on the verdict, begun when the recording came: its progress, and at last its analysis.
    analysis, explanation, cues, rebuilt
        What was found; None until then.
    detector, method : str or None
        Whose evidence is asked for, and by which method.
    scoring, explaining, sorting, extra, rebuilding : Watch
        By which the work on the verdict, on the evidence, on its kinds of place, on the other detectors and on the
        error map is stopped.
    trials : Trials
        What was tried on it.
    scoring_others : bool
        Whether the detectors outside of the panel are being scored.
    undrawn : bool
        Whether the page shows the verdict and is still to get the picture.
    mapped : bool
        Whether the picture shows a map of the evidence.
    """

    ticket: str
    path: Path
    name: str
    truth: str = ""
    is_example: bool = False
    answer: "Iterator[Progress | Analysis] | None" = None
    analysis: "Analysis | None" = None
    detector: str | None = None
    method: str | None = None
    explanation: "Explanation | None" = None
    cues: "tuple[Cue, ...] | None" = None
    rebuilt: "Reconstruction | None" = None
    scoring: Watch = field(default_factory=Watch)
    explaining: Watch = field(default_factory=Watch)
    sorting: Watch = field(default_factory=Watch)
    extra: Watch = field(default_factory=Watch)
    rebuilding: Watch = field(default_factory=Watch)
    trials: Trials = field(default_factory=Trials)
    scoring_others: bool = False
    undrawn: bool = False
    mapped: bool = False

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
        for watch in (self.scoring, self.explaining, self.sorting, self.extra, self.rebuilding):
            watch.stop()
        self.trials.stop()


class Visits:
    """The recording of each visitor, kept for a while so that a page loaded anew shows it again.

    A ticket is ``visitor.number``: the visitor a long random word that the browser made up and nobody else knows, the
    number one more with each recording that is opened or removed.

    Parameters
    ----------
    most : int
        Visitors remembered; the one who was not seen for longest is forgotten.
    keep_s : float
        Seconds after which one who was not seen is forgotten.
    now : callable
        The clock.
    """

    def __init__(self, *, most: int = 32, keep_s: float = 3600.0, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._keep_s, self._now = most, keep_s, now
        self._held: OrderedDict[str, tuple[float, int, Recording | None]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, recording: Recording) -> bool:
        """Take a recording as its visitor's present one and stop work on the one before.

        Returns
        -------
        bool
            False, and nothing changes, where its ticket is older than what the visitor holds.
        """
        return self._hold(recording.ticket, recording)

    def remove(self, ticket: str) -> bool:
        """Forget the visitor's recording and stop all work on it; False where the ticket is old."""
        return self._hold(ticket, None)

    def current(self, ticket: str) -> Recording | None:
        """Return the recording of this very ticket; None where the visitor has moved on, or has none."""
        visitor, number = split_ticket(ticket)
        with self._lock:
            _, held, recording = self._held.get(visitor, (0.0, -1, None))
            if held != number:
                return None
            self._held[visitor] = (self._now(), held, recording)
            self._held.move_to_end(visitor)
            return recording

    def is_current(self, recording: Recording) -> bool:
        """Return whether the visitor still looks at this recording."""
        return self.current(recording.ticket) is recording

    def _hold(self, ticket: str, recording: Recording | None) -> bool:
        visitor, number = split_ticket(ticket)
        with self._lock:
            _, held, before = self._held.get(visitor, (0.0, -1, None))
            if number < held:
                return False
            if before is not None:
                before.stop()
            self._held[visitor] = (self._now(), number, recording)
            self._held.move_to_end(visitor)
            self._forget()
        return True

    def _forget(self) -> None:
        oldest = self._now() - self._keep_s
        while self._held:
            visitor, (seen, _, recording) = next(iter(self._held.items()))
            if len(self._held) <= self._most and seen >= oldest:
                return
            del self._held[visitor]
            if recording is not None:
                recording.stop()


def split_ticket(ticket: str) -> tuple[str, int]:
    """Return visitor and number of a ticket; what is none belongs to a visitor without a name, who shares nothing."""
    visitor, _, number = ticket.rpartition(".")
    return (visitor, int(number)) if visitor and number.isdecimal() else (f"?{ticket}", 0)
