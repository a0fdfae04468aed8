"""RawBoost follows its paper: notches, impulses on few samples, noise at its ratio, and their combinations."""

import numpy as np
import pytest

from trainers.rawboost import convolutive, impulsive, rawboost, stationary
from trainers.recipe import Augmentation, Recipe


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def spectrum(wave):
    return np.abs(np.fft.rfft(wave * np.hanning(len(wave))))


@pytest.mark.parametrize("algorithm", range(1, 9))
def test_every_algorithm_changes_a_clip_and_keeps_its_place(speech, rng, algorithm):
    changed = rawboost(speech, rng, algorithm=algorithm)
    assert changed.shape == speech.shape and changed.dtype == np.float32 and np.isfinite(changed).all()
    assert not np.allclose(changed, speech, atol=1e-4)
    both = np.fft.rfft([speech, changed], 2 * len(speech))
    assert np.argmax(np.fft.irfft(both[1] * both[0].conj())) == 0


def test_convolutive_noise_adds_harmonics_to_a_tone(rng):
    wave = (0.9 * np.sin(2 * np.pi * 500 * np.arange(16000) / 16000)).astype(np.float32)
    changed = spectrum(convolutive(wave, rng))
    floor = np.median(changed[100:4000])
    # Powers 1 to 5 of a sinusoid hold the harmonics 1 to 5, and nothing else.
    assert all(changed[500 * k] > 1000 * floor for k in (1, 2, 3, 4, 5))
    assert changed[500 * 6 + 250] < 10 * floor and changed[500] == changed.max()


def test_convolutive_noise_stops_bands_of_a_soft_wave():
    # So soft that only the linear branch matters.
    noise = 1e-4 * np.random.default_rng(0).standard_normal(64000).astype(np.float32)
    responses = []
    for seed in range(8):
        changed = convolutive(noise, np.random.default_rng(seed))
        power = [np.add.reduceat(spectrum(x) ** 2, np.arange(0, 32000, 400)) for x in (noise, changed)]
        responses.append(power[1] / power[0])
    assert all(r.min() < 0.5 * r.max() for r in responses)
    assert not np.allclose(responses[0], responses[1], rtol=0.1)


def test_impulses_strike_at_most_a_tenth_of_the_samples_in_proportion(rng):
    wave = np.full(16000, 0.2, np.float32)
    struck = [impulsive(wave, np.random.default_rng(seed)) - wave for seed in range(20)]
    shares = [np.mean(s != 0) for s in struck]
    assert max(shares) <= 0.1 and max(shares) > 2 * min(shares)
    assert max(np.abs(s).max() for s in struck) <= 2 * 0.2 + 1e-6


def test_stationary_noise_lies_10_to_40_db_below(speech):
    ratios = []
    for seed in range(20):
        noise = stationary(speech, np.random.default_rng(seed)) - speech
        ratios.append(20 * np.log10(np.linalg.norm(speech) / np.linalg.norm(noise)))
    assert min(ratios) > 9.9 and max(ratios) < 40.1 and np.ptp(ratios) > 15


def test_a_wave_within_full_scale_stays_there(speech, rng):
    loud = speech / np.abs(speech).max()
    for algorithm in (1, 2, 5, 8):
        assert np.abs(rawboost(loud, rng, algorithm=algorithm)).max() <= 1 + 1e-6


def test_an_unknown_algorithm_is_refused_by_the_recipe():
    with pytest.raises(ValueError, match="rawboost_algorithm"):
        Recipe(name="x", architecture="a", summary="", augmentation=Augmentation(rawboost_algorithm=9))
