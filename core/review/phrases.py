"""How a recording sounds: where it pauses, and how high and how loud each stretch of speech is."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analysis.pitch import FRAME, HOP, pitch_hz
from core.audio.clip import SAMPLE_RATE
from core.speech import find_speech

__all__ = ["Phrase", "phrases", "phrases_text"]

# Frames of 20 ms, every 10 ms; a silence is this much below the loud parts of a stretch of speech, for so many frames.
_FRAME, _STEP = SAMPLE_RATE // 50, SAMPLE_RATE // 100
_PAUSE_DB, _PAUSE_FRAMES = 30.0, 15
_FEWEST_VOICED = 3


@dataclass(frozen=True)
class Phrase:
    """A stretch of speech between two pauses.

    Attributes
    ----------
    start_s, end_s : float
    pitch_hz, low_hz, high_hz : float
        Median of the fundamental frequency, and its 10th and 90th percentiles; NaN where too little is voiced.
    level_dbfs : float
    """

    start_s: float
    end_s: float
    pitch_hz: float
    low_hz: float
    high_hz: float
    level_dbfs: float

    @property
    def words(self) -> str:
        """The phrase in words."""
        pitch = "unvoiced" if np.isnan(self.pitch_hz) else (
            f"pitch about {self.pitch_hz:.0f} Hz, from {self.low_hz:.0f} to {self.high_hz:.0f}"
        )  # fmt: skip
        return f"{self.start_s:.1f} to {self.end_s:.1f} s: {pitch}; {self.level_dbfs:.0f} dBFS"


def phrases(waveform: NDArray[np.float32]) -> list[Phrase]:
    """Return the stretches of speech of a recording, as pauses part them.

    A pause is where nobody speaks (``core.speech``), and where a speaker falls silent for 0.15 s or more.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz.
    """
    parts = [part for stretch in find_speech(waveform) for part in _between_pauses(waveform, *stretch)]
    f0 = pitch_hz(waveform) if parts else np.empty(0, dtype=np.float32)
    centres_s = (np.arange(len(f0)) * HOP + FRAME / 2) / SAMPLE_RATE
    return [_phrase(waveform, start, end, f0[(centres_s >= start) & (centres_s < end)]) for start, end in parts]


def _between_pauses(waveform: NDArray[np.float32], start_s: float, end_s: float) -> list[tuple[float, float]]:
    """Return begin and end in seconds of what lies between the silences of a stretch of speech."""
    part = waveform[round(start_s * SAMPLE_RATE) : round(end_s * SAMPLE_RATE)]
    frames = np.lib.stride_tricks.sliding_window_view(part, _FRAME)[::_STEP]
    levels = 10 * np.log10(np.square(frames, dtype=np.float64).mean(axis=1) + 1e-12)
    places = np.flatnonzero(levels >= np.percentile(levels, 99) - _PAUSE_DB)
    breaks = np.flatnonzero(np.diff(places) > _PAUSE_FRAMES)
    firsts, lasts = np.r_[places[0], places[breaks + 1]], np.r_[places[breaks], places[-1]]
    step_s = _STEP / SAMPLE_RATE
    return [(start_s + float(first) * step_s, start_s + float(last + 2) * step_s)
            for first, last in zip(firsts, lasts, strict=True)]  # fmt: skip


def _phrase(waveform: NDArray[np.float32], start_s: float, end_s: float, f0: NDArray[np.float32]) -> Phrase:
    part = waveform[round(start_s * SAMPLE_RATE) : round(end_s * SAMPLE_RATE)]
    voiced = f0[np.isfinite(f0)]
    low, middle, high = np.percentile(voiced, [10, 50, 90]) if len(voiced) >= _FEWEST_VOICED else [np.nan] * 3
    level = 10 * float(np.log10(np.square(part, dtype=np.float64).mean() + 1e-12))
    return Phrase(start_s, end_s, float(middle), float(low), float(high), level)


def phrases_text(found: Sequence[Phrase], duration_s: float) -> str:
    """Return them in a sentence, with the pauses between."""
    if not found:
        return "No speech was found."
    gaps = [(a.end_s, b.start_s) for a, b in itertools.pairwise(found)]
    pauses = ", ".join(f"{start:.1f} to {end:.1f} s" for start, end in gaps) if gaps else "none"
    return f"{'; '.join(one.words for one in found)}. Pauses: {pauses}; {duration_s:.1f} s in all."
