"""LFCC-LCNN-LSTM gives the published outputs from the published weights."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.detectors.checkpoint import import_weights, load_detector, read_foreign_weights
from core.detectors.network import NETWORKS


@pytest.fixture(scope="module")
def weights(shared):
    return shared / "parity" / "LFCC-LCNN-LSTM-sig.pt"


@pytest.fixture(scope="module")
def published(weights):
    network = NETWORKS.get("lfcc-lcnn-lstm")().eval()
    network.load_state_dict(read_foreign_weights(weights))
    return network


@pytest.fixture(scope="module")
def inputs(shared):
    return torch.from_numpy(np.load(shared / "parity" / "aasist_inputs.npz")["waveforms"])


@pytest.fixture(scope="module")
def expected(shared):
    return np.load(shared / "parity" / "lfcc_lcnn_lstm_expected.npz")


def test_it_has_the_269_729_trainable_parameters_of_the_publication_and_5_544_fixed_values(weights):
    network = NETWORKS.get("lfcc-lcnn-lstm")()
    assert sum(p.numel() for p in network.parameters()) == 269_729
    fixed = dict(network.named_buffers()).keys() & network.state_dict().keys()
    fixed = {name for name in fixed if name.startswith(("m_frontend", "input", "output"))}
    assert sum(network.state_dict()[name].numel() for name in fixed) == 275_273 - 269_729


def test_published_filters_are_those_computed_here(weights):
    theirs, ours = read_foreign_weights(weights), NETWORKS.get("lfcc-lcnn-lstm")().state_dict()
    names = ["m_frontend.0.lfcc_fb", "m_frontend.0.l_dct.weight", "input_mean", "input_std"]
    for name in [*names, "output_mean", "output_std"]:
        torch.testing.assert_close(ours[name], theirs[name], atol=1e-5, rtol=0)


@pytest.mark.parametrize("number", [0, 5])
def test_the_front_end_gives_published_coefficients(inputs, expected, number):
    # With the filters computed here, not with those of the file.
    with torch.inference_mode():
        heard = NETWORKS.get("lfcc-lcnn-lstm")().frontend(inputs[number : number + 1])
    np.testing.assert_allclose(heard[0].mT, expected[f"lfcc_input{number}"], atol=2e-4)


def test_published_weights_give_published_outputs(published, inputs, expected):
    with torch.inference_mode():
        raw, hidden, logits, _ = published(inputs)
    np.testing.assert_allclose(raw, expected["score"], atol=1e-3, rtol=1e-4)
    np.testing.assert_allclose(hidden, expected["hidden"], atol=1e-4, rtol=1e-4)
    np.testing.assert_array_equal(logits[:, 1] - logits[:, 0], raw)


def test_published_weights_become_a_checkpoint(published, weights, tmp_path, speech):
    detector = load_detector(import_weights("lfcc-lcnn-lstm", weights, tmp_path / "lcnn"))
    with torch.inference_mode():
        expected = published(torch.from_numpy(speech[None])).raw.item()
    assert detector.score(speech).raw == pytest.approx(expected, abs=1e-4)


def test_cross_entropy_of_its_logits_is_binary_cross_entropy_of_its_output():
    torch.manual_seed(0)
    raw, _, logits, _ = NETWORKS.get("lfcc-lcnn-lstm")()(torch.randn(4, 16_000) * 0.1)
    labels = torch.tensor([0, 1, 1, 0])
    expected = functional.binary_cross_entropy_with_logits(raw, labels.float())
    torch.testing.assert_close(functional.cross_entropy(logits, labels), expected)


def test_training_leaves_filters_and_scaling_alone():
    torch.manual_seed(0)
    network = NETWORKS.get("lfcc-lcnn-lstm")().train()
    for parameter in network.parameters():
        parameter.requires_grad_(True)
    before = {name: value.clone() for name, value in network.frontend.state_dict().items()}
    optimiser = torch.optim.AdamW(network.parameters(), 0.1)
    network(torch.randn(4, 16_000) * 0.1).logits.square().sum().backward()
    optimiser.step()
    assert before.keys() == {"lfcc_fb", "l_dct.weight"}
    assert all(torch.equal(network.frontend.state_dict()[name], value) for name, value in before.items())
