"""Any audio file becomes a clip: mono float32 at 16 kHz, decoded outside this process and within limits."""

import functools
import os
import shutil
import stat
import threading
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np

from core.audio.child import Cancelled, ChildDied, ChildHung, ChildLate
from core.audio.clip import SAMPLE_RATE, Clip, DecodeRecord
from core.audio.limits import DEFAULT_LIMITS, Limits
from core.audio.pool import DecoderPool
from core.audio.source import TOO_COSTLY
from core.errors import AudioError

__all__ = ["DecodingCancelled", "decode", "find_ffmpeg", "shutdown", "warm"]

MAX_SHOWN_NAME = 80

_pool: DecoderPool | None = None
_pool_lock = threading.Lock()


class DecodingCancelled(AudioError):  # noqa: N818 - names the event: nothing is wrong with the recording
    """The decoding was ended by whoever had asked for it."""


def decode(
    path: Path | str,
    *,
    name: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    cancel: threading.Event | None = None,
) -> Clip:
    """Decode a recording to mono float32 at 16 kHz, in a killable child process.

    The level is left alone: a mono 16-bit file at 16 kHz comes out as exactly k / 32768. Channels are
    averaged, unless they cancel one another; then the loudest one is used and the record notes it.

    Parameters
    ----------
    path : Path or str
        A regular file of at most ``limits.max_bytes`` bytes. Its name and extension mean nothing.
    name : str or None
        What the person calls it, for the clip and for errors; the file's own name by default.
    limits : Limits
        Bounds on the recording and on the cost of decoding it.
    cancel : Event or None
        Set from another thread, it ends the decoding, child and ffmpeg included, within a tenth of a second.

    Returns
    -------
    Clip
        At most ``limits.keep_s`` seconds, with the record of how they were decoded.

    Raises
    ------
    DecodingCancelled
        When ``cancel`` was set before the end.
    AudioError
        One sentence that names the file, what is wrong with it and what to do.
    """
    path = Path(path)
    shown = _printable(name if name is not None else path.name)
    size = _check_file(path, shown=shown, limits=limits)
    request = {
        "path": os.fspath(path.absolute()),
        "limits": limits.to_json(),
        "ffmpeg": find_ffmpeg(),
    }
    try:
        head, payload = _shared_pool().ask(
            request,
            deadline_s=limits.patience * limits.cpu_for(size),
            max_deadline_s=limits.patience * limits.max_cpu_s,
            max_payload_bytes=4 * int((limits.keep_s + 1) * SAMPLE_RATE),
            cancel=cancel,
        )
    except Cancelled:
        raise DecodingCancelled(f"The decoding of “{shown}” was cancelled.") from None
    except ChildHung:
        raise _error(shown, TOO_COSTLY) from None
    except ChildLate:
        raise _error(
            shown,
            "was not decoded in time, since this machine is busy with other work: try again when it has less to do.",
        ) from None
    except ChildDied:
        raise _error(shown, "stopped the decoder twice: convert it to WAV and try again.") from None
    if "refusal" in head:
        raise _error(shown, str(head["refusal"]))
    return _clip(head["record"], payload, name=shown, path=path)


def warm() -> None:
    """Start the decoding children and wait until they are ready, so that no clip waits for their start.

    Raises
    ------
    AudioError
        When they cannot be started.
    """
    find_ffmpeg()
    try:
        _shared_pool().warm()
    except (ChildDied, ChildHung, ChildLate) as error:
        raise AudioError("The audio decoder cannot be started: reinstall the requirements and try again.") from error


def shutdown() -> None:
    """End the decoding children; the next decode starts new ones."""
    global _pool
    with _pool_lock:
        pool, _pool = _pool, None
    if pool is not None:
        pool.close()


@functools.cache
def find_ffmpeg() -> str | None:
    """Return the path of ffmpeg: the one on PATH, else the one of imageio-ffmpeg, else None."""
    found = shutil.which("ffmpeg")
    if found is not None:
        return found
    try:
        import imageio_ffmpeg
    except ImportError:
        return None
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        return None


def _shared_pool() -> DecoderPool:
    global _pool
    with _pool_lock:
        if _pool is None:
            _pool = DecoderPool()
        return _pool


def _forget_pool() -> None:
    # A forked process must not write into its parent's pipes.
    global _pool, _pool_lock
    _pool, _pool_lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_pool)


def _check_file(path: Path, *, shown: str, limits: Limits) -> int:
    try:
        status = path.lstat()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "impossible path"
        raise _error(shown, f"cannot be found ({reason.lower()}): check the path.") from None
    if stat.S_ISDIR(status.st_mode):
        raise _error(shown, "is a folder: give one audio file.")
    if stat.S_ISLNK(status.st_mode):
        raise _error(shown, "is a symbolic link: give the file that it points to.")
    if not stat.S_ISREG(status.st_mode):
        raise _error(shown, "is a device or a pipe: give an audio file.")
    if status.st_size == 0:
        raise _error(shown, "is empty (0 bytes): record or export it again.")
    if status.st_size > limits.max_bytes:
        raise _error(
            shown,
            f"has {status.st_size / 1e6:,.0f} MB and at most {limits.max_bytes / 1e6:,.0f} MB are read: "
            "cut out the part to examine, or compress it.",
        )
    return status.st_size


def _clip(record: dict[str, Any], payload: bytearray, *, name: str, path: Path) -> Clip:
    waveform = np.frombuffer(payload, dtype=np.float32)
    notes = tuple(str(note) for note in record.pop("notes"))
    return Clip(name=name, waveform=waveform, record=DecodeRecord(**record, notes=notes), path=path)


def _printable(name: str) -> str:
    """Return a name on one line: control, format and surrogate characters become a replacement sign."""
    return "".join("\ufffd" if unicodedata.category(sign)[0] == "C" else sign for sign in name)


def _error(shown: str, predicate: str) -> AudioError:
    short = shown if len(shown) <= MAX_SHOWN_NAME else shown[: MAX_SHOWN_NAME - 1] + "…"
    return AudioError(f"“{short}” {predicate}")
