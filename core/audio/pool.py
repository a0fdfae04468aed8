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
import fcntl
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.audio import protocol

__all__ = ["Cancelled", "ChildDied", "ChildHung", "ChildLate", "DecoderPool", "default_pool_size"]

START_DEADLINE_S = 30.0
# How soon a cancelled request is noticed.
CANCEL_POLL_S = 0.1
PIPE_BYTES = 1 << 20
ROOT = Path(__file__).resolve().parents[2]
WORKER = (sys.executable, "-P", "-m", "core.audio.worker")
# A child reads strangers' files: it gets what it needs to start, not the application's secrets.
KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "VIRTUAL_ENV")

Answer = tuple[dict[str, Any], bytearray]


class ChildHung(Exception):  # noqa: N818 - names the event, as the pool's callers put it
    """A child spent its share of processor time and was killed."""


class ChildLate(Exception):  # noqa: N818
    """A child passed its deadline with processor time left, so that the machine was busy, and was killed."""


class Cancelled(Exception):  # noqa: N818
    """The request was cancelled, and the child that worked on it was killed."""


class ChildDied(Exception):  # noqa: N818
    """A child ended, or answered out of protocol, before it had finished."""


def default_pool_size() -> int:
    """Return how many children are kept: one per core, at least 2 and at most 4."""
    return max(2, min(4, os.cpu_count() or 1))


class _Child:
    """One child process and the pipes to it."""

    def __init__(self, command: Sequence[str]) -> None:
        environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        # One job runs in a child at a time: threads of BLAS would only cost memory.
        environment |= {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=environment,
            # A group of its own: killing the group ends ffmpeg too.
            start_new_session=True,
        )
        self._owner = os.getpid()
        self._ready = False
        self._cancel: threading.Event | None = None
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input = self._process.stdin.fileno()
        self._output = self._process.stdout.fileno()
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            fcntl.fcntl(self._output, fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def wait_ready(self) -> None:
        """Wait until the child has loaded its libraries."""
        if not self._ready:
            self._receive(time.monotonic() + START_DEADLINE_S, max_payload_bytes=0)
            self._ready = True

    def ask(
        self,
        request: dict[str, Any],
        *,
        deadline_s: float,
        max_deadline_s: float,
        max_payload_bytes: int,
        cancel: threading.Event | None,
    ) -> Answer:
        """Send a request and return the answer; the clock starts once the child is ready."""
        self._cancel = cancel
        self.wait_ready()
        start = time.monotonic()
        deadline = start + deadline_s
        view = memoryview(protocol.pack_head(request))
        try:
            while view:
                view = view[os.write(self._input, view) :]
        except OSError as error:
            raise ChildDied(str(error)) from error
        while True:
            head, payload = self._receive(deadline, max_payload_bytes=max_payload_bytes)
            if "allowed_s" not in head:
                return head, payload
            # The child has read how long the recording is.
            deadline = start + min(float(head["allowed_s"]), max_deadline_s)

    def _receive(self, deadline: float, *, max_payload_bytes: int) -> Answer:
        try:
            head_bytes, payload_bytes = protocol.unpack_prefix(
                self._read(protocol.PREFIX.size, deadline), max_payload_bytes=max_payload_bytes
            )
            head = protocol.unpack_head(self._read(head_bytes, deadline))
        except ValueError as error:
            raise ChildDied(str(error)) from error
        return head, self._read(payload_bytes, deadline)

    def _read(self, size: int, deadline: float) -> bytearray:
        data = bytearray(size)
        view = memoryview(data)
        poll = select.poll()
        poll.register(self._output, select.POLLIN)
        while view:
            left = deadline - time.monotonic()
            if left <= 0:
                raise ChildLate
            if self._cancel is not None and self._cancel.is_set():
                raise Cancelled
            if not poll.poll(1000 * (left if self._cancel is None else min(left, CANCEL_POLL_S))):
                continue
            count = os.readv(self._output, [view])
            if count == 0:
                raise self._ended()
            view = view[count:]
        return data

    def _ended(self) -> ChildDied | ChildHung:
        try:
            code = self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            return ChildDied("the child closed its output")
        return ChildHung() if code == -signal.SIGXCPU else ChildDied(f"the child ended with {code}")

    def kill(self) -> None:
        """End the child and whatever it started; a thread that waits for its answer sees it end."""
        if self._owner == os.getpid() and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def release(self) -> None:
        """Close the pipes, which only the thread that holds the child may do."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


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
        self._slots: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(self.size):
            self._slots.put(None)
        self._children: set[_Child] = set()
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

    def _free_slot(self, cancel: threading.Event | None) -> _Child | None:
        while cancel is not None:
            if cancel.is_set():
                raise Cancelled
            with contextlib.suppress(queue.Empty):
                return self._slots.get(timeout=CANCEL_POLL_S)
        return self._slots.get()

    def _living(self, child: _Child | None) -> _Child:
        if child is not None and child.alive():
            return child
        self._discard(child)
        with self._lock:
            if self._closed:
                raise ChildDied("the pool is closed")
            child = _Child(self._command)
            self._children.add(child)
            return child

    def _discard(self, child: _Child | None) -> None:
        if child is None:
            return
        with self._lock:
            self._children.discard(child)
            child.kill()
        child.release()
