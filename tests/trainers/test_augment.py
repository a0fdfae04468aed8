"""Augmentation keeps length and finiteness, repeats with its seed, and does what its name says."""

import numpy as np
import pytest

from trainers.augment import augment, codec, coloured_noise, equalise, reverberate
from trainers.recipe import Augmentation

ALL = Augmentation(
    equaliser=1, band_limit=1, reverberation=1, noise=1, gain=1, clipping=1, codec=1, noise_snr_db=(10.0, 20.0)
)


def test_nothing_asked_for_is_nothing_done(speech):
    np.testing.assert_array_equal(augment(speech, Augmentation(), np.random.default_rng(0)), speech)


@pytest.mark.parametrize("seed", range(8))
def test_everything_at_once_keeps_length_and_finiteness(speech, seed):
    changed = augment(speech, ALL, np.random.default_rng(seed))
    assert changed.shape == speech.shape and changed.dtype == np.float32
    assert np.isfinite(changed).all()
    assert not np.array_equal(changed, speech)


def test_the_same_seed_gives_the_same_clip(speech):
    one, two = (augment(speech, ALL, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_band_limiting_removes_the_top(speech):
    limited = equalise(speech, np.random.default_rng(1), tilt=False, band_limit=True)
    energy = [np.abs(np.fft.rfft(x))[int(7.9e3 * len(x) / 16000) :].sum() for x in (speech, limited)]
    assert energy[1] < 0.5 * energy[0]


def test_noise_has_unit_power_and_reverberation_a_tail():
    rng = np.random.default_rng(2)
    assert np.mean(coloured_noise(16000, rng) ** 2) == pytest.approx(1.0, rel=1e-3)
    click = np.zeros(16000, np.float32)
    click[100] = 1.0
    wet = reverberate(click, rng)
    assert (
        wet[100] == pytest.approx(1.0, abs=1e-3) and np.abs(wet[101:1000]).max() > 0 and np.abs(wet[:100]).max() < 1e-6
    )


@pytest.mark.parametrize("seed", range(14))
def test_codecs_return_the_same_recording(speech, seed):
    heard = codec(speech, np.random.default_rng(seed))
    assert heard.shape == speech.shape
    spectra = [np.abs(np.fft.rfft(x, 65536))[400:12000] for x in (speech, heard)]
    smooth = [np.convolve(s, np.ones(50) / 50, "same") for s in spectra]
    assert np.corrcoef(*smooth)[0, 1] > 0.9
