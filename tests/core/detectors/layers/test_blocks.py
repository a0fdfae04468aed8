"""Blocks keep lengths, halve channels and weigh them as they say."""

import pytest
import torch

from core.detectors.layers.blocks import MaxFeatureMap, SqueezeExcitation, conv1d_block, conv2d_block
from core.detectors.layers.lcnn import lcnn_trunk


def test_the_max_feature_map_takes_the_larger_of_two_halves():
    x = torch.tensor([1.0, 2.0, 3.0, 0.0]).view(1, 4, 1, 1)
    assert MaxFeatureMap()(x).flatten().tolist() == [3.0, 2.0]


def test_a_gate_that_is_shut_for_a_channel_silences_it():
    layer = SqueezeExcitation(4)
    with torch.no_grad():
        layer.gate[2].weight.zero_()
        layer.gate[2].bias.copy_(torch.tensor([-100.0, 0.0, 100.0, 100.0]))
    weighted = layer(torch.ones(1, 4, 2, 3))
    torch.testing.assert_close(weighted[0, :, 1, 1], torch.tensor([0.0, 0.5, 1.0, 1.0]))


@pytest.mark.parametrize(("kernel", "dilation"), [(1, 1), (3, 1), (3, 3), (5, 2)])
def test_a_convolution_over_time_shortens_only_by_its_pooling(kernel, dilation):
    block = conv1d_block(2, 3, kernel=kernel, dilation=dilation, pool=2).eval()
    assert block(torch.zeros(1, 2, 20)).shape == (1, 3, 10)


def test_a_convolution_over_a_map_pools_bins_and_frames_apart():
    assert conv2d_block(1, 4, pool=(3, 2)).eval()(torch.zeros(1, 1, 9, 8)).shape == (1, 4, 3, 4)


def test_the_light_cnn_turns_404_frames_of_60_into_25_of_96():
    trunk = lcnn_trunk(dropout=0.7).eval()
    assert trunk(torch.zeros(1, 1, 404, 60)).shape == (1, 32, 25, 3)
