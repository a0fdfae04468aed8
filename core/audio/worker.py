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
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NoReturn

import numpy as np
from numpy.typing import NDArray

from core.audio import protocol
from core.audio.judge import Hearing, Mix, choose_mix, hear, render
from core.audio.limits import Limits
from core.audio.sources import FfmpegSource, Refusal, SoundfileSource, Source, TooShort, Unreadable, bound_own_cpu

__all__ = ["decode_file", "main"]

Answer = tuple[dict[str, Any], NDArray[np.float32]]

# Less than this missing at the end is the rounding of a header, not a loss.
MISSING_S = 0.1


def decode_file(
    path: str, *, limits: Limits, ffmpeg: str | None, announce: Callable[[float], None] = lambda cpu_s: None
) -> Answer:
    """Decode one file: the fields of its decode record, and its samples.

    libsndfile reads first; what it cannot open, or finds damaged or too short, goes to ffmpeg.

    Parameters
    ----------
    path : str
        A regular file.
    limits : Limits
        What the file is held to.
    ffmpeg : str or None
        Path of ffmpeg's binary, if there is one.
    announce : callable
        Told the seconds of computing allowed, once the header has told how long the file is.

    Raises
    ------
    Refusal
        When the file cannot be used; its text completes "this file ...".
    """
    cpu_s = limits.cpu_for(os.lstat(path).st_size)
    partial: Answer | None = None
    first: Refusal
    try:
        partial, damaged = _listen(lambda: SoundfileSource(path), path, limits=limits, announce=announce)
        if not damaged or ffmpeg is None:
            return partial
        first = Refusal("is damaged.")
    except (Unreadable, TooShort) as refusal:
        first = refusal
    if ffmpeg is None:
        raise _final(first, Unreadable(), ffmpeg=ffmpeg)
    binary, duration_s = ffmpeg, limits.max_duration_s
    try:
        answer, _ = _listen(
            lambda: FfmpegSource(path, ffmpeg=binary, max_duration_s=duration_s, cpu_s=cpu_s),
            path,
            limits=limits,
            announce=announce,
        )
        return answer
    except Refusal as second:
        if partial is not None:
            return partial
        raise _final(first, second, ffmpeg=ffmpeg) from second


def _final(first: Refusal, second: Refusal, *, ffmpeg: str | None) -> Refusal:
    """Choose the refusal that tells a person most."""
    for refusal in (second, first):
        if not isinstance(refusal, Unreadable | TooShort):
            return refusal
    for refusal in (first, second):
        if isinstance(refusal, TooShort):
            return refusal
    if ffmpeg is None:
        return Refusal(
            "is not audio, or is in a format that needs ffmpeg, which is not installed: "
            "convert it to WAV or FLAC, or install ffmpeg."
        )
    return Refusal(
        "is not audio that can be read, or its header is damaged: give a WAV, FLAC, Ogg, Opus, MP3, M4A or WebM file."
    )


def _listen(
    opened: Callable[[], SoundfileSource | FfmpegSource],
    path: str,
    *,
    limits: Limits,
    announce: Callable[[float], None],
) -> tuple[Answer, bool]:
    with opened() as source:
        cpu_s = limits.cpu_for(os.lstat(path).st_size, claimed_s=source.claimed_s or 0.0)
        source.allow_cpu(cpu_s)
        announce(cpu_s)
        hearing = hear(source, limits=limits)
        mix = choose_mix(hearing)
        if hearing.blocks is not None:
            samples = _rendered(hearing.blocks, source, hearing, mix)
        else:
            with opened() as again:
                again.allow_cpu(cpu_s)
                samples = _rendered(again.blocks(), source, hearing, mix)
        return (_record(source, hearing, mix), samples), source.damage is not None


def _rendered(
    blocks: Iterator[NDArray[np.floating]] | tuple[NDArray[np.floating], ...],
    source: Source,
    hearing: Hearing,
    mix: Mix,
) -> NDArray[np.float32]:
    return render(blocks, rate_hz=source.rate_hz, frames=hearing.kept.frames, mix=mix)


def _record(source: Source, hearing: Hearing, mix: Mix) -> dict[str, Any]:
    duration_s = hearing.whole.frames / source.rate_hz
    used_s = hearing.kept.frames / source.rate_hz
    notes = list(mix.notes)
    if source.damage is not None:
        notes.append(source.damage)
    elif source.claimed_s is not None and source.claimed_s - duration_s > max(MISSING_S, 0.01 * duration_s):
        notes.append(f"the header promises {source.claimed_s:.1f} s, {duration_s:.1f} s could be read")
    return {
        "container": source.container,
        "codec": source.codec,
        "sample_rate_hz": source.rate_hz,
        "channels": source.channels,
        "duration_s": duration_s,
        "used_s": used_s,
        "dropped_s": duration_s - used_s,
        "notes": notes,
    }


def _answer(request: dict[str, Any], answers: BinaryIO) -> Answer:
    limits = Limits(**request["limits"])
    nothing = np.zeros(0, np.float32)
    # Only the soft limit, so that the next job may have another.
    resource.setrlimit(resource.RLIMIT_AS, (limits.child_bytes, resource.RLIM_INFINITY))
    bound_own_cpu(limits.cpu_s)

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


def main() -> None:
    """Answer requests until standard input closes."""
    # Libraries that print would break the protocol: they get the null device, it a descriptor of its own.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    requests: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read_requests, args=(sys.stdin.buffer, requests), daemon=True).start()
    _write(answers, {"ready": os.getpid()}, np.zeros(0, np.float32))
    while True:
        _write(answers, *_answer(requests.get(), answers))


if __name__ == "__main__":
    main()
