"""A linear spectrogram puts a tone where it is, and forgets level and channel as asked."""

import pytest
import torch

from core.frontends.linear_spectrogram import LinearSpec


def tone(hz, size=16000):
    return 0.1 * torch.sin(2 * torch.pi * hz * torch.arange(size) / 16000)[None]


@pytest.mark.parametrize("hz", [250.0, 1000.0, 4000.0, 7500.0])
def test_a_tone_peaks_in_its_own_bin(hz):
    frontend = LinearSpec(normalisation="none")
    middle = frontend(tone(hz))[0, :, 50]
    assert frontend.bins_hz[int(middle.argmax())] == hz


def test_a_tone_reads_its_power_on_paper():
    # A Hann window of 320 sums to 160, a tone of amplitude a has the magnitude 80 a, levelling makes a = 0.05 sqrt(2).
    middle = LinearSpec(normalisation="none")(tone(1000.0))[0, 32, 50]
    assert middle.exp().item() == pytest.approx((80 * 0.05 * 2**0.5) ** 2, rel=1e-3)


def test_the_level_is_not_heard():
    frontend = LinearSpec(normalisation="none")
    noise = torch.randn(1, 16000, generator=torch.Generator().manual_seed(0)) * 0.1
    torch.testing.assert_close(frontend(noise), frontend(noise * 0.03), atol=1e-3, rtol=1e-3)


def test_a_normalised_bin_has_no_mean_and_unit_variance():
    noise = torch.randn(2, 16000, generator=torch.Generator().manual_seed(0))
    spectrogram = LinearSpec()(noise)
    torch.testing.assert_close(spectrogram.mean(-1), torch.zeros(2, 257), atol=1e-4, rtol=0)
    torch.testing.assert_close(spectrogram.var(-1, correction=0), torch.ones(2, 257), atol=1e-3, rtol=0)
