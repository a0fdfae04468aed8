"""RawGAT-ST gives the published outputs from the published weights."""

import numpy as np
import pytest
import torch

from core.detectors.checkpoint import import_weights, load_detector, read_foreign_weights
from core.detectors.network import NETWORKS


@pytest.fixture(scope="module")
def published(shared):
    network = NETWORKS.get("rawgat-st")().eval()
    network.load_state_dict(read_foreign_weights(shared / "parity" / "RawGAT-ST-mul.pth"))
    return network


def test_it_has_the_440_810_parameters_of_the_publication_and_uses_all_but_5_056():
    network = NETWORKS.get("rawgat-st")().eval()
    network(torch.randn(1, network.window) * 0.1).logits.square().sum().backward()
    assert sum(p.numel() for p in network.parameters()) == 440_810
    assert sum(p.numel() for p in network.parameters() if p.grad is None) == 5_056


def test_published_weights_give_published_outputs(published, shared):
    inputs = np.load(shared / "parity" / "aasist_inputs.npz")["waveforms"][:3]
    expected = np.load(shared / "parity" / "rawgat_st_mul_expected.npz")
    with torch.inference_mode():
        raw, hidden, logits, _ = published(torch.from_numpy(inputs))
    np.testing.assert_allclose(hidden, expected["hidden"][:3], atol=1e-4)
    np.testing.assert_allclose(logits, expected["logits"][:3], atol=1e-4)
    np.testing.assert_array_equal(raw, logits[:, 1])


def test_published_weights_become_a_checkpoint(published, shared, tmp_path, speech):
    folder = import_weights("rawgat-st", shared / "parity" / "RawGAT-ST-mul.pth", tmp_path / "rawgat-st")
    detector = load_detector(folder)
    with torch.inference_mode():
        expected = published(torch.from_numpy(np.tile(speech, 2)[None, :64_600])).raw.item()
    assert detector.score(speech).raw == pytest.approx(expected, abs=1e-5)
    assert detector.parameters() == 440_810


def test_it_takes_64600_samples_and_no_others():
    network = NETWORKS.get("rawgat-st")().eval()
    with pytest.raises(RuntimeError), torch.inference_mode():
        network(torch.randn(1, 32_000))
