"""RawNet2 has the published size and names, and a small one for a CPU."""

import pytest
import torch

from core.detectors.network import NETWORKS


@pytest.fixture
def small():
    torch.manual_seed(0)
    return NETWORKS.get("rawnet2")(gru_hidden=128, gru_layers=1, window=32_000).eval()


def test_the_published_network_has_17_621_410_parameters_under_published_names():
    network = NETWORKS.get("rawnet2")()
    assert sum(p.numel() for p in network.parameters()) == 17_621_410
    published = {
        "first_bn.weight", "block0.0.conv1.weight", "block1.0.bn1.weight", "block2.0.conv_downsample.weight",
        "fc_attention5.0.weight", "bn_before_gru.weight", "gru.weight_hh_l2", "fc1_gru.weight", "fc2_gru.weight",
    }  # fmt: skip
    keys = set(network.state_dict())
    assert published <= keys and "block0.0.bn1.weight" not in keys
    assert not any(key.startswith("frontend") for key in keys)


def test_a_small_one_makes_14_steps_of_2_seconds(small):
    assert sum(p.numel() for p in small.parameters()) < 1_500_000
    steps = []
    small.bn_before_gru.register_forward_hook(lambda _m, _i, output: steps.append(output))
    with torch.inference_mode():
        output = small(torch.randn(2, small.window) * 0.1)
    assert steps[0].shape == (2, 128, 14)
    assert output.embedding.shape == (2, 128)


def test_the_score_orders_clips_as_the_published_log_softmax_does(small):
    with torch.inference_mode():
        raw, _, logits, _ = small(torch.randn(6, small.window) * torch.logspace(-3, 0, 6)[:, None])
    assert raw.unique().numel() == 6
    assert torch.equal(raw.argsort(), logits.log_softmax(1)[:, 1].argsort())


def test_the_last_step_of_the_gru_depends_on_the_whole_window(small):
    batch = (torch.randn(1, small.window) * 0.1).requires_grad_()
    small(batch).raw.sum().backward()
    heard = batch.grad[0].abs().reshape(10, -1).sum(1) > 0
    assert heard.all()
