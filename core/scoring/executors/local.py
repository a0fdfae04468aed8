"""One worker in this process: nothing is started, and nothing goes on beside it but the fetching of the next item."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ClassVar

from core.errors import ScoringError
from core.scoring.base import AHEAD, EXECUTORS, Executor, Item, Work, Worker, attempt

__all__ = ["Local"]


@EXECUTORS.register("local")
class Local(Executor):
    """One worker in this process."""

    summary: ClassVar[str] = "in this process, one clip after the other"

    def __init__(self, jobs: int | None = None, *, nice: int = 0) -> None:
        super().__init__(1, nice=nice)

    def map(self, work: Work, items: Iterable[Item]) -> Iterator[tuple[Item, Item | ScoringError]]:
        """Yield each item with what came of it, in the order given; see ``Executor.map``."""
        worker: Worker | None = None
        waiting: deque[tuple[Item, Future[Any]]] = deque()
        with ThreadPoolExecutor(1, thread_name_prefix="fetch") as ahead:
            for item in items:
                worker = worker or work.begin()
                waiting.append((item, ahead.submit(worker.fetch, item)))
                if len(waiting) == AHEAD:
                    yield _next(worker, waiting)
            while worker is not None and waiting:
                yield _next(worker, waiting)


def _next(worker: Worker, waiting: "deque[tuple[Item, Future[Any]]]") -> tuple[Item, Item | ScoringError]:
    item, future = waiting.popleft()
    return item, attempt(worker, item, future.result())
