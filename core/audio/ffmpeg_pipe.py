"""Waveforms sent through ffmpeg in memory: a filter, or a codec and back."""

import subprocess
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.decode import find_ffmpeg
from core.errors import AudioError

__all__ = ["coded_by_ffmpeg", "filtered_by_ffmpeg", "without_ffmpeg"]

Wave = NDArray[np.float32]

_NO_FFMPEG = "ffmpeg is not installed: install the requirements, or ffmpeg itself"

_RAW = ("-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", "1")
_PATIENCE_S = 60.0


def without_ffmpeg() -> str | None:
    """Return why nothing can be sent through ffmpeg here; None where it can."""
    return _NO_FFMPEG if find_ffmpeg() is None else None


def filtered_by_ffmpeg(wave: Wave, chain: str) -> Wave:
    """Return a waveform [shape=(n,)] behind a chain of ffmpeg's audio filters; its length is the chain's.

    Raises
    ------
    AudioError
        When there is no ffmpeg, or it cannot run the chain, or not in a minute.
    """
    return _samples(_run([*_RAW, "-i", "pipe:0", "-af", chain, *_RAW, "pipe:1"], _bytes(wave)))


def coded_by_ffmpeg(wave: Wave, encoder: Sequence[str], *, container: str, delay: int, rate_hz: int) -> Wave:
    """Encode and decode a waveform; its length and place in time are kept.

    Parameters
    ----------
    wave : ndarray [shape=(n,), float32]
    encoder : sequence of str
        ffmpeg's options of the codec.
    container : str
        A format that can be streamed.
    delay : int
        Samples at the codec's rate by which what is decoded is late.
    rate_hz : int
        The codec's sample rate.

    Raises
    ------
    AudioError
        When there is no ffmpeg, or it lacks the codec, or takes more than a minute.
    """
    sent = _run([*_RAW, "-i", "pipe:0", "-ar", str(rate_hz), *encoder, "-f", container, "pipe:1"], _bytes(wave))
    trim = ["-af", f"atrim=start_sample={delay}"] if delay else []
    decoded = _samples(_run(["-f", container.replace("adts", "aac"), "-i", "pipe:0", *trim, *_RAW, "pipe:1"], sent))
    return np.pad(decoded, (0, max(0, len(wave) - len(decoded))))[: len(wave)]


def _bytes(wave: Wave) -> bytes:
    return np.ascontiguousarray(wave, dtype="<f4").tobytes()


def _samples(raw: bytes) -> Wave:
    return np.frombuffer(raw[: len(raw) // 4 * 4], "<f4").astype(np.float32)


def _run(arguments: Sequence[str], sent: bytes) -> bytes:
    ffmpeg = find_ffmpeg()
    if ffmpeg is None:
        raise AudioError(f"{_NO_FFMPEG}.")
    quiet = ["-hide_banner", "-nostats", "-v", "error", "-threads", "1"]
    try:
        done = subprocess.run([ffmpeg, *quiet, *arguments], input=sent, capture_output=True, timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise AudioError(f"ffmpeg needs more than {_PATIENCE_S:.0f} s for the waveform: try a shorter one.") from None
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise AudioError(f"ffmpeg cannot process the waveform: {last}")
    return done.stdout
