"""Long work under watch: it reports how far it is, and ends early where nobody waits for its result any more."""

import functools
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from typing import TypeVar, cast

__all__ = ["Progress", "StoppedError", "Watch", "report", "reporting_to", "watched"]

Result = TypeVar("Result")

# More than the page lets run at once; threads that are kept, since torch makes helpers for each new one.
_WORKERS = 8


class StoppedError(Exception):
    """Nobody waits for the result any more."""


@dataclass(frozen=True)
class Progress:
    """How far the work is: ``done`` of ``total`` pieces, after ``taken_s`` seconds."""

    done: int
    total: int
    taken_s: float

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest will take at the present speed; None while nothing is done."""
        return self.taken_s * (self.total - self.done) / self.done if self.done else None


class Watch:
    """Whether somebody still waits; shared by who waits and by the work. ``stop`` may come from any thread.

    Parameters
    ----------
    whole : Watch, optional
        Of the work that this is a part of: who stops the whole stops its parts, not the other way round.

    Attributes
    ----------
    event : Event
        Set once nobody waits, for work that takes one rather than calls ``report``.
    """

    def __init__(self, whole: "Watch | None" = None) -> None:
        self.event = threading.Event()
        self._whole = whole

    def stop(self) -> None:
        """Ask the work to end: it does so at its next ``report``."""
        self.event.set()

    @property
    def stopped(self) -> bool:
        """Whether it was asked to end."""
        return self.event.is_set() or (self._whole is not None and self._whole.stopped)


_reporter: ContextVar[Callable[[int, int], None] | None] = ContextVar("reporter", default=None)


def report(done: int, total: int) -> None:
    """Report how far the work of this thread is; nothing happens where it is not watched.

    Raises
    ------
    StoppedError
        When nobody waits for the result any more.
    """
    reporter = _reporter.get()
    if reporter is not None:
        reporter(done, total)


@contextmanager
def reporting_to(reporter: Callable[[int, int], None]) -> Iterator[None]:
    """Have what this thread reports within the block go to ``reporter``."""
    token = _reporter.set(reporter)
    try:
        yield
    finally:
        _reporter.reset(token)


def watched(
    work: Callable[[], Result], watch: Watch, *, every_s: float = 0.25, pulse_s: float = 1.0
) -> Generator[Progress | Result, None, None]:
    """Begin the work at once on another thread; yield its progress now and then, and at last its result.

    Nothing is yielded after ``watch`` was stopped. Who closes this iterator stops the work.

    Parameters
    ----------
    work : callable
        Calls ``report`` between its pieces, or calls what does.
    watch : Watch
    every_s : float
        Shortest time between two reports, in seconds.
    pulse_s : float
        Longest time without one. Where the work has reported nothing new, the last report is repeated (0 of 0 before
        the first), so that who waits can notice that nobody reads any more, also while a part takes long.

    Raises
    ------
    StoppedError
        When ``watch`` was stopped.
    Exception
        Whatever the work raises.
    """
    news: queue.SimpleQueue[Progress | None] = queue.SimpleQueue()
    begun = time.monotonic()
    last = [begun]

    def reporter(done: int, total: int) -> None:
        if watch.stopped:
            raise StoppedError
        now = time.monotonic()
        if now - last[0] >= every_s:
            last[0] = now
            news.put(Progress(done, total, now - begun))

    context = copy_context()
    context.run(_reporter.set, reporter)
    future = _workers().submit(context.run, work)
    future.add_done_callback(lambda _: news.put(None))
    return _steps(future, news, watch, pulse_s, begun)


def _steps(
    future: "Future[Result]", news: "queue.SimpleQueue[Progress | None]", watch: Watch, pulse_s: float, begun: float
) -> Generator[Progress | Result, None, None]:
    known = Progress(0, 0, 0.0)
    try:
        while (step := _next_step(news, known, pulse_s, begun)) is not None:
            if watch.stopped:
                raise StoppedError
            known = step
            yield step
        # Before what the work raised, if it did: it was ended half-way.
        if watch.stopped:
            raise StoppedError
        yield cast("Progress | Result", future.result())
    finally:
        watch.stop()


def _next_step(
    news: "queue.SimpleQueue[Progress | None]", known: Progress, pulse_s: float, begun: float
) -> Progress | None:
    try:
        return news.get(timeout=pulse_s)
    except queue.Empty:
        return Progress(known.done, known.total, time.monotonic() - begun)


@functools.cache
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_WORKERS, thread_name_prefix="watched")
