"""RawBoost: filters, impulses and noise as telephones add them, drawn on the raw waveform.

Tak et al., "RawBoost: a raw data boosting and augmentation method applied to automatic speaker verification
anti-spoofing", ICASSP 2022 (arXiv:2111.04433), with the parameters of its authors' code.
"""

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.signal import firwin

from core.audio.clip import SAMPLE_RATE

__all__ = ["convolutive", "impulsive", "rawboost", "stationary"]

Wave = NDArray[np.float32]
_ORDERS, _NOTCHES = 5, 5
_CENTRE_HZ, _WIDTH_HZ, _TAPS = (20.0, 8000.0), (100.0, 1000.0), (10, 100)


def _below_one(wave: Wave) -> Wave:
    return wave / np.float32(max(1.0, float(np.abs(wave).max())))


def _notch_filter(rng: np.random.Generator, *, gain_db: float = 0.0) -> NDArray[np.float64]:
    """Return the taps of five random band-stops in series, the loudest frequency at ``gain_db``."""
    taps = np.ones(1)
    for _ in range(_NOTCHES):
        centre, width = rng.uniform(*_CENTRE_HZ), rng.uniform(*_WIDTH_HZ)
        low, high = max(centre - width / 2, 1e-3), min(centre + width / 2, SAMPLE_RATE / 2 - 1e-3)
        # A type I filter has an odd number of taps; without pass_zero=False the band between the edges is stopped.
        length = int(rng.integers(*_TAPS)) | 1
        taps = np.convolve(taps, firwin(length, [low, high], fs=SAMPLE_RATE))
    peak = np.abs(scipy.fft.rfft(taps, 1024)).max()
    return np.asarray(taps * 10 ** (gain_db / 20) / peak)


def _filtered(waves: list[Wave], filters: list[NDArray[np.float64]]) -> Wave:
    """Return the sum of waves [shape=(n,)], each through its filter, without the filters' delay."""
    size, longest = len(waves[0]), max(map(len, filters))
    fast = scipy.fft.next_fast_len(size + longest, real=True)
    spectrum = np.zeros(fast // 2 + 1, np.complex64)
    for wave, taps in zip(waves, filters, strict=True):
        # The middle tap of a linear-phase filter becomes the first: no delay, and filters of any length add up.
        centred = np.roll(np.pad(taps, (0, fast - len(taps))), -(len(taps) // 2))
        spectrum += scipy.fft.rfft(wave, fast) * scipy.fft.rfft(centred.astype(np.float32))
    result: Wave = scipy.fft.irfft(spectrum, fast)[:size].astype(np.float32)
    return result


def convolutive(wave: Wave, rng: np.random.Generator) -> Wave:
    """Algorithm 1: the sum of the first five powers of a wave in [-1, 1], each through its own filter.

    Powers beyond the first are 5 to 20 dB softer. The mean is removed.
    """
    wave = _below_one(wave)
    powers = [wave]
    for _ in range(_ORDERS - 1):
        powers.append(powers[-1] * wave)
    filters = [_notch_filter(rng, gain_db=-rng.uniform(5, 20) if order else 0.0) for order in range(_ORDERS)]
    boosted = _filtered(powers, filters)
    return _below_one(boosted - boosted.mean())


def impulsive(wave: Wave, rng: np.random.Generator, *, gain: float = 2.0) -> Wave:
    """Algorithm 2: up to a tenth of the samples move by up to ``gain`` times their own value."""
    count = int(len(wave) * rng.uniform(0, 10) / 100)
    struck = rng.choice(len(wave), count, replace=False)
    boosted = wave.copy()
    boosted[struck] *= (1 + gain * rng.uniform(-1, 1, count) * rng.uniform(-1, 1, count)).astype(np.float32)
    return _below_one(boosted)


def stationary(wave: Wave, rng: np.random.Generator) -> Wave:
    """Algorithm 3: filtered white noise, 10 to 40 dB below the wave."""
    noise = _filtered([rng.standard_normal(len(wave), dtype=np.float32)], [_notch_filter(rng)])
    ratio = np.linalg.norm(wave) / (np.linalg.norm(noise) + 1e-9)
    return wave + noise * np.float32(ratio * 10 ** (-rng.uniform(10, 40) / 20))


_SERIES = {
    1: (convolutive,), 2: (impulsive,), 3: (stationary,), 4: (convolutive, impulsive, stationary),
    5: (convolutive, impulsive), 6: (convolutive, stationary), 7: (impulsive, stationary),
}  # fmt: skip


def rawboost(wave: Wave, rng: np.random.Generator, *, algorithm: int) -> Wave:
    """Return a changed copy of a clip [shape=(n,), float32].

    Parameters
    ----------
    wave : ndarray [shape=(n,), float32]
    algorithm : int
        1, 2, 3: convolutive, impulsive, stationary noise; 4: all in this order; 5: 1 and 2; 6: 1 and 3; 7: 2 and 3;
        8: 1 and 2 side by side, summed.
    """
    if algorithm == 8:
        return _below_one(convolutive(wave, rng) + impulsive(wave, rng))
    for step in _SERIES[algorithm]:
        wave = step(wave, rng)
    return wave
