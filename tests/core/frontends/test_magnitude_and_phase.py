"""The three planes are those of the front-ends that compute each by itself, and the mean is that of the neighbours."""

import pytest
import torch
from torch.nn import functional

from core.frontends.linear_spectrogram import LinearSpec
from core.frontends.magnitude_and_phase import MagnitudeAndPhase
from core.frontends.phase import PhaseDerivative


def noise(size: int = 16000) -> torch.Tensor:
    return torch.randn(2, size, generator=torch.Generator().manual_seed(0)) * torch.linspace(0, 0.1, size)


def test_each_plane_is_what_its_own_front_end_computes() -> None:
    wave = noise()
    power = LinearSpec(normalisation="none")(wave)[:, None, :256]
    # Both axes at once: means of means would differ at the edges only if the counts did.
    mean = functional.avg_pool2d(power, 17, stride=1, padding=8, count_include_pad=False)
    planes = MagnitudeAndPhase()(wave).chunk(3, dim=1)
    torch.testing.assert_close(planes[0], (power - mean)[:, 0], atol=1e-5, rtol=0)
    torch.testing.assert_close(planes[1], PhaseDerivative()(wave)[:, :256], atol=1e-6, rtol=0)
    torch.testing.assert_close(planes[2], PhaseDerivative(kind="group-delay")(wave), atol=1e-6, rtol=0)


@pytest.mark.parametrize("around", [(1, 1), (3, 5), (7, 17)])
def test_a_neighbourhood_of_any_odd_size_is_averaged(around: tuple[int, int]) -> None:
    wave = noise(4000)
    power = LinearSpec(normalisation="none")(wave)[:, None, :256]
    padding = (around[0] // 2, around[1] // 2)
    mean = functional.avg_pool2d(power, around, stride=1, padding=padding, count_include_pad=False)
    found = MagnitudeAndPhase(around=around)(wave)[:, :256]
    torch.testing.assert_close(found, (power - mean)[:, 0], atol=1e-5, rtol=0)
