"""How far a long command is: a bar with the time left on a terminal, a line now and then where there is none."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import typer

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Reporter", "progress", "time_left"]

# A log file or a pipe gets a line this often; what is done sooner gets none.
_EVERY_S = 20.0


class Reporter(Protocol):
    """What takes the progress of the work, as often as it likes."""

    def __call__(self, done: int, total: int) -> None:
        """Take how many pieces of how many are done."""
        ...

    def line(self, text: str) -> None:
        """Print a line of the result on standard output, without tearing the bar."""
        ...


@contextmanager
def progress(what: str) -> Iterator[Reporter]:
    """Report progress on standard error while the block runs.

    Parameters
    ----------
    what : str
        What is counted and what is done to it: "clips scored".

    Yields
    ------
    Reporter
        To be called with the pieces that are done and their number.
    """
    if not sys.stderr.isatty():
        yield _Lines(what)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    count, left = MofNCompleteColumn(), TimeRemainingColumn(compact=True)
    columns = (TextColumn(what), BarColumn(), count, left, TextColumn("left"))
    # Standard output stays what it is: it may be a pipe.
    bar = Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
    with bar:
        yield _Bar(bar)


class _Bar:
    def __init__(self, bar: "Progress") -> None:
        self._bar = bar
        self._task = bar.add_task("", total=None)

    def __call__(self, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total)

    def line(self, text: str) -> None:
        self._bar.stop()
        typer.echo(text)
        self._bar.start()


class _Lines:
    def __init__(self, what: str) -> None:
        self._what = what
        self._begun = self._reported = time.monotonic()
        self._first: int | None = None
        self._last = 0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self._first is None:
            # What was done by an earlier run has nothing to do with how fast this one is.
            self._begun, self._first = (self._begun, 0) if done == 1 else (now, done)
        elif done < self._last:
            # Another pass over the same pieces.
            self._begun, self._first = now, done
        self._last = done
        if now - self._reported < _EVERY_S or done >= total:
            return
        self._reported = now
        left = time_left(now - self._begun, done - self._first, total - self._first)
        typer.echo(f"{done:,} of {total:,} {self._what}{left and f', {left} left'}", err=True)

    def line(self, text: str) -> None:
        typer.echo(text)


def time_left(taken_s: float, done: int, total: int) -> str:
    """Return how long the rest will take at the present speed, as words; empty where nothing is done yet.

    Parameters
    ----------
    taken_s : float
        Seconds that the pieces which are done have taken.
    done, total : int
        Pieces.
    """
    if done <= 0:
        return ""
    minutes = round(taken_s * (total - done) / done / 60)
    if minutes < 1:
        return "less than a minute"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
