"""The one path that bona fide speech and spoofs take to a file, so that nothing but the voice separates them."""

import io

import numpy as np
import soundfile
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.perturbations import coloured_noise
from trainers.spoofing.base import SpoofingError, Wave

__all__ = ["MIN_S", "active_level_db", "draw_level_db", "finished", "flac_bytes", "pieces", "with_silence"]

MIN_S = 1.0
_HOP = SAMPLE_RATE // 100
_ACTIVE_DB, _CLICK_FRAMES = -35.0, 10
_MARGIN_S = (0.05, 0.2)
_LEVEL_DB, _SPREAD_DB = -26.0, 3.0
_FLOOR_DB = (-80.0, -64.0)
_PEAK = 0.99


def pieces(waveform: Wave, *, longest_s: float) -> list[Wave]:
    """Cut a recording into as few equal pieces as are needed for none to be longer than ``longest_s``."""
    count = max(1, int(np.ceil(len(waveform) / (longest_s * SAMPLE_RATE))))
    return np.array_split(waveform, count)


def draw_level_db(rng: np.random.Generator) -> float:
    """Return the level of a clip's speech in dB of full scale: -26, give or take 3."""
    return float(rng.uniform(_LEVEL_DB - _SPREAD_DB, _LEVEL_DB + _SPREAD_DB))


def with_silence(waveform: Wave) -> Wave:
    """Return speech between 0.2 s of silence: synthesisers begin at once, and that must not give them away."""
    return np.pad(waveform, int(_MARGIN_S[1] * SAMPLE_RATE))


def finished(waveform: Wave, rng: np.random.Generator, *, level_db: float) -> Wave:
    """Return a clip trimmed, levelled, and over a faint noise: what is written, of either class.

    Silence at both ends is cut down to a random 0.05 to 0.2 s; the level of what is not silent becomes ``level_db``,
    or less where the peak would pass 0.99; the noise lies at -80 to -64 dB, so that a synthesiser's digital silence
    does not give it away.

    Raises
    ------
    SpoofingError
        When less than a second is left.
    """
    trimmed = _trim(waveform, rng)
    if len(trimmed) < MIN_S * SAMPLE_RATE:
        left_s = len(trimmed) / SAMPLE_RATE
        raise SpoofingError(f"only {left_s:.2f} s are left without silence, and {MIN_S:g} s are needed.")
    gain = 10 ** ((level_db - active_level_db(trimmed)) / 20)
    gain = min(gain, _PEAK / max(float(np.abs(trimmed).max()), 1e-9))
    noise = coloured_noise(len(trimmed), rng) * np.float32(10 ** (rng.uniform(*_FLOOR_DB) / 20))
    return np.asarray(np.clip(trimmed * gain + noise, -1, 1), dtype=np.float32)


def active_level_db(waveform: Wave) -> float:
    """Return the level, in dB of full scale, of the frames within 35 dB of the loudest."""
    power = _frame_power(waveform)
    return float(10 * np.log10(power[_active(power)].mean()))


def flac_bytes(waveform: Wave) -> bytes:
    """Return a clip as a FLAC file of 16 bits at 16 kHz."""
    buffer = io.BytesIO()
    soundfile.write(buffer, waveform, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()


def _frame_power(waveform: Wave) -> NDArray[np.float64]:
    """Return the mean power of each 10 ms, the last one filled up with silence [shape=(ceil(n / 160),)]."""
    square = np.square(waveform, dtype=np.float64)
    padded = np.pad(square, (0, -len(square) % _HOP))
    return np.asarray(padded.reshape(-1, _HOP).mean(axis=1)) + 1e-20


def _active(power: NDArray[np.float64]) -> NDArray[np.bool_]:
    # The loudest but for 100 ms: a click must not make speech count as silence.
    loud = np.sort(power)[-min(_CLICK_FRAMES, len(power))]
    return np.asarray(power >= loud * 10 ** (_ACTIVE_DB / 10))


def _trim(waveform: Wave, rng: np.random.Generator) -> Wave:
    active = np.flatnonzero(_active(_frame_power(waveform)))
    before, after = (rng.uniform(*_MARGIN_S, size=2) * SAMPLE_RATE).astype(int)
    return waveform[max(0, active[0] * _HOP - before) : (active[-1] + 1) * _HOP + after]
