"""The batch is found by trying, and trying leaves the network as it was."""

import torch

from core.detectors.network import NETWORKS
from trainers import batch
from trainers.recipe import Recipe


def test_the_fastest_batch_is_the_smallest_that_is_about_as_fast_as_any(monkeypatch):
    speeds = {8: 50.0, 16: 97.0, 32: 100.0, 64: 99.0, 128: 60.0}
    monkeypatch.setattr(batch, "_clips_per_second", lambda network, recipe, size, device: speeds[size])
    network = NETWORKS.get("tinycnn-mfcc")()
    assert batch.fastest_batch(network, Recipe(name="t", architecture="tinycnn-mfcc", summary="")) == 16


def test_what_does_not_fit_into_memory_is_not_chosen(monkeypatch):
    def speed(network, recipe, size, device):
        if size > 16:
            raise torch.OutOfMemoryError("no room")
        return float(size)

    monkeypatch.setattr(batch, "_clips_per_second", speed)
    network = NETWORKS.get("tinycnn-mfcc")()
    assert batch.fastest_batch(network, Recipe(name="t", architecture="tinycnn-mfcc", summary="")) == 16


def test_trying_leaves_the_network_as_it_was():
    network = NETWORKS.get("tinycnn-mfcc")()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    recipe = Recipe(name="t", architecture="tinycnn-mfcc", summary="", crop_s=0.5, precision="32-true")
    assert batch.fastest_batch(network, recipe) in batch._SIZES
    after = network.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert all(parameter.grad is None for parameter in network.parameters())
