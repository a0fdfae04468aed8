"""Phase derivatives read frequencies and delays off signals whose answers are known, and no magnitude."""

import pytest
import torch

from core.frontends.linear_spectrogram import LinearSpec
from core.frontends.phase import PhaseDerivative


def noise(seed=0, size=16000):
    return torch.randn(1, size, generator=torch.Generator().manual_seed(seed)) * 0.1


@pytest.mark.parametrize("off_hz", [-12.0, 0.0, 7.0])
def test_a_tone_beside_its_bin_reads_its_deviation_in_lobes(off_hz):
    wave = torch.sin(2 * torch.pi * (2000 + off_hz) * torch.arange(16000) / 16000)[None]
    read = PhaseDerivative()(wave)[0, 64, 20:80]
    torch.testing.assert_close(read, torch.full((60,), off_hz / 100), atol=2e-3, rtol=0)


@pytest.mark.parametrize("late", [-80, 0, 50])
def test_a_click_reads_its_distance_from_the_middle_of_the_frame(late):
    wave = torch.zeros(1, 16000)
    wave[0, 8000 + late] = 1.0
    read = PhaseDerivative(kind="group-delay")(wave)[0, :, 50]
    torch.testing.assert_close(read, torch.full((256,), late / 256), atol=1e-3, rtol=0)


@pytest.mark.parametrize("kind", ["instantaneous-frequency", "group-delay"])
def test_everything_is_bounded_and_silence_is_zero(kind):
    frontend = PhaseDerivative(kind=kind)
    assert frontend(noise()).abs().max() <= 1
    assert (frontend(torch.zeros(1, 16000)) == 0).all()


@pytest.mark.parametrize("kind", ["instantaneous-frequency", "group-delay"])
def test_an_equaliser_moves_magnitudes_and_leaves_phases_nearly_alone(kind):
    wave = noise()
    tilt = 10 ** (torch.linspace(-1, 1, 8001))
    equalised = torch.fft.irfft(torch.fft.rfft(wave) * tilt)

    def moved(frontend):
        return (frontend(wave) - frontend(equalised)).abs().median() / frontend(wave).std()

    assert moved(PhaseDerivative(kind=kind)) < 0.1
    assert moved(LinearSpec(normalisation="none")) > 0.5


@pytest.mark.parametrize("kind", ["instantaneous-frequency", "group-delay"])
def test_two_noises_of_one_long_term_spectrum_are_told_apart(kind):
    frontend = PhaseDerivative(kind=kind)
    one, two = (frontend(noise(seed)).flatten() for seed in (0, 1))
    assert torch.corrcoef(torch.stack([one, two]))[0, 1].abs() < 0.05


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="group-delay"):
        PhaseDerivative(kind="unwrapped")
