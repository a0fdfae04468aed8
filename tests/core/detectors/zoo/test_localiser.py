"""The localiser's raw output is the mean of cells that see little of the clip each."""

import pytest
import torch

from core.audio.clip import SAMPLE_RATE
from core.detectors.zoo.localiser import Localiser


@pytest.fixture
def network() -> Localiser:
    torch.manual_seed(0)
    return Localiser().eval()


@pytest.mark.parametrize("seconds", [2.0, 4.0, 3.217])
def test_the_mean_of_the_cells_is_the_raw_output(network: Localiser, seconds: float) -> None:
    windows = 0.1 * torch.randn(2, round(seconds * SAMPLE_RATE))
    with torch.inference_mode():
        cells, raw = network.cells(windows), network(windows).raw
    grid = network.grid()
    assert cells.shape[1] == len(grid.edges_hz) - 1
    assert abs(cells.shape[2] * grid.hop_s - seconds) < 2 * grid.hop_s
    assert torch.allclose(cells.mean((1, 2)), raw, atol=1e-5)


def test_it_is_small(network: Localiser) -> None:
    assert sum(parameter.numel() for parameter in network.parameters()) < 1_000_000


def test_a_cell_sees_less_than_half_a_second_around_itself(network: Localiser) -> None:
    # Equally loud halves, so that the levelling of the whole window is the same for both.
    window = torch.sign(torch.randn(1, 4 * SAMPLE_RATE)) * 0.05
    changed = window.clone()
    changed[:, 2 * SAMPLE_RATE :] = torch.sign(torch.randn(2 * SAMPLE_RATE)) * 0.05
    with torch.inference_mode():
        moved = (network.cells(window) - network.cells(changed)).abs().amax((0, 1))
    hop_s = network.grid().hop_s
    assert moved[: round((2.0 - 0.25) / hop_s)].max() < 1e-4
    assert moved[round(2.3 / hop_s) :].max() > 1e-3


def test_a_cell_sees_at_most_a_quarter_of_the_spectrum(network: Localiser) -> None:
    features = torch.randn(1, 3 * 256, 101)
    changed = features.clone()
    for plane in range(3):
        changed[:, 256 * plane + 200 : 256 * (plane + 1)] += 1.0
    with torch.inference_mode():
        before, after = network.classify(features).cells, network.classify(changed).cells
    assert before is not None and after is not None
    moved = (before - after).abs().amax((0, 2))
    # Bin 200 is 6.25 kHz: what lies a quarter of the spectrum below it sees nothing of the change.
    assert moved[: ((6250 - 2000) // 500)].max() < 1e-5
    assert moved[14:].max() > 1e-3
