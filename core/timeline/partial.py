"""Partial spoofs whose spans are known, made of aligned pairs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analysis.localisation import Span
from core.audio.clip import SAMPLE_RATE
from core.audio.splice import is_pause, splice

__all__ = ["PartialSpoof", "partial_spoof"]

Wave = NDArray[np.float32]

SPAN_S = (0.3, 3.0)
LONGEST_FADE_S = 0.05
MOST_SPANS = 3
_APART_S = 0.3
_TRIES = 40


@dataclass(frozen=True, eq=False)
class PartialSpoof:
    """A recording in which a copy stands in the place of some spans.

    Attributes
    ----------
    waveform : ndarray [shape=(n,), float32]
    spans : tuple of (start, end)
        In seconds, in order; cross-fades lie inside them.
    """

    waveform: Wave
    spans: tuple[Span, ...]


def partial_spoof(real: Wave, copy: Wave, rng: np.random.Generator) -> PartialSpoof | None:
    """Return a recording of which at most half is spoofed, in one to three spans of 0.3 to 3 s.

    Spans lie where somebody speaks and 0.3 s apart; their cross-fades last up to 50 ms.

    Parameters
    ----------
    real, copy : ndarray [shape=(n,), float32]
        Aligned (``core.corpus.pairs.aligned_copy``).
    rng : Generator

    Returns
    -------
    PartialSpoof or None
        None where the recording is too short, or too quiet, for a span.
    """
    duration_s = len(real) / SAMPLE_RATE
    spans: list[Span] = []
    for _ in range(int(rng.integers(1, MOST_SPANS + 1))):
        left_s = min(SPAN_S[1], duration_s / 2 - sum(end - start for start, end in spans))
        span = _free_span(real, copy, spans, left_s, rng)
        if span is not None:
            spans.append(span)
    wave = real
    for start_s, end_s in sorted(spans):
        fade_s = float(rng.uniform(0, LONGEST_FADE_S))
        wave = splice(wave, copy, start_s=start_s, end_s=end_s, fade_s=fade_s).waveform
    return PartialSpoof(wave, tuple(sorted(spans))) if spans else None


def _free_span(real: Wave, copy: Wave, taken: list[Span], most_s: float, rng: np.random.Generator) -> Span | None:
    if most_s < SPAN_S[0]:
        return None
    duration_s = len(real) / SAMPLE_RATE
    for _ in range(_TRIES):
        length_s = float(rng.uniform(SPAN_S[0], most_s))
        start_s = float(rng.uniform(0, duration_s - length_s))
        here = slice(round(start_s * SAMPLE_RATE), round((start_s + length_s) * SAMPLE_RATE))
        apart = all(start_s + length_s + _APART_S < a or start_s > b + _APART_S for a, b in taken)
        if apart and not any(is_pause(wave[here], wave) for wave in (real, copy)):
            return start_s, start_s + length_s
    return None
