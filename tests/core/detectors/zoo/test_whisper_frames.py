"""The frames' outputs are divided over the bands and still add up to the score."""

import torch

from core.detectors.checkpoint import load_detector
from core.detectors.network import NETWORKS


def test_cells_add_up_to_the_raw_output_and_differ_over_the_bands_as_the_localisers_do():
    torch.manual_seed(0)
    network = NETWORKS.get("whisper-frames")().eval()
    windows = 0.1 * torch.randn(2, network.window)
    with torch.inference_mode():
        output, local = network(windows), network.local(windows).cells[..., :200]
    assert output.cells.shape == (2, 16, 200)
    torch.testing.assert_close(output.cells.mean((1, 2)), output.raw, atol=1e-4, rtol=1e-4)
    within = output.cells - output.cells.mean(1, keepdim=True)
    torch.testing.assert_close(within, 4 * (local - local.mean(1, keepdim=True)), atol=1e-3, rtol=1e-3)


def test_the_shipped_one_has_the_encoder_of_the_checkpoint_it_borrows_from():
    detector, lender = load_detector("whisper-frames"), load_detector("whisper-statspool")
    assert list(detector.card.borrowed) == ["whisper-statspool"]
    own, lent = detector.network.encoder.state_dict(), lender.network.encoder.state_dict()
    assert all(torch.equal(own[name], lent[name]) for name in lent)


def test_it_starts_from_a_localiser_or_from_one_of_its_own_kind() -> None:
    torch.manual_seed(0)
    kind, local = NETWORKS.get("whisper-frames"), NETWORKS.get("localiser")()
    first, second = kind(), kind()
    first.start_from(local.state_dict())
    assert all(torch.equal(value, first.local.state_dict()[name]) for name, value in local.state_dict().items())
    second.start_from(first.state_dict())
    assert all(torch.equal(value, second.state_dict()[name]) for name, value in first.state_dict().items())
