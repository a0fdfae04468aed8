"""Every registered network keeps the contract of ``Network``; a new one is held to it by being registered."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pytest
import torch

from core.audio.clip import Clip, DecodeRecord
from core.detectors.card import Card, Polarity
from core.detectors.checkpoint import load_detector, save_checkpoint
from core.detectors.detector import Detector
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.explain.base import explain
from tests.core.detectors.untrained import noise, untrained

# Long enough for what is shown here, and a quarter of the usual cost.
WINDOW = 16000
# A crop of a training may be as short as this.
SHORT = int(0.3 * 16000)


class Subject(NamedTuple):
    """An untrained network, three windows of falling level, and its output for them."""

    name: str
    network: Network
    batch: torch.Tensor
    output: Output


@pytest.fixture(scope="module", params=NETWORKS.names())
def subject(request) -> Subject:
    network = untrained(request.param, WINDOW)
    batch = noise(network, 3) * torch.tensor([1.0, 1e-1, 1e-3])[:, None]
    with torch.inference_mode():
        return Subject(request.param, network, batch, network(batch))


def detector(subject: Subject) -> Detector:
    return Detector(subject.network, Card(name="it", architecture=subject.name, polarity=Polarity(how="made up")))


def test_a_network_that_rebuilds_shows_where_it_fails_and_no_other(subject):
    if subject.network.rebuilds:
        with torch.inference_mode():
            given, rebuilt, error = subject.network.error_map(subject.batch)
        assert given.shape == rebuilt.shape == error.shape and given.ndim == 3 and len(given) == 3
        torch.testing.assert_close(error, (rebuilt - given).square())
    else:
        with pytest.raises(TypeError, match="rebuilds nothing"):
            subject.network.error_map(subject.batch)


def test_the_last_layer_is_declared(subject):
    last = subject.network.last_layer()
    assert sum(p.numel() for p in last.parameters()) + sum(b.numel() for b in last.buffers()) > 0
    assert any(last is module for module in subject.network.modules())


def test_a_network_without_classify_is_not_made():
    class Mute(Network):
        pass

    with pytest.raises(TypeError, match="classify"):
        Mute()


def test_a_classifier_without_a_head_says_so():
    class Headless(Network):
        def __init__(self):
            super().__init__()
            self.layer, self.drop = torch.nn.Linear(1, 2), torch.nn.Dropout()

        def classify(self, features):
            return self.layer(features)

    with pytest.raises(TypeError, match=r"Headless has no head: .*self\.head"):
        Headless().last_layer()


def test_output_has_the_shapes_of_the_contract(subject):
    raw, embedding, logits, cells = subject.output
    assert raw.shape == (3,), "classify() must return one raw output for each window [shape=(batch,)]"
    assert raw.dtype == torch.float32
    assert embedding.ndim == 2 and len(embedding) == 3, "the embedding must be [shape=(batch, d)]"
    assert logits is None or logits.shape == (3, 2), "the logits must be [shape=(batch, 2)]: spoof, bona fide"
    assert torch.isfinite(raw).all() and torch.isfinite(embedding).all()
    assert (cells is None) is (subject.network.grid() is None), "a network with a grid gives cells, and no other does"


def test_the_raw_output_rises_with_the_logit_of_bona_fide(subject):
    raw, logits = subject.output.raw, subject.output.logits
    if logits is None:
        pytest.skip("this network has no logits")
    margins = logits[:, 1] - logits[:, 0]
    same = torch.allclose(raw, logits[:, 1]) or torch.equal(raw.argsort(), margins.argsort())
    assert same, "higher must mean more bona fide: take logits[:, 1], or logits[:, 1] - logits[:, 0], as raw"


def test_a_window_has_the_same_output_again_and_without_its_batch_mates(subject):
    with torch.inference_mode():
        alone, again = subject.network(subject.batch[:1]), subject.network(subject.batch[:1])
    equal = torch.equal(alone.raw, again.raw) and torch.equal(alone.embedding, again.embedding)
    assert equal, "in evaluation mode nothing may be random: use nn.Dropout, which knows the mode"
    torch.testing.assert_close(subject.output.raw[:1], alone.raw, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(subject.output.embedding[:1], alone.embedding, atol=1e-5, rtol=1e-4)


def test_what_training_takes_leads_to_the_same_output(subject):
    network, one = subject.network, subject.batch[:1]
    assert (network.target_grid() is None) == (network.grid() is None)
    with torch.inference_mode():
        inputs = network.training_input(one)
        if not network.learns_from_frames:
            assert inputs is one
            return
        assert inputs.ndim == 3
        raw = network.from_training_input(inputs).raw
    torch.testing.assert_close(raw, subject.output.raw[:1], atol=1e-5, rtol=1e-5)


def test_different_windows_get_different_embeddings(subject):
    other = noise(subject.network).cumsum(-1)
    with torch.inference_mode():
        embedding = subject.network(other * 0.1 / other.abs().max()).embedding
    assert (embedding - subject.output.embedding[:1]).abs().max() > 1e-4, (
        "two very different windows get the same embedding. Does the network pool mean and deviation over time of a "
        "front-end that normalises mean and variance of each clip? Then both are constant: give the front-end "
        "normalisation='mean' or 'none'"
    )


def test_silence_and_a_single_click_get_finite_scores(subject):
    for waveform in (np.zeros(16000, np.float32), np.array([0.5], np.float32)):
        scored = detector(subject).score(waveform)
        finite = np.isfinite([scored.raw, scored.score]).all() and np.isfinite(scored.embedding).all()
        assert finite, "clamp before a root, a logarithm or a division"


def test_a_loaded_detector_has_the_weights_and_the_scores_of_the_saved_one(subject, tmp_path, speech):
    before = detector(subject)
    after = load_detector(save_checkpoint(tmp_path / "it", subject.network, before.card))
    weights, loaded_weights = subject.network.state_dict(), after.network.state_dict()
    assert weights.keys() == loaded_weights.keys(), "what is built must depend on the hyper-parameters alone"
    assert all(torch.equal(weights[key], loaded_weights[key]) for key in weights)
    after.network.window = subject.network.window
    saved, loaded = (one.score(speech[: subject.network.window]) for one in (before, after))
    assert loaded.raw == pytest.approx(saved.raw, rel=1e-4, abs=1e-5)
    np.testing.assert_allclose(loaded.embedding, saved.embedding, rtol=1e-3, atol=1e-4)
    assert after.card.parameters == before.parameters()


def test_the_score_is_differentiable_in_the_waveform(subject):
    waveform = subject.batch[:1].clone().requires_grad_()
    subject.network(waveform).raw.sum().backward()
    assert waveform.grad is not None, "explanations need the gradient: do not detach the waveform"
    assert torch.isfinite(waveform.grad).all() and waveform.grad.abs().sum() > 0


def test_grad_cam_shows_something(subject, speech):
    if subject.network.cam() is None:
        pytest.skip("this network has no map to show")
    waveform = speech[: subject.network.window]
    seconds = len(waveform) / 16000
    clip = Clip("speech", waveform, DecodeRecord("wav", "pcm", 16000, 1, seconds, seconds))
    found = explain(clip, detector(subject), "grad-cam", faithfulness=False)
    assert np.isfinite(found.attribution).all() and np.abs(found.attribution).max() > 0


def _map(network: Network, view: CamView, waveforms: torch.Tensor) -> torch.Tensor:
    maps: list[torch.Tensor] = []
    handle = view.layer.register_forward_hook(lambda _module, _inputs, output: maps.append(output))
    try:
        with torch.inference_mode():
            network(waveforms)
    finally:
        handle.remove()
    return maps[0]


def _halves(change: torch.Tensor, axis: int) -> Iterator[float]:
    for part in change.abs().movedim(axis, 0).chunk(2):
        yield float(part.mean())


def test_the_map_of_grad_cam_has_the_axes_it_claims(subject):
    view = subject.network.cam()
    if view is None:
        pytest.skip("this network has no map to show")
    # Transformers hand the change on to all steps of a short window.
    plain = noise(subject.network, window=type(subject.network).window)
    late = plain.clone()
    late[:, plain.shape[1] * 3 // 4 :] = late[:, plain.shape[1] * 3 // 4 :].flip(-1)
    seconds = torch.arange(plain.shape[1]) / 16000
    high = plain + 0.1 * torch.sin(2 * np.pi * 6500 * seconds) * torch.sin(2 * np.pi * seconds)
    before, after, above = _map(subject.network, view, torch.cat([plain, late, high]))[:, None]
    first, second = _halves(after - before, view.time_axis)
    assert second > 1.5 * first, "cam() names another axis than time as time_axis"
    if view.freq_axis is not None:
        steps = before.shape[view.freq_axis]
        assert view.freqs_hz is not None and len(view.freqs_hz) == steps, "cam() must give a frequency for each step"
        assert np.all(np.diff(view.freqs_hz) > 0) and 0 <= view.freqs_hz[0] < view.freqs_hz[-1] <= 8000
        low_change, high_change = _halves(above - before, view.freq_axis)
        assert high_change > 1.5 * low_change, "cam() names another axis than frequency as freq_axis: None for cepstra"


def test_a_third_of_a_second_is_long_enough_where_no_length_is_built_in(subject):
    if subject.network.fixed_length:
        pytest.skip("declared as fixed_length")
    with torch.inference_mode():
        try:
            short = subject.network(subject.batch[:2, :SHORT])
        except RuntimeError as error:
            pytest.fail(f"declare fixed_length = True where the window's length is built in: {error}")
    assert torch.isfinite(short.raw).all() and torch.isfinite(short.embedding).all()
    assert short.embedding.shape[1] == subject.output.embedding.shape[1], "the embedding's size must not depend on time"


@pytest.mark.parametrize(
    ("name", "settings", "count"),
    [
        ("aasist", {}, 297_866),
        ("aasist-l", {}, 85_306),
        ("cae-lfcc", {}, 561_185),
        ("resnet18-mel", {}, 11_177_538),
        ("resnet18-ocsoftmax", {"head": "linear"}, 12_450_290),
    ],
)
def test_parameter_counts_are_those_of_the_specification(name, settings, count):
    assert sum(p.numel() for p in NETWORKS.get(name)(**settings).parameters()) == count
