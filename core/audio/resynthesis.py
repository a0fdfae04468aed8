"""Two vocoders that turn a recording into a spoof of itself: Griffin-Lim, and WORLD with another voice."""

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE

__all__ = ["griffin_lim", "world_shift"]

N_FFT, HOP = 1024, 256
LOG_FLOOR = 1e-5
FRAME_MS = 5.0
PEAK = 0.99


def griffin_lim(
    waveform: NDArray[np.float32], *, n_mels: int = 80, iterations: int = 32, seed: int = 0
) -> NDArray[np.float32]:
    """Rebuild a waveform from its log-mel spectrogram, its phase estimated by Griffin-Lim.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono samples at 16 kHz.
    n_mels : int
        Mel bands from 0 to 8 kHz; the magnitudes between them come back through the pseudo-inverse.
    iterations : int
        Rounds of phase estimation.
    seed : int
        Of the phases to begin with.

    Returns
    -------
    ndarray [shape=(n,), float32]
        Same length and RMS as ``waveform``, lowered where its peak would pass 0.99.

    References
    ----------
    D. Griffin, J. Lim, "Signal estimation from modified short-time Fourier transform", IEEE TASSP 32(2), 1984;
    accelerated after N. Perraudin et al., WASPAA 2013.
    """
    import librosa

    magnitude = np.abs(librosa.stft(waveform, n_fft=N_FFT, hop_length=HOP))
    bank = librosa.filters.mel(sr=SAMPLE_RATE, n_fft=N_FFT, n_mels=n_mels)
    log_mel = np.log(np.maximum(bank @ magnitude, LOG_FLOOR))
    rebuilt = np.maximum(np.linalg.pinv(bank) @ np.exp(log_mel), 0.0)
    spoof = librosa.griffinlim(
        rebuilt, n_iter=iterations, hop_length=HOP, n_fft=N_FFT, length=len(waveform), random_state=seed
    )
    return _match_level(spoof, waveform)


def world_shift(waveform: NDArray[np.float32], *, pitch: float, formants: float) -> NDArray[np.float32]:
    """Re-synthesise speech with WORLD, its pitch and its formants moved.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono samples at 16 kHz.
    pitch : float
        Factor on the fundamental frequency.
    formants : float
        Factor on the frequency axis of the spectral envelope; above 1 is a shorter vocal tract.

    Returns
    -------
    ndarray [shape=(n,), float32]
        Same length and RMS as ``waveform``, lowered where its peak would pass 0.99.

    References
    ----------
    M. Morise et al., "WORLD: a vocoder-based high-quality speech synthesis system", IEICE Trans. E99-D(7), 2016.
    """
    import pyworld

    samples = waveform.astype(np.float64)
    f0, times = pyworld.harvest(samples, SAMPLE_RATE, frame_period=FRAME_MS)
    envelope = pyworld.cheaptrick(samples, f0, times, SAMPLE_RATE)
    aperiodicity = pyworld.d4c(samples, f0, times, SAMPLE_RATE)
    spoof = pyworld.synthesize(f0 * pitch, _warp(envelope, formants), aperiodicity, SAMPLE_RATE, frame_period=FRAME_MS)
    length = len(waveform)
    return _match_level(np.pad(spoof, (0, max(0, length - len(spoof))))[:length], waveform)


def _warp(envelope: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """Stretch each frame of an envelope [frames, bins] along frequency."""
    bins = np.arange(envelope.shape[1])
    logarithm = np.log(envelope)
    warped = np.stack([np.interp(bins / factor, bins, frame) for frame in logarithm])
    return np.ascontiguousarray(np.exp(warped))


def _match_level(spoof: NDArray[np.floating], original: NDArray[np.float32]) -> NDArray[np.float32]:
    gain = np.sqrt(np.mean(np.square(original, dtype=np.float64)) / max(np.mean(np.square(spoof)), 1e-20))
    peak = float(np.abs(spoof).max()) * gain
    return np.asarray(spoof * (gain * min(1.0, PEAK / max(peak, 1e-20))), dtype=np.float32)
