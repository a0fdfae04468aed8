"""Ray: workers on all machines of a cluster, for a corpus that one machine is too small for. An optional extra.

With $RAY_ADDRESS the cluster is there already; otherwise Ray is started on this machine and ended afterwards. All
machines need this checkout and the corpus under the same paths. What is sent is text: a worker loads its detectors from
their folders, as on one machine, and only the process that asked writes results.
"""

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

from core.errors import ScoringError, SpoofscopeError
from core.scoring.base import AHEAD, EXECUTORS, Executor, Item, Lives, Work, Worker, attempt

__all__ = ["OnRay"]

_ROOT = Path(__file__).resolve().parents[3]


@EXECUTORS.register("ray")
class OnRay(Executor):
    """Workers that are actors of a Ray cluster, one core each, spread over its machines.

    Raises
    ------
    ScoringError
        When Ray is not installed.
    """

    summary: ClassVar[str] = "on a Ray cluster ($RAY_ADDRESS, or one started here)"

    def __init__(self, jobs: int | None = None, *, nice: int = 0) -> None:
        super().__init__(jobs, nice=nice)
        self._jobs = jobs
        _import_ray()

    def map(self, work: Work, items: Iterable[Item]) -> Iterator[tuple[Item, Item | ScoringError]]:
        """Yield each item once with what came of it; see ``Executor.map``."""
        ray = _import_ray()
        feed = iter(items)
        first = deque(islice(feed, 1))
        if not first:
            return
        with _cluster(ray):
            cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
            self.workers = min(self._jobs or cores, cores)
            seats = [_Seat(ray, work, self.nice) for _ in range(self.workers)]
            try:
                yield from _served(ray, seats, _chained(first, feed))
            finally:
                for seat in seats:
                    seat.end()


def _chained(first: "deque[Item]", feed: Iterator[Item]) -> Iterator[Item]:
    yield from first
    yield from feed


def _served(ray: Any, seats: "list[_Seat]", feed: Iterator[Item]) -> Iterator[tuple[Item, Item | ScoringError]]:
    asked = {ref: seat for seat in seats if (ref := seat.ask(feed)) is not None}
    while asked:
        (ref,), _ = ray.wait(list(asked), num_returns=1)
        seat = asked.pop(ref)
        yield from seat.take(ref)
        if (following := seat.ask(feed)) is not None:
            asked[following] = seat


def _import_ray() -> Any:
    # Ray would report its use to its makers.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise ScoringError("Ray is not installed: run make install-ray, or use --executor process.") from error
    return ray


@contextmanager
def _cluster(ray: Any) -> Iterator[None]:
    """Connect to the cluster, or start one; what was started is ended."""
    if ray.is_initialized():
        yield
        return
    ray.init(include_dashboard=False, log_to_driver=False, logging_level="warning")
    try:
        yield
    finally:
        ray.shutdown()


class _Seat:
    """A place for one actor: feeds it, takes its answers, and puts another in its place where it dies."""

    def __init__(self, ray: Any, work: Work, nice: int) -> None:
        self._ray, self._work, self._nice = ray, work, nice
        self._waiting: deque[Item] = deque()
        self._lives = Lives()
        self._actor: Any = None

    def ask(self, feed: Iterator[Item]) -> Any:
        """Have the next item worked on, while what the one after it needs is fetched; None where nothing is left."""
        self._waiting.extend(islice(feed, AHEAD - len(self._waiting)))
        if not self._waiting:
            self.end()
            return None
        if self._actor is None:
            self._actor = self._begin()
        return self._actor.do.remote(*map(json.dumps, self._waiting))

    def take(self, ref: Any) -> Iterator[tuple[Item, Item | ScoringError]]:
        """Yield the item that was asked for with what came of it, or nothing where it must be begun again."""
        try:
            answer = json.loads(self._ray.get(ref))
        except self._ray.exceptions.RayActorError as error:
            self._actor = None
            given_up = self._lives.died(str(error).splitlines()[0].rstrip("."), ready=True)
            if given_up is not None:
                yield self._waiting.popleft(), given_up
            return
        if "refused" in answer:
            raise ScoringError(answer["refused"])
        self._lives.answered()
        yield self._waiting.popleft(), ScoringError(answer["error"]) if "error" in answer else answer["result"]

    def _begin(self) -> Any:
        variables = {"PYTHONPATH": str(_ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        options = {"num_cpus": 1, "scheduling_strategy": "SPREAD", "runtime_env": {"env_vars": variables}}
        made = self._ray.remote(_Actor).options(**options)
        return made.remote(self._work.maker, json.dumps(self._work.given), self._nice)

    def end(self) -> None:
        """End the actor."""
        if self._actor is not None:
            self._ray.kill(self._actor)
            self._actor = None


class _Actor:
    """The worker in a process of the cluster; it answers in text."""

    def __init__(self, maker: str, given: str, nice: int) -> None:
        os.nice(nice)
        self._work = Work(maker, json.loads(given))
        self._worker: Worker | None = None
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="fetch")
        self._fetched: dict[str, Future[Any]] = {}

    def do(self, *items: str) -> str:
        """Work on the first item; fetch what the second needs meanwhile."""
        try:
            worker = self._worker = self._worker or self._work.begin()
        except SpoofscopeError as error:
            return json.dumps({"refused": str(error)})
        for text in items:
            if text not in self._fetched:
                self._fetched[text] = self._ahead.submit(worker.fetch, json.loads(text))
        found = attempt(worker, json.loads(items[0]), self._fetched.pop(items[0]).result())
        return json.dumps({"error": str(found)} if isinstance(found, ScoringError) else {"result": found})
