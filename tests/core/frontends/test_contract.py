"""Every front-end keeps the contract, whatever it computes."""

import json

import pytest
import torch

from core.frontends.lfcc import Lfcc
from core.frontends.linear_spectrogram import LinearSpec
from core.frontends.logmel import LogMel
from core.frontends.modulation import ModulationSpectrum
from core.frontends.phase import PhaseDerivative, PhaseDerivatives
from core.frontends.sinc import MelSinc

MADE = {
    "lfcc": Lfcc,
    "log-mel": LogMel,
    "denoised log-mel": lambda: LogMel(denoise="wiener"),
    "linear": LinearSpec,
    "instantaneous-frequency": PhaseDerivative,
    "group-delay": lambda: PhaseDerivative(kind="group-delay"),
    "both": PhaseDerivatives,
    "modulation": ModulationSpectrum,
    "sinc": MelSinc,
}


@pytest.fixture(params=MADE)
def frontend(request):
    return MADE[request.param]()


def clips(count=3, size=16000):
    generator = torch.Generator().manual_seed(7)
    return torch.randn(count, size, generator=generator) * torch.logspace(-3, -1, count)[:, None]


def test_a_representation_has_the_bins_and_the_hop_it_claims(frontend):
    short, long = frontend(clips(2, 16000)), frontend(clips(2, 48000))
    assert short.shape[:2] == (2, frontend.n_bins) and short.dtype == torch.float32
    assert (long.shape[2] - short.shape[2]) * frontend.hop_s == pytest.approx(2.0, abs=frontend.hop_s)


def test_bins_in_hertz_ascend_and_are_as_many_as_bins(frontend):
    if frontend.bins_hz is None:
        assert "axis" in frontend.describe()
        return
    assert len(frontend.bins_hz) == frontend.n_bins
    assert all(low < high for low, high in zip(frontend.bins_hz, frontend.bins_hz[1:], strict=False))
    assert frontend.bins_hz[0] >= 0 and frontend.bins_hz[-1] <= 8000


def test_a_clip_is_represented_alike_alone_and_in_company(frontend):
    batch = clips()
    torch.testing.assert_close(frontend(batch)[:1], frontend(batch[:1]), atol=1e-5, rtol=1e-4)


def test_half_precision_around_it_changes_nothing(frontend):
    batch = clips(1)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = frontend(batch)
    assert inside.dtype == torch.float32
    torch.testing.assert_close(inside, frontend(batch))


def test_gradients_reach_the_waveform_and_are_finite_also_in_silence(frontend):
    batch = clips()
    batch[0] = 0
    batch.requires_grad_()
    representation = frontend(batch)
    assert torch.isfinite(representation).all()
    generator = torch.Generator().manual_seed(1)
    (representation * torch.randn(representation.shape, generator=generator)).sum().backward()
    assert torch.isfinite(batch.grad).all() and (batch.grad[1:].abs().amax(1) > 0).all()


def test_a_description_is_plain_json(frontend):
    said = frontend.describe()
    assert json.loads(json.dumps(said)) == said
    assert said["n_bins"] == frontend.n_bins and said["hop_s"] == frontend.hop_s
