"""Sources for the lab, and a toy network with cells that knows their copies."""

import numpy as np
import pytest
import torch
from torch import nn

from core.detectors.detector import Detector
from core.detectors.network import Grid, Network, Output
from core.lab.planted import Source
from tests.core.explain.conftest import RATE, Spectrum, as_detector

# A comb on every eighth bin of the toy's front-end, in the middle of each cell's eight.
_COMB_HZ = 500.0
_WEIGHTS = (-1.0, -1.0, 0.0, 1.0, 1.0, 1.0, 0.0, -1.0)


class Comb(Network):
    """Cells of 16 ms by 500 Hz: spoof where the middle of the cell holds its power, as in a comb, and not its edges."""

    window = 2 * RATE

    def __init__(self, weights: tuple[float, ...] = _WEIGHTS) -> None:
        super().__init__()
        self.frontend = Spectrum()
        self.weights = nn.Parameter(torch.tensor(weights))

    def grid(self) -> Grid:
        return Grid(self.frontend.hop_s, tuple(500.0 * band for band in range(17)))

    def _cells(self, power: torch.Tensor) -> torch.Tensor:
        bands = power.unflatten(1, (16, 8)) + 1e-9
        middle = (bands * self.weights[:, None]).sum(2) / bands.sum(2)
        return 0.6 - middle

    def classify(self, power: torch.Tensor) -> Output:
        cells = self._cells(power)
        return Output(cells.mean((1, 2)), power.mean(2), None, cells)


def comb_detector(weights: tuple[float, ...] = _WEIGHTS, name: str = "comb") -> Detector:
    return as_detector(Comb(weights), name)


def made_source(number: int, *, seconds: float = 3.0) -> Source:
    """Return noise with a copy that is a comb of tones, as loud: three speakers, four systems."""
    rng = np.random.default_rng(number)
    times = np.arange(int(seconds * RATE)) / RATE
    real, other = (rng.normal(0, 0.05, len(times)).astype(np.float32) for _ in range(2))
    hz = np.arange(_COMB_HZ / 2, 8000, _COMB_HZ)[:, None]
    copy = np.cos(2 * np.pi * (hz * times + rng.uniform(0, 1, hz.shape))).sum(0)
    copy *= real.std() / copy.std()
    return Source(
        f"real/{number}.flac", real, copy.astype(np.float32), f"system{number % 4}", f"speaker{number % 3}", other
    )  # fmt: skip


@pytest.fixture(scope="session")
def sources() -> list[Source]:
    """Eight of them."""
    return [made_source(number) for number in range(8)]


@pytest.fixture(scope="session")
def detector() -> Detector:
    """A detector by a toy that knows the copies of ``sources``."""
    return comb_detector()


@pytest.fixture(scope="session")
def shuffled() -> Detector:
    """The same with its weights in another order, so that it knows nothing of them."""
    return comb_detector((1.0, -1.0, 1.0, -1.0, 0.0, 1.0, -1.0, 0.0), "shuffled")
