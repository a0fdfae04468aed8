"""Maps and embeddings have the sizes they are said to have; published weights give published outputs."""

import numpy as np
import pytest
import torch

from core.detectors.checkpoint import read_foreign_weights
from core.detectors.network import NETWORKS, Network


def windows(network: Network, count: int, seed: int = 3) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    levels = torch.logspace(-3, 0, count)[:, None]
    return torch.randn(count, network.window, generator=generator) * 0.1 * levels


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
    inputs = np.load(shared / "parity" / "aasist_inputs.npz")["waveforms"][:3]
    expected = np.load(shared / "parity" / "aasist_expected.npz")
    with torch.inference_mode():
        raw, hidden, logits, _ = network(torch.from_numpy(inputs))
    np.testing.assert_allclose(hidden, expected[f"{key}_hidden"][:3], atol=1e-4)
    np.testing.assert_allclose(logits, expected[f"{key}_logits"][:3], atol=1e-4)
    np.testing.assert_array_equal(raw, logits[:, 1])


def test_the_pooled_network_takes_another_resolution_and_other_kernels():
    network = NETWORKS.get("cnn2d-statspool")(lfcc={"window": 160, "hop": 80}, kernel=5).eval()
    assert network.frontend.hop_s == 80 / 16_000
    assert network.blocks[0][0].kernel_size == (5, 5)
    with torch.inference_mode():
        assert torch.isfinite(network(torch.randn(2, network.window) * 0.1).raw).all()
