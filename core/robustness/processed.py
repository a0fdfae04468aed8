"""Processed, perhaps not synthetic: signs in the samples that a clip was filtered, coded, gated or clipped.

No detector is asked. What each sign finds and how often it is there without cause is counted in ``docs/robustness.md``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.provenance.band import band_limit
from core.provenance.holes import MOST_HOLES, hole_share
from core.provenance.samples import spectra

__all__ = ["Sign", "signs"]

# 20 ms frames; the quietest twentieth of them against the loudest.
_FRAME, _QUIET, _LOUD = SAMPLE_RATE // 50, 5, 95
_GATED_DB = -70.0
# Runs of samples within 2 % of the peak: a smooth wave has one or two there.
_NEAR_PEAK, _RUN, _RUNS_PER_S = 0.98, 3, 0.5
_SILENT = 1e-7
# Frames of some 23 ms in which band and holes are looked for.
_SPECTRUM_S = 120


@dataclass(frozen=True)
class Sign:
    """One sign of processing: ``band``, ``codec``, ``gated`` or ``clipped``, and what was found, as a phrase."""

    name: str
    text: str


def signs(waveform: NDArray[np.float32]) -> tuple[Sign, ...]:
    """Return the signs of processing in a clip; none where there are none.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz. Its level does not matter.
    """
    wave = np.asarray(waveform[: _SPECTRUM_S * SAMPLE_RATE], dtype=np.float64)
    if len(wave) < SAMPLE_RATE // 2 or float(np.abs(wave).max()) < _SILENT:
        return ()
    levels = spectra(wave, SAMPLE_RATE)
    limit_hz, _ = band_limit(levels, SAMPLE_RATE)
    holes = hole_share(levels, SAMPLE_RATE, limit_hz)
    found = []
    if limit_hz is not None:
        found.append(Sign("band", f"nothing above {limit_hz / 1000:.1f} kHz"))
    if holes is not None and holes >= MOST_HOLES:
        found.append(Sign("codec", "holes of a lossy codec"))
    if _floor_db(wave) < _GATED_DB:
        found.append(Sign("gated", "pauses emptied by a gate or noise suppression"))
    if _runs_at_the_peak(wave) > _RUNS_PER_S * len(wave) / SAMPLE_RATE:
        found.append(Sign("clipped", "clipped"))
    return tuple(found)


def _floor_db(wave: NDArray[np.float64]) -> float:
    """Return how far the quietest frames lie below the loudest, in dB."""
    frames = wave[: len(wave) // _FRAME * _FRAME].reshape(-1, _FRAME)
    quiet, loud = np.percentile(np.sqrt(np.mean(frames**2, axis=1)), [_QUIET, _LOUD])
    return float(20 * np.log10(max(quiet, _SILENT) / max(loud, _SILENT)))


def _runs_at_the_peak(wave: NDArray[np.float64]) -> int:
    level = np.abs(wave)
    near = np.concatenate([[False], level >= _NEAR_PEAK * level.max(), [False]])
    edges = np.flatnonzero(np.diff(near.astype(np.int8)))
    return int((edges[1::2] - edges[::2] >= _RUN).sum())
