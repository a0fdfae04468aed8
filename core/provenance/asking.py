"""The pool of children that read what strangers wrote into a file, and how one is asked."""

import os
import sys
import threading
from pathlib import Path
from typing import Any

from core.audio.child import Cancelled, ChildDied, ChildHung, ChildLate
from core.audio.decode import find_ffmpeg
from core.audio.limits import DEFAULT_LIMITS
from core.audio.pool import DecoderPool

__all__ = ["ask", "shutdown"]

_COMMAND = (sys.executable, "-P", "-m", "core.provenance.worker")
_SIZE = 2

_pool: DecoderPool | None = None
_lock = threading.Lock()


def ask(what: str, path: Path, **more: str) -> dict[str, Any]:
    """Return the facts that a reader of ``core.provenance.worker`` finds in a file.

    Parameters
    ----------
    what : str
        ``credentials``, ``tags`` or ``samples``.
    path : Path
    **more : str
        What that reader needs besides.

    Returns
    -------
    dict
        With the key ``unread``, why nothing could be read, where that is so.
    """
    limits, size = DEFAULT_LIMITS, path.stat().st_size
    request = {
        "what": what, "path": os.fspath(path.absolute()), "size": size, "limits": limits.to_json(),
        "ffmpeg": find_ffmpeg(), **more,
    }  # fmt: skip
    deadline_s = limits.patience * limits.max_cpu_s
    try:
        facts, _ = _shared_pool().ask(
            request, deadline_s=limits.patience * limits.cpu_for(size), max_deadline_s=deadline_s, max_payload_bytes=0
        )
    except (ChildHung, ChildLate):
        return {"unread": "reading takes too long."}
    except (ChildDied, Cancelled):
        return {"unread": "the file stopped the reader twice."}
    return facts


def shutdown() -> None:
    """End the children; the next question starts new ones."""
    global _pool
    with _lock:
        pool, _pool = _pool, None
    if pool is not None:
        pool.close()


def _shared_pool() -> DecoderPool:
    global _pool
    with _lock:
        if _pool is None:
            _pool = DecoderPool(size=_SIZE, command=_COMMAND)
        return _pool


def _forget_pool() -> None:
    # A forked process must not write into its parent's pipes.
    global _pool, _lock
    _pool, _lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_pool)
