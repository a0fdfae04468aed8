"""The contracts: work that a worker can be sent by name, the worker that does it, and the executor that has many."""

import importlib
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

from core.errors import ScoringError, SpoofscopeError, WorkerDiedError
from core.plugins import Registry

__all__ = ["AHEAD", "EXECUTORS", "TRIES", "Executor", "Item", "Lives", "Work", "Worker", "attempt", "usable_cores"]

Item = dict[str, Any]
"""A piece of work, or what came of it, as plain JSON values."""

AHEAD = 2
"""Items that a worker has at once: one is worked on, and what the next one needs is fetched meanwhile."""

TRIES = 3
"""How often an item is begun before it is held to be what ends its workers."""


class Worker(Protocol):
    """What does the work on one item after the other; it computes on one thread."""

    def fetch(self, item: Item) -> Any:
        """Return what an item needs (its recording, decoded); called on a thread of its own, ahead of ``work``."""
        ...

    def work(self, item: Item, fetched: Any) -> Item:
        """Return what comes of an item and of what was fetched for it."""
        ...


@dataclass(frozen=True)
class Work:
    """Work as it is sent to a worker: a name and plain JSON values, never a pickle.

    Attributes
    ----------
    maker : str
        ``package.module:function`` that makes the worker.
    given : dict
        The function's keyword arguments.
    """

    maker: str
    given: dict[str, Any]

    def begin(self) -> Worker:
        """Make the worker here."""
        module, _, name = self.maker.partition(":")
        worker: Worker = getattr(importlib.import_module(module), name)(**self.given)
        return worker


class Executor(ABC):
    """Works through items with a number of workers. One registers itself with ``@EXECUTORS.register("name")``.

    Parameters
    ----------
    jobs : int, optional
        Workers at most; None for one a core that this process may use.
    nice : int
        By how much the workers give way to other processes, 0 to 19.

    Attributes
    ----------
    workers : int
        How many there will be.
    """

    summary: ClassVar[str]

    def __init__(self, jobs: int | None = None, *, nice: int = 0) -> None:
        self.workers = jobs if jobs is not None else usable_cores()
        self.nice = nice

    def expect(self, module: str) -> None:  # noqa: B027 - most start nothing
        """Take note that work made by this module will come soon: who starts processes may start them now.

        An executor is a context: workers that were expected and not needed end with it.
        """

    def close(self) -> None:  # noqa: B027 - most have nothing to end
        """End what was started for work that never came."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def map(self, work: Work, items: Iterable[Item]) -> Iterator[tuple[Item, Item | ScoringError]]:
        """Yield each item once with what came of it, in whatever order they are done.

        An item whose worker died is begun again by another; after ``TRIES`` of them it comes with the error. No worker
        is started where there is no item. All end when the iterator is closed.

        Raises
        ------
        ScoringError
            When workers cannot be started, or one after the other dies.
        """


EXECUTORS: Registry[type[Executor]] = Registry("executor", "core.scoring.executors")


class Lives:
    """Counts the deaths of one worker and its successors, and decides what they mean."""

    def __init__(self) -> None:
        self._of_item = self._given_up = self._at_start = 0

    def answered(self) -> None:
        """Take note that an item was done."""
        self._of_item = self._given_up = 0

    def started(self) -> None:
        """Take note that a worker is ready."""
        self._at_start = 0

    def died(self, why: str, *, ready: bool) -> WorkerDiedError | None:
        """Return the error of the item that was begun, where it shall not be begun again; None where it shall.

        Raises
        ------
        ScoringError
            When the fault is with the workers, not with an item.
        """
        if not ready:
            self._at_start += 1
            if self._at_start < TRIES:
                return None
            raise ScoringError(f"A worker cannot be started: {why}. Free some memory, or use fewer with --jobs.")
        self._of_item += 1
        if self._of_item < TRIES:
            return None
        self._of_item, self._given_up = 0, self._given_up + 1
        if self._given_up == TRIES:
            raise ScoringError(
                f"One worker after the other ends ({why}): free some memory or use fewer with --jobs, and go on. "
                "What was scored is kept."
            )
        return WorkerDiedError(f"ended {TRIES} workers ({why}): leave it out, or convert it to WAV.")


def attempt(worker: Worker, item: Item, fetched: Any) -> Item | ScoringError:
    """Return what comes of an item; an exception of the worker's becomes the error of this item."""
    try:
        return worker.work(item, fetched)
    except SpoofscopeError as error:
        return ScoringError(str(error))
    except Exception as error:  # noqa: BLE001 - it comes back as the error of this item
        failed = ScoringError(f"A worker failed: {type(error).__name__}: {error}")
        failed.__cause__ = error
        return failed


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
