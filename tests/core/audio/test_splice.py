"""Pieces of recordings put together."""

import numpy as np
import pytest

from core.audio.clip import SAMPLE_RATE
from core.audio.splice import delete, is_pause, join, match_spectrum, rejoin, splice


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, round(seconds * SAMPLE_RATE)).astype(np.float32)


def test_a_splice_holds_the_copy_inside_and_the_recording_outside() -> None:
    real, copy = noise(3), noise(3, seed=1)
    spliced = splice(real, copy, start_s=1.0, end_s=2.0, fade_s=0.02, match=False)
    inside, outside = slice(16400, 31600), np.r_[0:16000, 32000:48000]
    assert np.allclose(spliced.waveform[inside], copy[inside])
    assert np.array_equal(spliced.waveform[outside], real[outside])
    assert spliced.gain[outside].max() == 0 and spliced.gain[inside].min() == 1


def test_a_splice_in_a_band_leaves_other_frequencies_alone() -> None:
    real, copy = noise(2), noise(2, seed=1)
    spliced = splice(real, copy, start_s=0.0, end_s=2.0, band_hz=(2000, 4000), fade_s=0.0, match=False)
    hz = np.fft.rfftfreq(len(real), 1 / SAMPLE_RATE)
    change = np.abs(np.fft.rfft(spliced.waveform - real))
    assert change[(hz < 1900) | (hz > 4100)].max() < 1e-3 * change[(hz > 2100) & (hz < 3900)].mean()
    of_copy = np.abs(np.fft.rfft(spliced.waveform - copy))[(hz > 2100) & (hz < 3900)]
    assert of_copy.max() < 1e-2


def test_what_cannot_be_spliced_is_refused() -> None:
    with pytest.raises(ValueError, match="align them first"):
        splice(noise(2), noise(1), start_s=0, end_s=1)
    with pytest.raises(ValueError, match="Nothing of the recording"):
        splice(noise(1), noise(1), start_s=2, end_s=3)


def test_a_recording_that_is_rejoined_with_itself_stays_what_it_is() -> None:
    real = noise(2)
    assert np.allclose(rejoin(real, 0.7, fade_s=0.03), real, atol=1e-6)


def test_a_deletion_takes_its_seconds_and_keeps_the_rest() -> None:
    real = noise(3)
    shorter = delete(real, 1.0, 1.5, fade_s=0.01)
    assert len(shorter) == round(2.5 * SAMPLE_RATE)
    assert np.array_equal(shorter[:16000], real[:16000])
    assert np.array_equal(shorter[16160:], real[24160:])


def test_a_join_is_as_long_as_both_without_the_cross_fade() -> None:
    first, second = noise(1), noise(0.5, seed=1)
    both = join(first, second, fade_s=0.05)
    assert len(both) == len(first) + len(second) - 800
    assert len(join(first, second[:100], fade_s=0.05)) == len(first)


def test_the_spectrum_is_matched() -> None:
    like = np.convolve(noise(3), [1, 0.9], "same").astype(np.float32)
    matched = match_spectrum(0.3 * noise(3, seed=1), like)
    hz = np.fft.rfftfreq(len(like), 1 / SAMPLE_RATE)
    for low, high in ((0, 2000), (2000, 4000), (4000, 7000)):
        band = (hz >= low) & (hz < high)
        levels = [np.square(np.abs(np.fft.rfft(wave)[band])).sum() for wave in (like, matched)]
        assert levels[0] == pytest.approx(levels[1], rel=0.15)


def test_a_part_twenty_decibels_below_its_recording_is_a_pause() -> None:
    wave = np.full(SAMPLE_RATE, 0.1, np.float32)
    assert is_pause(0.09 * wave, wave)
    assert not is_pause(0.11 * wave, wave)
    assert is_pause(wave[:0], wave)
