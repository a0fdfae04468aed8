"""Every registered front-end keeps the contract of ``Frontend``; a new one is held to it by being registered."""

import json

import pytest
import torch

from core.frontends.base import FRONTENDS, Frontend

# Settings beyond the defaults that change what is computed; each registered name is tried without any, too.
SETTINGS = {
    "log-mel": [{"denoise": "wiener"}, {"normalisation": "none"}],
    "lfcc": [{"normalisation": "mean"}],
    "phase-derivative": [{"kind": "group-delay"}],
    "speech-encoder": [{"frozen": True}],
}
CASES = [(name, settings) for name in FRONTENDS.names() for settings in [{}, *SETTINGS.get(name, [])]]


@pytest.fixture(params=CASES, ids=lambda case: " ".join([case[0], *map(str, case[1].values())]))
def frontend(request) -> Frontend:
    name, settings = request.param
    torch.manual_seed(0)
    return FRONTENDS.get(name)(**settings).eval()


def clips(count=3, size=16000):
    generator = torch.Generator().manual_seed(7)
    return torch.randn(count, size, generator=generator) * torch.logspace(-3, -1, count)[:, None]


def test_what_is_tried_beyond_the_defaults_is_registered():
    assert set(SETTINGS) <= set(FRONTENDS.names())


def test_a_front_end_of_the_package_is_registered():
    FRONTENDS.names()
    ours = {kind for kind in Frontend.__subclasses__() if kind.__module__.startswith("core.frontends.")}
    missing = ours - {FRONTENDS.get(name) for name in FRONTENDS.names()}
    assert not missing, f"add @FRONTENDS.register('name') to {', '.join(kind.__name__ for kind in missing)}"


def test_a_representation_has_the_bins_and_the_hop_it_claims(frontend):
    short, long = frontend(clips(2, 16000)), frontend(clips(2, 48000))
    assert short.ndim == 3, "represent() must return [batch, bins, frames]"
    assert short.shape[:2] == (2, frontend.n_bins), "the second axis must have n_bins bins"
    assert short.dtype == torch.float32
    grown_s = (long.shape[2] - short.shape[2]) * frontend.hop_s
    assert grown_s == pytest.approx(2.0, abs=frontend.hop_s), "two seconds more must give 2 / hop_s frames more"


def test_bins_in_hertz_ascend_and_are_as_many_as_bins(frontend):
    if frontend.bins_hz is None:
        assert "axis" in frontend.describe(), "without bins_hz, describe() must name the axis: it is shown instead"
        return
    assert len(frontend.bins_hz) == frontend.n_bins
    assert all(low < high for low, high in zip(frontend.bins_hz, frontend.bins_hz[1:], strict=False))
    assert frontend.bins_hz[0] >= 0 and frontend.bins_hz[-1] <= 8000


def test_a_clip_is_represented_alike_alone_and_in_company(frontend):
    batch = clips()
    apart = (frontend(batch)[:1] - frontend(batch[:1])).abs().flatten()
    # A logarithm near its offset magnifies rounding in a few cells; a batch mate's influence is everywhere.
    assert apart.quantile(0.99) < 1e-4, "a clip's features depend on its batch mates: normalise within a clip"


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
    assert torch.isfinite(representation).all(), "silence must have finite features: add an offset to a logarithm"
    generator = torch.Generator().manual_seed(1)
    (representation * torch.randn(representation.shape, generator=generator)).sum().backward()
    assert torch.isfinite(batch.grad).all(), "explanations need finite gradients in silence: clamp before a root"
    assert (batch.grad[1:].abs().amax(1) > 0).all(), "explanations need gradients: do not detach the waveform"


def test_a_description_is_plain_json(frontend):
    facts = frontend.describe()
    assert json.loads(json.dumps(facts)) == facts
    assert facts["n_bins"] == frontend.n_bins and facts["hop_s"] == frontend.hop_s
