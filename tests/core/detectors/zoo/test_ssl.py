"""Detectors on self-supervised encoders travel without the folder their encoder came from."""

import shutil

import numpy as np
import pytest
import torch

from core.detectors.card import Card, Polarity
from core.detectors.checkpoint import load_detector, save_checkpoint
from core.detectors.detector import Detector
from core.detectors.network import NETWORKS
from tests.core.detectors import published_encoder


@pytest.fixture(params=["ssl-mean", "ssl-aasist"])
def name(request):
    return request.param


@pytest.fixture(params=["xlsr", "wavlm"])
def encoder(request, tmp_path):
    return getattr(published_encoder, request.param)(tmp_path / "encoder")


@pytest.mark.parametrize("frozen", [True, False])
def test_a_checkpoint_loads_without_the_encoder_it_was_made_from(name, encoder, frozen, tmp_path, speech):
    torch.manual_seed(0)
    settings = {"model": str(encoder), "frozen": frozen}
    network = NETWORKS.get(name)(**settings)
    card = Card(name="it", architecture=name, hyperparameters=settings, polarity=Polarity(how="made up"))
    before = Detector(network, card).score(speech)
    folder = save_checkpoint(tmp_path / "it", network, card)
    shutil.rmtree(encoder)
    detector = load_detector(folder)
    after = detector.score(speech)
    assert after.raw == before.raw
    np.testing.assert_array_equal(after.embedding, before.embedding)
    assert str(encoder) not in str(detector.card.hyperparameters)
    assert detector.card.hyperparameters["frozen"] is frozen


def test_teaching_moves_a_frozen_encoder_not_at_all(name, encoder):
    torch.manual_seed(0)
    network = NETWORKS.get(name)(model=str(encoder), frozen=True).train()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    for parameter in network.parameters():
        parameter.requires_grad_(True)
    optimiser = torch.optim.AdamW(network.parameters(), 0.01, weight_decay=0.1)
    network(torch.randn(4, 16_000) * 0.1).logits.square().sum().backward()
    optimiser.step()
    moved = {key for key, value in network.state_dict().items() if not torch.equal(value, before[key])}
    assert moved and not any(key.startswith("frontend.") for key in moved)
    assert not network.frontend.model.training and network.training


def test_the_default_is_a_tiny_encoder_of_random_weights(name):
    network = NETWORKS.get(name)().eval()
    assert sum(p.numel() for p in network.frontend.parameters()) == 66_320
    with torch.inference_mode():
        assert torch.isfinite(network(torch.randn(2, network.window) * 0.1).raw).all()


def test_the_graphs_take_42_by_67_steps_of_the_authors_window():
    network = NETWORKS.get("ssl-aasist")().eval()
    maps = []
    network.encoder.register_forward_hook(lambda _m, _i, output: maps.append(output))
    with torch.inference_mode():
        output = network(torch.randn(1, 64_600) * 0.1)
    assert maps[0].shape == (1, 64, 42, 67)
    assert output.embedding.shape == (1, 160)


@pytest.mark.parametrize("head", ["linear", "cosine", "one-class"])
def test_a_head_is_chosen_by_its_name(head):
    network = NETWORKS.get("ssl-mean")(head=head).eval()
    with torch.inference_mode():
        raw, _, logits, _ = network(torch.randn(3, 16_000) * 0.1)
    assert raw.shape == (3,)
    assert (logits is None) is (head == "one-class")
