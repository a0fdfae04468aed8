"""Prosody of signals whose pitch and level are known."""

import numpy as np
import pytest

from core.analysis.prosody import prosodic_variation, prosody, quartiles

TIME_S = np.arange(2 * 16000) / 16000


def voice(semitones: float, swing_db: float):
    """A buzz around 120 Hz whose pitch and level swing by so much either side."""
    f0 = 120 * 2 ** (semitones / 12 * np.sin(2 * np.pi * 0.5 * TIME_S))
    phase = 2 * np.pi * np.cumsum(f0) / 16000
    buzz = sum(np.sin(k * phase) / k for k in range(1, 9))
    return (buzz * 0.1 * 10 ** (swing_db / 20 * np.sin(2 * np.pi * 3 * TIME_S))).astype(np.float32)


def test_pitch_range_is_that_of_the_melody():
    flat, _ = prosody(voice(0.0, 0.0))
    wide, _ = prosody(voice(4.0, 0.0))
    # A sine of amplitude 4 spends its middle half between -4 sin(45 deg) and 4 sin(45 deg).
    assert flat < 0.5 and wide == pytest.approx(2 * 4 * np.sin(np.pi / 4), abs=0.7)


def test_energy_variation_is_the_deviation_of_the_level():
    _, calm = prosody(voice(0.0, 0.0))
    _, lively = prosody(voice(0.0, 6.0))
    assert calm < 1.0 and lively == pytest.approx(6 / np.sqrt(2), abs=0.7)


def test_what_has_no_pitch_has_no_pitch_range():
    noise = np.random.default_rng(0).normal(0, 0.05, 16000).astype(np.float32)
    assert np.isnan(prosody(noise)[0])


def test_the_first_quarter_is_low_in_both():
    pitch = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, np.nan])
    energy = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 0.0])
    assert quartiles(pitch, energy).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 0]
    assert np.isnan(prosodic_variation(pitch, energy)[-1])
