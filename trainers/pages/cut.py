"""The one path of every clip of a page, real or fake: cut, silence at its ends trimmed, levelled."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.errors import AudioError

__all__ = ["Cut", "cut_clip"]

_FRAME, _HOP = SAMPLE_RATE // 40, SAMPLE_RATE // 100
_SILENT_DB, _KEPT_S = 40.0, 0.05
_ACTIVE_DB, _LEVEL_DB, _PEAK = 30.0, -26.0, 0.98
_FLOOR = 1e-12


class Cut(NamedTuple):
    """A clip as it is written [shape=(n,), float32], and where it starts in its file, in seconds."""

    waveform: NDArray[np.float32]
    start_s: float


def cut_clip(waveform: NDArray[np.float32], start_s: float = 0.0, end_s: float | None = None) -> Cut:
    """Return a stretch of a recording as every clip of the corpus is.

    The mean is removed. Frames of 25 ms that lie more than 40 dB below the loudest are cut off at both ends, but for
    50 ms. The frames within 30 dB of the loudest get a level of -26 dB of full scale, or less where the peak would pass
    0.98.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, at 16 kHz.
    start_s, end_s : float
        The stretch; None is the recording's end.

    Raises
    ------
    AudioError
        When the stretch is empty or silent.
    """
    first = round(start_s * SAMPLE_RATE)
    last = len(waveform) if end_s is None else round(end_s * SAMPLE_RATE)
    stretch = waveform[first:last]
    if len(stretch) < _FRAME:
        raise AudioError(f"there is nothing from {start_s:g} s on: the recording ends earlier.")
    stretch = stretch - stretch.mean(dtype=np.float64).astype(np.float32)
    level = _frame_levels(stretch)
    begin, end = _speech(level)
    trimmed = stretch[begin : min(end, len(stretch))]
    return Cut(_levelled(trimmed), (first + begin) / SAMPLE_RATE)


def _frame_levels(waveform: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the level in dB of each frame of 25 ms, every 10 ms."""
    total = np.concatenate([[0.0], np.cumsum(np.square(waveform, dtype=np.float64))])
    starts = np.arange(0, len(waveform) - _FRAME + 1, _HOP)
    return np.asarray(10 * np.log10((total[starts + _FRAME] - total[starts]) / _FRAME + _FLOOR))


def _speech(level: NDArray[np.float64]) -> tuple[int, int]:
    """Return the first sample to keep, and the one after the last."""
    loud = np.flatnonzero(level > level.max() - _SILENT_DB)
    kept = int(_KEPT_S * SAMPLE_RATE)
    return max(0, int(loud[0]) * _HOP - kept), int(loud[-1]) * _HOP + _FRAME + kept


def _levelled(waveform: NDArray[np.float32]) -> NDArray[np.float32]:
    level = _frame_levels(waveform)
    active = level[level > level.max() - _ACTIVE_DB]
    peak = float(np.abs(waveform).max())
    if peak < 1e-4:
        raise AudioError("it is silent.")
    gain = 10 ** ((_LEVEL_DB - 10 * np.log10(np.mean(10 ** (active / 10)))) / 20)
    return np.asarray(waveform * min(gain, _PEAK / peak), dtype=np.float32)
