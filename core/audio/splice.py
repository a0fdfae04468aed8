"""Pieces of recordings put together: a copy in the place of some seconds or bands, and joins of genuine pieces."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from core.audio.clip import SAMPLE_RATE

__all__ = ["Spliced", "delete", "faded", "is_pause", "join", "match_spectrum", "rejoin", "splice"]

Wave = NDArray[np.float32]

_FRAME = 1024
_LARGEST_GAIN = 8.0
_EDGE_HZ = 100.0
_PAUSE_DB = -20.0


class Spliced(NamedTuple):
    """A recording that holds a piece of a copy.

    Attributes
    ----------
    waveform : ndarray [shape=(n,), float32]
    gain : ndarray [shape=(n,), float32]
        Share of the copy in each sample, from 0 to 1; within the band, where there is one.
    """

    waveform: Wave
    gain: NDArray[np.float32]


def splice(
    real: Wave, copy: Wave, *, start_s: float, end_s: float, band_hz: tuple[float, float] | None = None,
    fade_s: float = 0.01, match: bool = True,
) -> Spliced:  # fmt: skip
    """Put a copy in the place of some seconds of a recording.

    Parameters
    ----------
    real, copy : ndarray [shape=(n,), float32]
        Aligned (``core.corpus.pairs.aligned_copy``).
    start_s, end_s : float
        The seconds that the copy takes; the cross-fades lie inside.
    band_hz : (float, float), optional
        Only between these frequencies; with edges of 100 Hz.
    fade_s : float
        Length of the linear cross-fades.
    match : bool
        First give the copy the long-term spectrum, and so the level, of the recording, so that neither betrays it.

    Raises
    ------
    ValueError
        When the two differ in length, or no sample lies between start and end.
    """
    if len(real) != len(copy):
        raise ValueError(f"The copy has {len(copy)} samples, the recording {len(real)}: align them first.")
    gain = faded(len(real), start_s, end_s, fade_s=fade_s)
    changed = match_spectrum(copy, real) if match else copy
    difference = changed - real
    if band_hz is not None:
        difference = _within(difference, band_hz)
    return Spliced((real + gain * difference).astype(np.float32), gain)


def is_pause(part: Wave, whole: Wave) -> bool:
    """Return whether a part of a recording lies 20 dB or more below its level: a copy of it would be none of speech."""
    power, level = (float(np.mean(np.square(wave, dtype=np.float64))) if len(wave) else 0.0 for wave in (part, whole))
    return power <= level * 10 ** (_PAUSE_DB / 10)


def rejoin(wave: Wave, at_s: float, *, fade_s: float = 0.01) -> Wave:
    """Return a recording that was cut and joined with itself: its samples, through the same steps as any join."""
    at, fade = round(at_s * SAMPLE_RATE), round(fade_s * SAMPLE_RATE)
    return join(wave[: at + fade], wave[at:], fade_s=fade_s)


def delete(wave: Wave, start_s: float, end_s: float, *, fade_s: float = 0.01) -> Wave:
    """Return a recording without some of its seconds; what is left is joined where they were."""
    start, end, fade = (round(seconds * SAMPLE_RATE) for seconds in (start_s, end_s, fade_s))
    return join(wave[: start + fade], wave[end:], fade_s=fade_s)


def join(first: Wave, second: Wave, *, fade_s: float = 0.01) -> Wave:
    """Return one recording after another; the end of the first and the start of the second are cross-faded linearly.

    The result is shorter than both together by the cross-fade, which is never longer than either.
    """
    fade = min(round(fade_s * SAMPLE_RATE), len(first), len(second))
    rise = np.linspace(0, 1, fade + 2, dtype=np.float32)[1:-1]
    kept = len(first) - fade
    both = first[kept:] * (1 - rise) + second[:fade] * rise
    return np.concatenate([first[:kept], both, second[fade:]]).astype(np.float32)


def match_spectrum(wave: Wave, like: Wave) -> Wave:
    """Filter a recording so that its long-term spectrum is that of another, smoothed over some 400 Hz.

    Gains stay within 18 dB: a band that a copy does not hold cannot be given to it.
    """
    power = [_long_term_power(each) for each in (like, wave)]
    gain = np.sqrt(power[0] / np.maximum(power[1], 1e-12 * max(float(power[1].max()), 1e-12)))
    gain = np.clip(gain, 1 / _LARGEST_GAIN, _LARGEST_GAIN)
    spectrum = np.fft.rfft(wave)
    here, known = np.linspace(0, 1, len(spectrum)), np.linspace(0, 1, len(gain))
    matched: Wave = np.fft.irfft(spectrum * np.interp(here, known, gain), len(wave)).astype(np.float32)
    return matched


def _long_term_power(wave: Wave) -> NDArray[np.float64]:
    padded = np.pad(wave, (0, max(0, _FRAME - len(wave))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[:: _FRAME // 2]
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(_FRAME)))).mean(0)
    return np.asarray(uniform_filter1d(power, 25))


def faded(size: int, start_s: float, end_s: float, *, fade_s: float = 0.01) -> NDArray[np.float32]:
    """Return a gain [shape=(size,), float32] of 1 between two seconds and 0 elsewhere, with linear fades inside them.

    Raises
    ------
    ValueError
        When no sample lies between start and end.
    """
    start, end, fade = (round(seconds * SAMPLE_RATE) for seconds in (start_s, end_s, fade_s))
    start, end = max(0, start), min(size, end)
    if end <= start:
        raise ValueError("Nothing of the recording lies between start and end.")
    fade = min(fade, (end - start) // 2)
    gain = np.zeros(size, np.float32)
    gain[start:end] = 1
    ramp = np.linspace(0, 1, fade + 2, dtype=np.float32)[1:-1]
    # At an end of the recording there is nothing to fade into.
    if start > 0:
        gain[start : start + fade] = ramp
    if end < size:
        gain[end - fade : end] = ramp[::-1]
    return gain


def _within(wave: Wave, band_hz: tuple[float, float]) -> Wave:
    """Return what a recording holds between two frequencies."""
    hz = np.fft.rfftfreq(len(wave), 1 / SAMPLE_RATE)
    low, high = band_hz
    rising = np.clip((hz - low) / _EDGE_HZ + 0.5, 0, 1) if low > 0 else np.ones_like(hz)
    falling = np.clip((high - hz) / _EDGE_HZ + 0.5, 0, 1) if high < SAMPLE_RATE / 2 else np.ones_like(hz)
    inside: Wave = np.fft.irfft(np.fft.rfft(wave) * rising * falling, len(wave)).astype(np.float32)
    return inside
