"""The time-frequency grid: a tone lies in its own bin, and masks add up."""

import numpy as np
import pytest
import torch

from core.audio.edit import HOP, N_FFT, apply_mask, grid_freqs_hz, grid_times_s, istft, magnitude_db, stft


def tone(frequency_hz: float, seconds: float = 1.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(int(seconds * 16000)) / 16000)).astype(np.float32)


def test_a_pure_tone_puts_its_energy_in_its_own_bin():
    wave = tone(1000.0)
    level = magnitude_db(wave)
    assert level.shape == (N_FFT // 2 + 1, 1 + len(wave) // HOP)
    assert grid_freqs_hz()[level[:, 50].argmax()] == 1000.0
    assert level.max() == 0.0 and level.min() == -80.0


def test_an_impulse_lies_at_its_own_time():
    wave = np.zeros(16000, np.float32)
    wave[8000] = 1.0
    level = magnitude_db(wave)
    assert grid_times_s(level.shape[1])[level.max(0).argmax()] == pytest.approx(0.5)


@pytest.mark.parametrize("n", [1600, 16000, 16001, 64600])
def test_the_inverse_gives_the_waveform_back(n):
    wave = torch.from_numpy(np.random.default_rng(n).standard_normal(n).astype(np.float32))
    torch.testing.assert_close(istft(stft(wave), n), wave, atol=1e-5, rtol=0)


def test_a_mask_and_its_complement_add_up():
    wave = np.random.default_rng(1).standard_normal(20000).astype(np.float32)
    mask = np.random.default_rng(2).random((257, 1 + 20000 // HOP))
    np.testing.assert_allclose(apply_mask(wave, mask) + apply_mask(wave, 1 - mask), wave, atol=1e-5)


def test_masking_a_band_removes_the_tone_in_it():
    wave = tone(1000.0) + tone(4000.0)
    mask = np.broadcast_to((grid_freqs_hz() < 2500)[:, None], (257, 101))
    left = apply_mask(wave, mask)
    np.testing.assert_allclose(left[800:-800], tone(1000.0)[800:-800], atol=2e-2)


def test_a_mask_of_another_clip_is_refused():
    with pytest.raises(ValueError, match="grid"):
        apply_mask(tone(1000.0), np.ones((257, 7)))
