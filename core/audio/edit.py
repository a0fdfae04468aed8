"""The clip's time-frequency grid, and what can be done on it: mask a region and re-synthesise.

Every explanation lives on this grid, in seconds and hertz: a short-time Fourier transform with a
512-sample Hann window (32 ms) every 160 samples (10 ms), centred, zero-padded at the ends.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE

__all__ = [
    "FLOOR_QUANTILE", "HOP", "N_FFT", "apply_mask", "grid_freqs_hz", "grid_times_s", "istft", "magnitude_db",
    "noise_floor", "stft",
]  # fmt: skip

N_FFT = 512
HOP = 160
FLOOR_QUANTILE = 0.1


def stft(waveform: torch.Tensor) -> torch.Tensor:
    """Return the complex spectrum of a waveform.

    Parameters
    ----------
    waveform : Tensor [shape=(..., n)]
        Samples at 16 kHz.

    Returns
    -------
    Tensor [shape=(..., 257, 1 + n // 160), complex]
    """
    window = torch.hann_window(N_FFT, device=waveform.device, dtype=waveform.dtype)
    return torch.stft(waveform, N_FFT, HOP, window=window, pad_mode="constant", return_complex=True)


def istft(spectrum: torch.Tensor, n_samples: int) -> torch.Tensor:
    """Return the waveform [shape=(..., n_samples)] of a spectrum as ``stft`` makes it."""
    window = torch.hann_window(N_FFT, device=spectrum.device, dtype=spectrum.real.dtype)
    return torch.istft(spectrum, N_FFT, HOP, window=window, length=n_samples)


def grid_times_s(frames: int) -> NDArray[np.float64]:
    """Return the centre of each frame in seconds [shape=(frames,)]."""
    return np.arange(frames) * HOP / SAMPLE_RATE


def grid_freqs_hz() -> NDArray[np.float64]:
    """Return the centre of each bin in hertz [shape=(257,)]."""
    return np.arange(N_FFT // 2 + 1) * SAMPLE_RATE / N_FFT


def magnitude_db(waveform: NDArray[np.float32], *, floor_db: float = -80.0) -> NDArray[np.float32]:
    """Return the spectrogram in dB below the clip's loudest cell [shape=(257, frames)], cut at ``floor_db``."""
    magnitude = stft(torch.from_numpy(np.ascontiguousarray(waveform))).abs().numpy()
    peak = max(float(magnitude.max()), 1e-10)
    return np.maximum(20 * np.log10(np.maximum(magnitude / peak, 1e-10)), floor_db).astype(np.float32)


def noise_floor(magnitude: torch.Tensor) -> torch.Tensor:
    """Return a clip's own noise floor [shape=(257, 1)]: in each bin the level below which a tenth of its frames lie.

    Parameters
    ----------
    magnitude : Tensor [shape=(257, frames)]
    """
    return torch.from_numpy(np.quantile(magnitude.numpy(), FLOOR_QUANTILE, axis=1, keepdims=True)).float()


def apply_mask(waveform: NDArray[np.float32], mask: NDArray[np.floating]) -> NDArray[np.float32]:
    """Multiply the clip's spectrum by a mask and return to the waveform.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
    mask : ndarray [shape=(257, 1 + n // 160)]
        Gain of each cell, usually in [0, 1]. A mask and its complement add up to the original.

    Raises
    ------
    ValueError
        When the mask does not have the shape of the clip's grid.
    """
    spectrum = stft(torch.from_numpy(np.ascontiguousarray(waveform)))
    if tuple(mask.shape) != tuple(spectrum.shape):
        raise ValueError(f"The mask is {mask.shape}; this clip's grid is {tuple(spectrum.shape)}.")
    gain = torch.from_numpy(np.ascontiguousarray(mask, dtype=np.float32))
    return istft(spectrum * gain, len(waveform)).numpy()
