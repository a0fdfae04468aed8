"""The trainable sinc bank, against tones whose band is known on paper."""

import math

import pytest
import torch

from core.frontends.analytic_sinc import AnalyticSinc


@pytest.fixture
def frontend():
    return AnalyticSinc(n_filters=32, stride=10)


def edges(frontend) -> tuple[torch.Tensor, torch.Tensor]:
    low = 50 + frontend.low_hz.detach()[:, 0]
    return low, low + 50 + frontend.band_hz.detach()[:, 0]


def test_a_filter_passes_the_middle_of_its_band_and_stops_what_is_far_from_it(frontend):
    low, high = edges(frontend)
    bank = frontend.bank().detach()
    seconds = torch.arange(251) / 16_000
    for band in range(4, 16):
        middle, far = (low[band] + high[band]) / 2, (low[band] + 4000) % 8000
        inside, outside = (
            bank[[band, band + 16]] @ torch.exp(2j * math.pi * f * seconds).to(torch.complex64).real
            for f in (middle, far)
        )
        assert inside.norm() > 20 * outside.norm()


def test_cosines_are_even_and_sines_are_odd(frontend):
    cosines, sines = frontend.bank().detach().chunk(2)
    torch.testing.assert_close(cosines, cosines.flip(1))
    torch.testing.assert_close(sines, -sines.flip(1))


def test_a_steady_tone_of_any_level_has_no_mean(frontend):
    tone = 0.2 * torch.sin(2 * math.pi * 1000 * torch.arange(16_000) / 16_000)[None]
    with torch.inference_mode():
        loud, quiet = frontend(tone), frontend(tone * 0.5)
    assert loud.shape == (1, 32, 1 + (16_000 - 251) // 10)
    torch.testing.assert_close(loud.mean(2), torch.zeros(1, 32), atol=1e-4, rtol=0)
    assert (loud - quiet).abs().mean() < 0.01


def test_the_edges_of_the_bands_learn(frontend):
    frontend(torch.randn(1, 4000)).square().mean().backward()
    assert frontend.low_hz.grad.abs().sum() > 0 and frontend.band_hz.grad.abs().sum() > 0
