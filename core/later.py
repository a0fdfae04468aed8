"""Work that takes longer than a person waits: done by a thread of its own, one piece after the other, and kept."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from core.watch import Progress, reporting_to

__all__ = ["Later", "Task"]

Result = TypeVar("Result")


class Task(Generic[Result]):
    """A piece of work and, once it is done, its result; any thread may look."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work: Callable[[], Result] | None = work
        self._asked = time.monotonic()
        self._steps = (0, 0)
        self._ended = threading.Event()
        self._result: Result | None = None
        self._error: Exception | None = None

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._ended.is_set()

    @property
    def error(self) -> Exception | None:
        """What it raised; None while it runs, or where it ended well."""
        return self._error

    @property
    def progress(self) -> Progress:
        """How far it is, by what it reports (``core.watch.report``), and the seconds since it was asked for."""
        return Progress(*self._steps, time.monotonic() - self._asked)

    def result(self, timeout_s: float | None = None) -> Result:
        """Return the result, once it is there.

        Raises
        ------
        TimeoutError
            When it is not there in time.
        Exception
            Whatever the work raised.
        """
        if not self._ended.wait(timeout_s):
            raise TimeoutError
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]

    def run(self) -> None:
        """Do the work; only ``Later`` calls this."""
        assert self._work is not None
        try:
            with reporting_to(self._step):
                self._result = self._work()
        except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
            self._error = error
        finally:
            self._work = None
            self._ended.set()

    def _step(self, done: int, total: int) -> None:
        self._steps = (done, total)


class Later:
    """One thread that does what is asked, the last first: somebody waits for that one.

    Parameters
    ----------
    name : str
        Of the thread.
    most : int
        Results that are kept; the oldest go first.
    """

    def __init__(self, name: str, *, most: int = 8) -> None:
        self._name, self._most = name, most
        self._tasks: OrderedDict[Hashable, Task[object]] = OrderedDict()
        self._waiting: list[Task[object]] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def ask(self, key: Hashable, work: Callable[[], Result]) -> Task[Result]:
        """Return the task of this key; it begins where there is none, or the one before has failed."""
        with self._lock:
            task = self._tasks.get(key)
            if task is None or task.error is not None:
                task = Task(work)
                self._tasks[key] = task
                self._waiting.append(task)
            elif task in self._waiting:
                self._waiting.remove(task)
                self._waiting.append(task)
            self._tasks.move_to_end(key)
            self._forget()
            if self._waiting and self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
        return task  # type: ignore[return-value]

    def find(self, key: Hashable) -> "Task[object] | None":
        """Return the task of this key; None where none was asked for."""
        with self._lock:
            return self._tasks.get(key)

    def clear(self) -> None:
        """Forget all results, and what has not begun."""
        with self._lock:
            self._tasks.clear()
            self._waiting.clear()

    def _forget(self) -> None:
        done = [key for key, task in self._tasks.items() if task.done]
        for key in done[: max(0, len(done) - self._most)]:
            del self._tasks[key]

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                task = self._waiting.pop()
            task.run()
