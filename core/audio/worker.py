"""The decoding child: reads requests on standard input, answers with mono 16 kHz samples or a refusal.

``python -m core.audio.worker`` loads nothing but NumPy, soundfile and soxr. It holds itself to an address
space, writes no file, and ends, ffmpeg with it, as soon as its standard input closes.
"""

import os
import queue
import resource
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO, NoReturn

import numpy as np
from numpy.typing import NDArray

from core.audio import protocol
from core.audio.assemble import Answer, decode_file
from core.audio.limits import Limits
from core.audio.source import Refusal

__all__ = ["main", "serve"]


def _answer(request: dict[str, Any], answers: BinaryIO) -> Answer:
    limits = Limits(**request["limits"])
    nothing = np.zeros(0, np.float32)
    # Only the soft limit, so that the next job may have another.
    resource.setrlimit(resource.RLIMIT_AS, (limits.child_bytes, resource.RLIM_INFINITY))

    def announce(cpu_s: float) -> None:
        _write(answers, {"allowed_s": limits.patience * cpu_s}, nothing)

    try:
        record, samples = decode_file(request["path"], limits=limits, ffmpeg=request["ffmpeg"], announce=announce)
    except Refusal as refusal:
        return {"refusal": str(refusal)}, nothing
    except MemoryError:
        return {"refusal": "needs more memory than decoding may take: cut it or convert it to WAV."}, nothing
    return {"record": record}, samples


def _read_requests(stream: BinaryIO, requests: "queue.Queue[dict[str, Any]]") -> NoReturn:
    """Queue the requests; when the parent goes away, end this process and its ffmpeg at once."""
    while True:
        prefix = stream.read(protocol.PREFIX.size)
        if len(prefix) < protocol.PREFIX.size:
            os.killpg(0, signal.SIGKILL)
        head_bytes, _ = protocol.unpack_prefix(prefix, max_payload_bytes=0)
        requests.put(protocol.unpack_head(stream.read(head_bytes)))


def _write(stream: BinaryIO, head: dict[str, Any], samples: NDArray[np.float32]) -> None:
    stream.write(protocol.pack_head(head, payload_bytes=samples.nbytes))
    stream.write(samples.data.cast("B") if samples.size else b"")
    stream.flush()


def serve(answer: Callable[[dict[str, Any], BinaryIO], Answer]) -> NoReturn:
    """Answer requests until standard input closes.

    Parameters
    ----------
    answer : callable
        Given a request and the stream of the answers, returns the head of the answer and its samples.
    """
    # Libraries that print would break the protocol: they get the null device, it a descriptor of its own.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    requests: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read_requests, args=(sys.stdin.buffer, requests), daemon=True).start()
    _write(answers, {"ready": os.getpid()}, np.zeros(0, np.float32))
    while True:
        _write(answers, *answer(requests.get(), answers))


def main() -> None:
    """Decode until standard input closes."""
    serve(_answer)


if __name__ == "__main__":
    main()
