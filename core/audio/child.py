"""One decoding child: its process, the pipes to it, and the ways in which it ends."""

import fcntl
import os
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

__all__ = ["CANCEL_POLL_S", "ROOT", "WORKER", "Answer", "Cancelled", "Child", "ChildDied", "ChildHung", "ChildLate"]

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


class Child:
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
        """The child's process id."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether it has not ended."""
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
