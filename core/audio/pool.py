"""A warm pool of killable decoding children: a bound for each file, a successor for each dead child.

Why not ``pebble.ProcessPool`` or ``concurrent.futures``: both move results as pickles. A child here reads
strangers' files with parsers written in C; should one be taken over, whatever it sends is unpickled in the
application, and to unpickle is to run. These children answer in frames of JSON and raw samples
(``core.audio.protocol``), whose lengths are bounded before they are read. They are started with ``exec``
rather than forked, with no secrets in their environment, as groups of their own, so that ffmpeg ends with
them, and under the kernel's limits on processor time, memory and file size.
"""

import atexit
import contextlib
import os
import queue
import threading
from collections.abc import Sequence
from typing import Any

from core.audio.child import CANCEL_POLL_S, WORKER, Answer, Cancelled, Child, ChildDied, ChildHung, ChildLate

__all__ = ["DecoderPool", "default_pool_size"]


def default_pool_size() -> int:
    """Return how many children are kept: one per core, at least 2 and at most 4."""
    return max(2, min(4, os.cpu_count() or 1))


class DecoderPool:
    """A fixed number of children, started when first needed, each given one file at a time.

    Safe to share between threads. A child that hangs or dies is killed and replaced at its next turn; all
    end with :meth:`close` or with this process, however it ends.

    Parameters
    ----------
    size : int or None
        How many children; None for :func:`default_pool_size`.
    command : sequence of str
        What starts a child.
    """

    def __init__(self, *, size: int | None = None, command: Sequence[str] = WORKER) -> None:
        self.size = size or default_pool_size()
        self._command = tuple(command)
        self._slots: queue.LifoQueue[Child | None] = queue.LifoQueue()
        for _ in range(self.size):
            self._slots.put(None)
        self._children: set[Child] = set()
        self._lock = threading.Lock()
        self._warming = threading.Lock()
        self._closed = False
        atexit.register(self.close)

    def ask(
        self,
        request: dict[str, Any],
        *,
        deadline_s: float,
        max_deadline_s: float,
        max_payload_bytes: int,
        cancel: threading.Event | None = None,
    ) -> Answer:
        """Give a request to a free child, waiting for one, and return its (head, payload).

        A child found dead is replaced and the request tried once more.

        Raises
        ------
        ChildHung
            When the child spent the processor time that it was allowed.
        ChildLate
            When the answer is not there within ``deadline_s`` of a child taking the request, or within
            what the child asked for once it had read the header, at most ``max_deadline_s``.
        Cancelled
            When ``cancel`` was set before the answer was there.
        ChildDied
            When the child died over it, twice.
        """
        child = self._free_slot(cancel)
        try:
            for last in (False, True):
                child = self._living(child)
                try:
                    return child.ask(
                        request,
                        deadline_s=deadline_s,
                        max_deadline_s=max_deadline_s,
                        max_payload_bytes=max_payload_bytes,
                        cancel=cancel,
                    )
                except ChildDied:
                    self._discard(child)
                    if last or self._closed:
                        raise
            raise AssertionError("the second try returns or raises")
        except BaseException:
            # Its answer would be taken for that of the next request.
            self._discard(child)
            raise
        finally:
            self._slots.put(child)

    def warm(self) -> None:
        """Start every child that is not running, and wait until all of them are ready.

        Raises
        ------
        ChildHung, ChildLate, ChildDied
            When a child does not come up.
        """
        # Two threads that each held some of the slots would wait for each other for ever.
        with self._warming:
            slots = [self._slots.get() for _ in range(self.size)]
        try:
            for index, slot in enumerate(slots):
                slots[index] = self._living(slot)
            for slot in slots:
                self._living(slot).wait_ready()
        except (ChildDied, ChildHung, ChildLate):
            for slot in slots:
                self._discard(slot)
            raise
        finally:
            for slot in slots:
                self._slots.put(slot)

    def pids(self) -> list[int]:
        """Return the process ids of the children that are alive."""
        with self._lock:
            return sorted(child.pid for child in self._children if child.alive())

    def close(self) -> None:
        """Kill every child; requests under way fail with ChildDied."""
        with self._lock:
            self._closed = True
            for child in self._children:
                child.kill()
            self._children.clear()
        for _ in range(self._slots.qsize()):
            with contextlib.suppress(queue.Empty):
                self._discard(self._slots.get_nowait())
                self._slots.put(None)
        atexit.unregister(self.close)

    def _free_slot(self, cancel: threading.Event | None) -> Child | None:
        while cancel is not None:
            if cancel.is_set():
                raise Cancelled
            with contextlib.suppress(queue.Empty):
                return self._slots.get(timeout=CANCEL_POLL_S)
        return self._slots.get()

    def _living(self, child: Child | None) -> Child:
        if child is not None and child.alive():
            return child
        self._discard(child)
        with self._lock:
            if self._closed:
                raise ChildDied("the pool is closed")
            child = Child(self._command)
            self._children.add(child)
            return child

    def _discard(self, child: Child | None) -> None:
        if child is None:
            return
        with self._lock:
            self._children.discard(child)
            child.kill()
        child.release()
