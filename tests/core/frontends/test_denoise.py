"""Denoising takes stationary noise off, leaves clean speech alone, and adds no weights."""

import pytest
import torch

from core.frontends.denoise import make_denoise
from core.frontends.lfcc import Lfcc
from core.frontends.logmel import LogMel

METHODS = ["spectral-subtraction", "wiener"]


def db(signal, error):
    return 10 * torch.log10(signal.square().mean() / error.square().mean())


def bursts(size=64000):
    """Return tones that come and go four times a second."""
    t = torch.arange(size) / 16000
    return (0.1 * torch.sin(2 * torch.pi * 700 * t) * (torch.sin(2 * torch.pi * 4 * t) > 0))[None]


def noise(size=64000, seed=0):
    return torch.randn(1, size, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("method", METHODS)
def test_white_noise_falls_by_six_decibels_and_the_tone_stays(method):
    clean, hiss = bursts(), 0.02 * noise()
    before, after = db(clean, hiss), db(clean, make_denoise(method)(clean + hiss) - clean)
    assert after > before + 6


@pytest.mark.parametrize("method", METHODS)
def test_noise_alone_is_attenuated_and_never_by_more_than_20_db(method):
    hiss = noise()
    denoised = db(hiss, make_denoise(method)(hiss))
    assert 6 < denoised <= 20.1


@pytest.mark.parametrize("method", METHODS)
def test_clean_speech_between_digital_silence_is_left_alone(method, speech):
    clip = torch.from_numpy(speech)[None]
    clip *= (torch.arange(64000) % 16000 < 11000).float()
    assert db(clip, make_denoise(method)(clip) - clip) > 20


@pytest.mark.parametrize("method", METHODS)
def test_loudness_and_batch_mates_change_nothing(method):
    denoise, clip = make_denoise(method), bursts() + 0.02 * noise()
    together = denoise(torch.cat([clip, 5 * noise(seed=1), 0.01 * clip]))
    torch.testing.assert_close(together[:1], denoise(clip), atol=1e-6, rtol=1e-4)
    torch.testing.assert_close(100 * together[2:], denoise(clip), atol=1e-5, rtol=1e-3)


@pytest.mark.parametrize("size", [1, 300, 16001])
@pytest.mark.parametrize("method", METHODS)
def test_every_length_is_kept_and_silence_has_a_gradient(method, size):
    clips = torch.cat([torch.zeros(1, size), noise(size)]).requires_grad_()
    denoised = make_denoise(method)(clips)
    denoised.square().sum().backward()
    assert denoised.shape == clips.shape and torch.isfinite(denoised).all() and torch.isfinite(clips.grad).all()
    assert clips.grad[1].abs().max() > 0


@pytest.mark.parametrize("frontend", [Lfcc, LogMel])
@pytest.mark.parametrize("method", METHODS)
def test_a_front_end_that_denoises_hears_something_else_with_the_same_weights(frontend, method):
    clip = bursts() + 0.02 * noise()
    plain, cleaned = frontend(), frontend(denoise=method)
    assert plain.state_dict().keys() == cleaned.state_dict().keys()
    assert cleaned.describe()["denoise"] == method and plain.describe()["denoise"] == "none"
    assert (plain(clip) - cleaned(clip)).abs().mean() > 0.05 * plain(clip).std()


def test_no_denoising_is_the_identity_and_an_unknown_one_is_refused():
    assert torch.equal(make_denoise("none")(noise()), noise())
    with pytest.raises(ValueError, match="wiener"):
        make_denoise("rnnoise")
