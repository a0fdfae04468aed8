"""Prosody: pitch range and variation of energy (low is calm speech, high is lively), and the speaking rate."""

import numpy as np
from numpy.typing import NDArray

from core.analysis.pitch import FRAME, HOP, pitch_hz
from core.audio.clip import SAMPLE_RATE

__all__ = ["prosodic_variation", "prosody", "quartiles", "speaking_rate"]

_FEWEST_VOICED = 10
_SILENT_POWER = 1e-12
# Nuclei of syllables: frames every 10 ms, peaks of 2 dB above what surrounds them, within 25 dB of the loud parts.
_STEP, _DIP_DB, _BELOW_DB = SAMPLE_RATE // 100, 2.0, 25.0


def prosody(waveform: NDArray[np.float32], f0: NDArray[np.float32] | None = None) -> tuple[float, float]:
    """Return pitch range and energy variation of a clip.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz.
    f0 : ndarray, optional
        Its pitch (``core.analysis.pitch.pitch_hz``), where the caller has it already.

    Returns
    -------
    pitch_range_st : float
        Interquartile range of the fundamental frequency (``core.analysis.pitch``) in semitones; octave errors of a few
        frames do not move it. NaN where too little is voiced.
    energy_sd_db : float
        Standard deviation of the level of 64 ms frames within 40 dB of the loudest; NaN for silence.
    """
    f0 = pitch_hz(waveform) if f0 is None else f0
    energy_sd_db = _energy_sd_db(waveform)
    if (voiced := np.isfinite(f0)).sum() < _FEWEST_VOICED:
        return float("nan"), energy_sd_db
    low, high = np.percentile(12 * np.log2(f0[voiced]), [25, 75])
    return float(high - low), energy_sd_db


def _energy_sd_db(waveform: NDArray[np.float32]) -> float:
    power = _power(waveform, HOP)
    if power.max(initial=0.0) < _SILENT_POWER:
        return float("nan")
    levels = 10 * np.log10(np.maximum(power, _SILENT_POWER))
    return float(levels[levels > levels.max() - 40].std())


def _power(waveform: NDArray[np.float32], hop: int) -> NDArray[np.float64]:
    """Return the mean power of 64 ms around each ``hop`` samples; zeros lie beyond both ends."""
    running = np.concatenate([[0.0], np.cumsum(np.square(np.pad(waveform, FRAME // 2), dtype=np.float64))])
    starts = np.arange(0, len(running) - FRAME, hop)
    return np.asarray((running[starts + FRAME] - running[starts]) / FRAME)


def speaking_rate(waveform: NDArray[np.float32], f0: NDArray[np.float32], *, speech_s: float) -> float:
    """Return how many syllable-like peaks of energy there are in a second of speech.

    A peak is the nucleus of a syllable where it is voiced, rises 2 dB above the dips beside it and lies within 25 dB
    of the loud parts (de Jong and Wempe 2009, Behavior Research Methods 41). No transcript is needed, and the figure
    compares clips; it lies below the count of the syllables that a person would find.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz.
    f0 : ndarray
        Its pitch (``core.analysis.pitch.pitch_hz``).
    speech_s : float
        Seconds of it that are not silent; without any, the rate is NaN.
    """
    from scipy.signal import find_peaks

    power = _power(waveform, _STEP)
    if speech_s <= 0 or not len(f0) or power.max() < _SILENT_POWER:
        return float("nan")
    levels = 10 * np.log10(np.maximum(power, _SILENT_POWER))
    peaks, _ = find_peaks(levels, height=np.percentile(levels, 99) - _BELOW_DB, prominence=_DIP_DB)
    frames = np.clip(np.rint((peaks * _STEP - FRAME / 2) / HOP).astype(int), 0, len(f0) - 1)
    # Two frames either side: the pitch of a nucleus may be found only beside its loudest moment.
    voiced = np.convolve(np.isfinite(f0), np.ones(5), "full")[2:-2] > 0
    return float(voiced[frames].sum() / speech_s)


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
