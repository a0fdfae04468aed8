"""ECAPA-TDNN has the published size."""

import pytest
import torch

from core.detectors.network import NETWORKS


def count(module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(
    ("channels", "n_mels", "published"),
    [(512, 80, 6_194_048), (1024, 80, 20_767_552), (512, 60, 6_142_848), (1024, 60, 20_665_152)],
)
def test_the_published_sizes_are_met_without_the_head(channels, n_mels, published):
    network = NETWORKS.get("ecapa-tdnn")(channels=channels, n_mels=n_mels)
    assert count(network) - count(network.head) == published


def test_the_embedding_has_192_values_of_301_aggregated_frames():
    torch.manual_seed(0)
    network = NETWORKS.get("ecapa-tdnn")(channels=64).eval()
    maps = []
    network.aggregate.register_forward_hook(lambda _m, _i, output: maps.append(output))
    with torch.inference_mode():
        output = network(torch.randn(2, 48_000) * 0.1)
    assert maps[0].shape == (2, 192, 301)
    assert output.embedding.shape == (2, 192)


@pytest.mark.parametrize("head", ["linear", "cosine", "one-class"])
def test_a_head_is_chosen_by_its_name(head):
    network = NETWORKS.get("ecapa-tdnn")(channels=64, head=head).eval()
    with torch.inference_mode():
        raw, _, logits, _ = network(torch.randn(3, 16_000) * 0.1)
    assert raw.shape == (3,)
    assert (logits is None) is (head == "one-class")


def test_the_level_of_a_recording_does_not_move_the_score():
    torch.manual_seed(1)
    network = NETWORKS.get("ecapa-tdnn")(channels=64).eval()
    clip = torch.randn(1, 32_000) * 0.1
    with torch.inference_mode():
        torch.testing.assert_close(network(clip).raw, network(clip * 0.01).raw, atol=1e-4, rtol=1e-3)
