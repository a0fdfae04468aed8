"""RawNet3 has the published size, and a small one for a CPU."""

import pytest
import torch

from core.detectors.network import NETWORKS


def count(module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.fixture
def small():
    torch.manual_seed(0)
    return NETWORKS.get("rawnet3")(channels=64, stride=40).eval()


def test_the_published_network_has_15_496_197_parameters_of_which_514_are_never_used():
    network = NETWORKS.get("rawnet3")()
    one_output = network.head.linear.in_features + 1
    assert count(network) - count(network.head) + one_output == 15_496_197 - 514


def test_time_is_shortened_15_times_and_pooled_to_three_values_a_channel(small):
    maps = []
    small.aggregate.register_forward_hook(lambda _m, _i, output: maps.append(output))
    with torch.inference_mode():
        output = small(torch.randn(2, 32_000) * 0.1)
    frames = 1 + (32_000 - 251) // 40
    assert maps[0].shape == (2, 96, frames // 15)
    assert output.embedding.shape == (2, 192)


def test_every_parameter_learns(small):
    small(torch.randn(2, 16_000) * 0.1).logits.square().sum().backward()
    idle = [name for name, p in small.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert idle == []


@pytest.mark.parametrize("head", ["linear", "cosine", "one-class"])
def test_a_head_is_chosen_by_its_name(head):
    network = NETWORKS.get("rawnet3")(channels=64, stride=40, head=head).eval()
    with torch.inference_mode():
        raw, _, logits, _ = network(torch.randn(3, 16_000) * 0.1)
    assert raw.shape == (3,)
    assert (logits is None) is (head == "one-class")
