"""A modulation spectrum puts a tremor in its band and at its rate, and no stationary channel is left in it."""

import math

import pytest
import torch

from core.frontends.modulation import ModulationSpectrum


def tremor(rate_hz, depth=0.5, carrier_hz=2000.0, size=48000):
    """Return a carrier whose log power is a sinusoid of amplitude ``depth``."""
    t = torch.arange(size) / 16000
    envelope = torch.exp(depth / 2 * torch.sin(2 * torch.pi * rate_hz * t))
    return (0.1 * envelope * torch.sin(2 * torch.pi * carrier_hz * t))[None]


@pytest.mark.parametrize("number", [2, 4, 9])
def test_a_tremor_reads_its_amplitude_at_its_rate_in_its_band(number):
    frontend = ModulationSpectrum()
    rates = frontend(tremor(frontend.rates_hz[number]))[0].unflatten(0, (32, 24))
    band = min(range(32), key=lambda i: abs(frontend.bands_hz[i] - 2000))
    middle = rates[band, :, rates.shape[-1] // 2]
    assert int(middle.argmax()) == number
    # The analysis window of 25 ms smooths fast tremors a little.
    assert math.exp(middle[number]) - 0.01 == pytest.approx(0.5, rel=0.15)


def test_a_steady_tone_has_no_modulation():
    steady = ModulationSpectrum()(tremor(5.0, depth=0.0))[0]
    band = steady.unflatten(0, (32, 24))[17, :, 8]
    assert (band < math.log(0.02)).all()


def test_a_stationary_channel_is_not_heard():
    frontend = ModulationSpectrum()
    wave = torch.randn(1, 48000, generator=torch.Generator().manual_seed(0)) * 0.1
    tilted = torch.fft.irfft(torch.fft.rfft(wave) * 10 ** torch.linspace(0, 0.5, 24001))
    difference = (frontend(wave) - frontend(tilted)).abs().mean()
    assert difference < 0.1 * frontend(wave).std()


def test_a_clip_shorter_than_a_block_still_has_one():
    short = torch.randn(1, 1600, generator=torch.Generator().manual_seed(0))
    rows = ModulationSpectrum()(short)
    assert rows.shape == (1, 768, 1) and torch.isfinite(rows).all()


def test_more_rates_than_a_block_holds_are_refused():
    with pytest.raises(ValueError, match="32"):
        ModulationSpectrum(n_rates=40)
