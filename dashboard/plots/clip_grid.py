"""The clip's time-frequency grid made small enough for a screen, whatever the clip's length."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.edit import HOP, N_FFT, stft

__all__ = ["pooled_db", "pooled_mean"]

_BLOCK = 4096
_CONTEXT = 2  # frames: at least half an analysis window on either side
_BIN_KHZ = SAMPLE_RATE / N_FFT / 1000


def pooled_db(
    waveform: NDArray[np.float32], *, columns: int = 720, floor_db: float = -80.0
) -> tuple[NDArray[np.int8], float, float]:
    """Return the spectrogram in dB below its loudest cell, the maximum of each block of cells.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
    columns : int
        Most columns to return.
    floor_db : float
        Nothing is shown below this.

    Returns
    -------
    decibels : ndarray [shape=(129, <= columns), int8]
    step_s, step_khz : float
        Width and height of a cell; the first column starts half a frame before 0 s.
    """
    frames = 1 + len(waveform) // HOP
    factor = max(1, -(-frames // columns))
    blocks = []
    # In blocks of whole columns: ten minutes at once would need half a gigabyte.
    size = max(1, _BLOCK // factor) * factor
    for start in range(0, frames, size):
        magnitude = _magnitude(waveform, start, min(frames, start + size))
        narrow = np.maximum.reduceat(magnitude, np.arange(0, magnitude.shape[1], factor), axis=1)
        blocks.append(np.maximum.reduceat(narrow, np.arange(0, len(narrow), 2), axis=0))
    peaks = np.concatenate(blocks, axis=1)
    decibels = 20 * np.log10(np.maximum(peaks / max(float(peaks.max()), 1e-10), 1e-10))
    return np.round(np.maximum(decibels, floor_db)).astype(np.int8), factor * HOP / SAMPLE_RATE, 2 * _BIN_KHZ


def _magnitude(waveform: NDArray[np.float32], start: int, stop: int) -> NDArray[np.float32]:
    """Return frames ``start`` to ``stop`` of the clip's magnitude spectrogram, as if taken of the whole."""
    first = max(0, start - _CONTEXT)
    piece = np.ascontiguousarray(waveform[first * HOP : (stop + _CONTEXT) * HOP])
    magnitude = stft(torch.from_numpy(piece)).abs().numpy()
    return np.asarray(magnitude[:, start - first : stop - first])


def pooled_mean(
    cells: NDArray[np.float32], *, columns: int = 360, rows: int = 64
) -> tuple[NDArray[np.float32], float, float]:
    """Return the mean of each block of cells [shape=(257, frames)], and the blocks' size in s and kHz."""
    wide, high = max(1, -(-cells.shape[1] // columns)), max(1, -(-(cells.shape[0] - 1) // rows))
    for axis, factor in ((1, wide), (0, high)):
        starts = np.arange(0, cells.shape[axis], factor)
        counts = np.diff([*starts, cells.shape[axis]]).reshape((1, -1) if axis else (-1, 1))
        cells = (np.add.reduceat(cells, starts, axis=axis) / counts).astype(np.float32)
    return cells, wide * HOP / SAMPLE_RATE, high * _BIN_KHZ
