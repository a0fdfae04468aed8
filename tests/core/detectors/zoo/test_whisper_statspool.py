"""The blocks that whisper-statspool uses are the ones it is given, over the window it is given."""

import pytest
import torch

from core.detectors.network import NETWORKS

WHISPER = NETWORKS.get("whisper-statspool")


@pytest.mark.parametrize("more", [{"states": []}, {"states": [0]}, {"states": [1, 7]}, {"window_s": 31.0}])
def test_blocks_and_windows_that_there_are_not_are_refused(more):
    with pytest.raises(ValueError, match=r"states are blocks from 1 to 6|window_s is between 0 and 30"):
        WHISPER(**more)


def test_only_the_blocks_up_to_the_last_one_used_are_kept_and_each_gives_mean_and_deviation():
    torch.manual_seed(0)
    network = WHISPER(states=[2], window_s=1.0, n_directions=8).eval()
    assert len(network.encoder.blocks) == 2 and network.encoder.positions.shape == (50, 512)
    with torch.inference_mode():
        features = network.frontend(0.1 * torch.randn(1, network.window))
        found, output = network.statistics(features)[0], network.encoder(features)[1][0]
    torch.testing.assert_close(found[:512], output.mean(0))
    torch.testing.assert_close(found[512:], output.std(0, correction=0), atol=1e-4, rtol=1e-3)
