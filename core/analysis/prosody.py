"""Prosodic variation: a voice's pitch range and the variation of its energy; low is calm speech, high is lively."""

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE

__all__ = ["prosodic_variation", "prosody", "quartiles"]

_FRAME, _HOP = 1024, 256


def prosody(waveform: NDArray[np.float32]) -> tuple[float, float]:
    """Return pitch range and energy variation of a clip.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz.

    Returns
    -------
    pitch_range_st : float
        Interquartile range of the fundamental frequency (pYIN, Mauch and Dixon 2014) in semitones; octave errors of
        a few frames do not move it. NaN where too little is voiced.
    energy_sd_db : float
        Standard deviation of the level of 64 ms frames within 40 dB of the loudest.
    """
    import librosa

    f0, voiced, _ = librosa.pyin(
        waveform, fmin=65, fmax=500, sr=SAMPLE_RATE, frame_length=_FRAME, hop_length=_HOP, resolution=0.25
    )
    levels = 20 * np.log10(librosa.feature.rms(y=waveform, frame_length=_FRAME, hop_length=_HOP)[0] + 1e-9)
    energy_sd_db = float(levels[levels > levels.max() - 40].std())
    if voiced.sum() < 10:
        return float("nan"), energy_sd_db
    low, high = np.percentile(12 * np.log2(f0[voiced]), [25, 75])
    return float(high - low), energy_sd_db


def prosodic_variation(pitch_range_st: NDArray[np.float64], energy_sd_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of both ranks [shape=(n,)], 0 the lowest and 1 the highest; NaN where either is unknown."""
    known = np.isfinite(pitch_range_st) & np.isfinite(energy_sd_db)
    result = np.full(len(known), np.nan)
    if known.sum() > 1:
        both = np.stack([pitch_range_st[known], energy_sd_db[known]])
        result[known] = both.argsort(axis=1).argsort(axis=1).mean(0) / (known.sum() - 1)
    return result


def quartiles(pitch_range_st: NDArray[np.float64], energy_sd_db: NDArray[np.float64]) -> NDArray[np.int_]:
    """Return each clip's quarter of prosodic variation [shape=(n,)]: 1 the lowest, 4 the highest, 0 where unknown."""
    variation = prosodic_variation(pitch_range_st, energy_sd_db)
    result = np.zeros(len(variation), dtype=int)
    known = np.isfinite(variation)
    if known.any():
        edges = np.quantile(variation[known], [0.25, 0.5, 0.75])
        result[known] = 1 + np.searchsorted(edges, variation[known])
    return result
