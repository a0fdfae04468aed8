"""A pool of processes, one thread of computing each: the default, since it keeps all cores of a machine busy.

Why not ``concurrent.futures``: it takes one killed worker for the end of all, and moves what it moves as pickles. Why
not ``fork``: threads of torch and ONNX Runtime do not survive it. Each worker here is a process of its own that loads
its detectors once and talks in lines of JSON; a thread of this process waits for it, so that nothing waits for anything
else. Only this process writes results.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import ClassVar

from core.errors import ScoringError
from core.scoring.base import AHEAD, EXECUTORS, Executor, Item, Lives, Work

__all__ = ["Processes"]

_ROOT = Path(__file__).resolve().parents[3]
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")

_News = queue.SimpleQueue[tuple[Item, Item | ScoringError] | ScoringError | None]


@EXECUTORS.register("process")
class Processes(Executor):
    """Workers that are processes of this machine."""

    summary: ClassVar[str] = "a pool of processes, one a core"

    def __init__(self, jobs: int | None = None, *, nice: int = 0) -> None:
        super().__init__(jobs, nice=nice)
        self._early: queue.SimpleQueue[_Process] = queue.SimpleQueue()

    def expect(self, module: str) -> None:
        """Start the workers already, which import a module while this process still reads what is to be done."""
        for _ in range(self.workers):
            self._early.put(_Process(module))

    def map(self, work: Work, items: Iterable[Item]) -> Iterator[tuple[Item, Item | ScoringError]]:
        """Yield each item once with what came of it; see ``Executor.map``."""
        news: _News = queue.SimpleQueue()
        feed = _Feed(items)
        slots = [_Slot(work, self.nice, feed, news, self._early) for _ in range(self.workers)]
        for slot in slots:
            slot.start()
        running = len(slots)
        try:
            while running:
                event = news.get()
                if isinstance(event, ScoringError):
                    raise event
                if event is None:
                    running -= 1
                else:
                    yield event
        finally:
            for slot in slots:
                slot.stop()
            for slot in slots:
                slot.join()
            self.close()

    def close(self) -> None:
        """End the workers that were started early and not taken."""
        while not self._early.empty():
            self._early.get().end()

    @staticmethod
    def pids() -> list[int]:
        """Return the process ids of the workers of this process that are alive."""
        return sorted(_alive)


_alive: set[int] = set()


class _Feed:
    """An iterator that many threads take from."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = iter(items)
        self._lock = threading.Lock()

    def take(self, count: int) -> list[Item]:
        """Return the next items, as many as are left of ``count``."""
        with self._lock:
            return list(islice(self._items, count))


class _Slot(threading.Thread):
    """A place for one worker: feeds it, takes its answers, and starts the next one where it dies."""

    def __init__(
        self, work: Work, nice: int, feed: _Feed, news: "_News", early: "queue.SimpleQueue[_Process]"
    ) -> None:
        super().__init__(daemon=True, name="worker")
        self._work, self._nice, self._feed, self._news, self._early = work, nice, feed, news, early
        self._process: _Process | None = None
        self._stopped = threading.Event()
        self._lock = threading.Lock()

    def run(self) -> None:
        """Work until nothing is left."""
        try:
            self._serve()
        except ScoringError as error:
            self._news.put(error)
        except BaseException as error:
            self._news.put(ScoringError(f"The pool of workers failed: {type(error).__name__}: {error}"))
            raise
        finally:
            self.stop()
            self._release()
            self._news.put(None)

    def stop(self) -> None:
        """End the worker, whatever it is at."""
        with self._lock:
            self._stopped.set()
            if self._process is not None:
                self._process.kill()

    def _serve(self) -> None:
        waiting: deque[Item] = deque()
        lives = Lives()
        while not self._stopped.is_set():
            new = self._feed.take(AHEAD - len(waiting))
            waiting.extend(new)
            if not waiting:
                return
            process = self._process
            try:
                if process is None:
                    process, new = self._begin(), list(waiting)
                    process.begin(self._work, self._nice)
                    lives.started()
                process.send(new)
                answer = process.receive()
            except _DiedError as death:
                if self._stopped.is_set():
                    return
                given_up = lives.died(str(death), ready=process is not None and process.ready)
                if given_up is not None:
                    self._news.put((waiting.popleft(), given_up))
                self._release()
                continue
            lives.answered()
            found = ScoringError(answer["error"]) if "error" in answer else answer["result"]
            self._news.put((waiting.popleft(), found))

    def _release(self) -> None:
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.release()

    def _begin(self) -> "_Process":
        with self._lock:
            if self._stopped.is_set():
                raise _DiedError("stopped")
            with suppress(queue.Empty):
                self._process = self._early.get_nowait()
                return self._process
            self._process = _Process(self._work.maker.partition(":")[0])
            return self._process


class _DiedError(Exception):
    """A worker ended before it had answered."""


class _Process:
    """One worker process, which begins to import a module, and the pipes to it."""

    def __init__(self, module: str) -> None:
        paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1"), "PYTHONPATH": os.pathsep.join(paths)}
        # A group of its own: Ctrl-C is for the parent, which ends its workers itself. Not a session: Linux shares the
        # cores between sessions, so that a worker of another one would not give way to the page however nice it is.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "core.scoring.worker", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=environment, process_group=0,
        )  # fmt: skip
        self.ready = False
        _alive.add(self._process.pid)

    def begin(self, work: Work, nice: int) -> None:
        """Give it its work, and wait until it has loaded what it needs.

        Raises
        ------
        ScoringError
            When it refuses; the text is the reason.
        """
        self.send([{"maker": work.maker, "given": work.given, "nice": nice}])
        answer = self.receive()
        if "refused" in answer:
            raise ScoringError(answer["refused"])
        self.ready = True

    def send(self, items: list[Item]) -> None:
        """Send items."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(b"".join(json.dumps(item).encode() + b"\n" for item in items))
            self._process.stdin.flush()
        except OSError as error:
            raise self._death() from error

    def receive(self) -> Item:
        """Return the answer to the item that was sent first of those that have none."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._death()
        answer: Item = json.loads(line)
        return answer

    def _death(self) -> _DiedError:
        self.kill()
        code = self._process.returncode
        return _DiedError(signal.Signals(-code).name if code < 0 else f"exit status {code}")

    def kill(self) -> None:
        """End the process; a thread that waits for its answer sees it end."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        _alive.discard(self._process.pid)

    def end(self) -> None:
        """End the process and close its pipes."""
        self.kill()
        self.release()

    def release(self) -> None:
        """Close the pipes of a process that has ended, which only the thread that reads from them may do."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
