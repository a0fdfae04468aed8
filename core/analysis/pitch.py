"""The pitch of a voice by YIN (de Cheveigné and Kawahara 2002), all frames at once."""

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE

__all__ = ["FRAME", "HOP", "pitch_hz"]

FRAME, HOP = 1024, 256
FMIN_HZ, FMAX_HZ = 65.0, 500.0
# A frame is voiced where the normalised difference falls below this: the aperiodic share of its power.
_THRESHOLD = 0.2
_LEAST_RMS = 1e-5
# Frames at once, so that an hour's recording needs no gigabyte.
_BLOCK = 4096


def pitch_hz(waveform: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the fundamental frequency of each frame, NaN where it is not voiced.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz.

    Returns
    -------
    ndarray [shape=(1 + (n - 1024) // 256,), float32]
        In hertz, 65 to 500; frames of 64 ms every 16 ms. Empty where the waveform is shorter than a frame.
    """
    if len(waveform) < FRAME:
        return np.zeros(0, np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(waveform, FRAME)[::HOP]
    blocks = [_block(frames[start : start + _BLOCK]) for start in range(0, len(frames), _BLOCK)]
    return np.concatenate(blocks)


def _block(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    normalised = _normalised_difference(frames)
    shortest = int(SAMPLE_RATE / FMAX_HZ)
    inner = normalised[:, shortest:-1]
    dips = (inner < _THRESHOLD) & (inner <= normalised[:, shortest + 1 :])
    dips &= inner < normalised[:, shortest - 1 : -2]
    found = dips.any(axis=1) & (np.sqrt(np.mean(frames**2, axis=1)) > _LEAST_RMS)
    # The first dip that is deep enough: later ones are multiples of the period.
    lag = dips.argmax(axis=1) + shortest
    rows = np.arange(len(frames))
    before, here, after = (normalised[rows, lag + step] for step in (-1, 0, 1))
    bend = before - 2 * here + after
    shift = np.divide(before - after, 2 * bend, out=np.zeros_like(bend), where=bend > 0)
    return np.where(found, SAMPLE_RATE / (lag + np.clip(shift, -0.5, 0.5)), np.nan).astype(np.float32)


def _normalised_difference(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the cumulative mean normalised difference of each frame at lags from 0 [shape=(frames, lags)]."""
    lags = int(SAMPLE_RATE / FMIN_HZ) + 2
    width = FRAME - lags
    # The head ends where the longest lag begins, so that nothing wraps around at the frame's own length.
    spectrum = np.fft.rfft(frames)
    spectrum *= np.fft.rfft(frames[:, :width], FRAME).conj()
    correlation = np.fft.irfft(spectrum, FRAME)[:, :lags]
    power = np.pad(np.cumsum(frames**2, axis=1), ((0, 0), (1, 0)))
    energy = power[:, width : width + lags] - power[:, :lags]
    difference = np.maximum(energy[:, :1] + energy - 2 * correlation, 0.0)
    running = np.cumsum(difference[:, 1:], axis=1)
    mean = running / np.arange(1, lags, dtype=np.float32)
    rest = np.divide(difference[:, 1:], mean, out=np.ones_like(mean), where=mean > 1e-12)
    return np.pad(rest, ((0, 0), (1, 0)), constant_values=1.0)
