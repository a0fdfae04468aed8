"""Every registered network keeps the contract; published weights give published outputs."""

import numpy as np
import pytest
import torch

from core.detectors.base import NETWORKS, Network
from core.detectors.checkpoint import read_foreign_weights


@pytest.fixture(params=NETWORKS.names())
def network(request):
    torch.manual_seed(0)
    return NETWORKS.get(request.param)().eval()


def windows(network: Network, count: int, seed: int = 3) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    levels = torch.logspace(-3, 0, count)[:, None]
    return torch.randn(count, network.window, generator=generator) * 0.1 * levels


def test_output_has_the_shapes_of_the_contract(network):
    with torch.inference_mode():
        raw, embedding, logits = network(windows(network, 2))
    assert raw.shape == (2,)
    assert embedding.ndim == 2 and len(embedding) == 2
    assert (logits is None) is not network.supervised
    assert logits is None or logits.shape == (2, 2)
    assert torch.isfinite(raw).all() and torch.isfinite(embedding).all()


def test_a_clip_does_not_depend_on_its_batch_mates(network):
    batch = windows(network, 3)
    with torch.inference_mode():
        together = network(batch)
        alone = network(batch[:1])
    torch.testing.assert_close(together.raw[:1], alone.raw, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(together.embedding[:1], alone.embedding, atol=1e-3, rtol=1e-3)


def test_the_same_waveform_gives_the_same_score(network):
    batch = windows(network, 1)
    with torch.inference_mode():
        assert torch.equal(network(batch).raw, network(batch).raw)


def test_the_score_is_differentiable_in_the_waveform(network):
    batch = windows(network, 1).requires_grad_()
    network(batch).raw.sum().backward()
    assert batch.grad is not None and torch.isfinite(batch.grad).all() and batch.grad.abs().sum() > 0


def test_grad_cam_layer_gives_a_map_with_the_axes_it_claims(network):
    view = network.cam()
    if view is None:
        pytest.skip("this network has no map to show")
    maps = []
    handle = view.layer.register_forward_hook(lambda _m, _i, output: maps.append(output))
    with torch.inference_mode():
        network(windows(network, 1))
    handle.remove()
    assert maps[0].shape[view.time_axis] > 1
    if view.freq_axis is not None:
        assert view.freqs_hz is not None and len(view.freqs_hz) == maps[0].shape[view.freq_axis]
        assert np.all(np.diff(view.freqs_hz) > 0)


@pytest.mark.parametrize(
    ("name", "count"),
    [("aasist", 297_866), ("aasist-l", 85_306), ("cae-lfcc", 561_185), ("resnet18-mel", 11_177_538)],
)
def test_parameter_counts_are_those_of_the_specification(name, count):
    assert sum(p.numel() for p in NETWORKS.get(name)().parameters()) == count


def test_cnn2d_embeds_in_128_by_180_values():
    network = NETWORKS.get("cnn2d-lfcc")().eval()
    features = network.frontend(windows(network, 1))
    assert features.shape == (1, 180, 321)
    assert network(windows(network, 1)).embedding.shape == (1, 23_040)


def test_autoencoder_bottleneck_is_256_by_20_by_11_and_the_output_covers_the_input():
    network = NETWORKS.get("cae-lfcc")().eval()
    features = network.standardise(network.frontend(windows(network, 1)))
    rebuilt, bottleneck = network.reconstruct(features)
    assert bottleneck.shape == (1, 256, 20, 11)
    assert rebuilt.shape == features.shape == (1, 321, 180)


@pytest.mark.parametrize(
    ("name", "file", "key"), [("aasist", "AASIST.pth", "AASIST"), ("aasist-l", "AASIST-L.pth", "AASIST_L")]
)
def test_published_weights_give_published_outputs(shared, name, file, key):
    network = NETWORKS.get(name)().eval()
    network.load_state_dict(read_foreign_weights(shared / "parity" / file))
    inputs = np.load(shared / "parity" / "aasist_inputs.npz")["waveforms"]
    expected = np.load(shared / "parity" / "aasist_expected.npz")
    with torch.inference_mode():
        raw, hidden, logits = network(torch.from_numpy(inputs))
    np.testing.assert_allclose(hidden, expected[f"{key}_hidden"], atol=1e-4)
    np.testing.assert_allclose(logits, expected[f"{key}_logits"], atol=1e-4)
    np.testing.assert_array_equal(raw, logits[:, 1])
