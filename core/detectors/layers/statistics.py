"""A boundary between two classes, fitted to statistics of frozen layers: one vector a window."""

from abc import abstractmethod
from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core.detectors.layers.density import LogisticBoundary, TwoClassSvm
from core.detectors.network import Network, Output

__all__ = ["FrozenStatistics"]

_SMALLEST_DEVIATION = 1e-5
# A direction in which training clips vary by less than this share of the strongest holds rounding alone.
_SMALLEST_STRENGTH = 1e-4


class FrozenStatistics(Network):
    """Statistics of a window, standardised and rotated onto their main directions, and a boundary between two classes.

    Nothing here learns by gradient: a subclass brings front-end and ``statistics``, and the rest is fitted to those of
    training clips. ``trainers.vectors`` computes them once for any number of fits.

    Parameters
    ----------
    d : int
        Length of a window's statistics.
    machine : TwoClassSvm or LogisticBoundary
        The boundary, for vectors of as many values as main directions are kept.
    n_directions : int
        Main directions kept.
    whitened : bool
        Let each direction count the same, however much the training clips vary along it.
    """

    def __init__(
        self, d: int, machine: TwoClassSvm | LogisticBoundary, *, n_directions: int, whitened: bool = False
    ) -> None:  # fmt: skip
        super().__init__()
        self.whitened = whitened
        self.centre = nn.Buffer(torch.zeros(d))
        self.directions = nn.Buffer(torch.eye(d)[:, :n_directions].clone())
        self.machine = machine

    @abstractmethod
    def statistics(self, features: torch.Tensor) -> torch.Tensor:
        """Return what the front-end's features amount to [shape=(batch, d)]."""

    def fit_statistics(self, real: NDArray[np.float32], fake: NDArray[np.float32]) -> None:
        """Fit directions and machine to the statistics [shape=(n, d)] of bona fide and of spoofed training clips."""
        seen = np.concatenate([real, fake]).astype(np.float64)
        self._rotate(seen)
        rotated = self.rotated(torch.from_numpy(seen.astype(np.float32))).numpy()
        self.machine.fit(rotated, np.arange(len(seen)) < len(real))

    def _rotate(self, seen: NDArray[np.float64]) -> None:
        """Take over centre and main directions of statistics [shape=(n, d)]."""
        centre, deviation = seen.mean(0), np.maximum(seen.std(0), _SMALLEST_DEVIATION)
        standard = (seen - centre) / deviation
        strengths, axes = np.linalg.eigh(standard.T @ standard / len(seen))
        strongest = np.argsort(-strengths)[: self.directions.shape[1]]
        strengths = np.sqrt(np.maximum(strengths[strongest], 0))
        kept = axes[:, strongest] * (strengths > _SMALLEST_STRENGTH * strengths[0])
        if self.whitened:
            kept = kept / np.maximum(strengths, _SMALLEST_STRENGTH * strengths[0])
        self.centre.copy_(torch.from_numpy(centre))
        self.directions.copy_(torch.from_numpy(kept / deviation[:, None]))

    def prepare(self, bonafide: Iterable[torch.Tensor], spoof: Iterable[torch.Tensor]) -> None:
        """Fit directions and machine to the statistics of training clips of both classes."""
        with torch.inference_mode():
            real, fake = (torch.cat([self.statistics(x) for x in clips]).numpy() for clips in (bonafide, spoof))
        self.fit_statistics(real, fake)

    def last_layer(self) -> nn.Module:
        """Return the boundary."""
        return self.machine

    def classify(self, features: torch.Tensor) -> Output:
        """Return the distance from the boundary, and the rotated statistics."""
        return self.judge(self.statistics(features))

    def judge(self, statistics: torch.Tensor) -> Output:
        """Return the output for statistics [shape=(batch, d)]."""
        rotated = self.rotated(statistics)
        return Output(self.machine(rotated), rotated, None)

    def rotated(self, statistics: torch.Tensor) -> torch.Tensor:
        """Return statistics [shape=(batch, d)] along the main directions [shape=(batch, n_directions)]."""
        return (statistics - self.centre) @ self.directions
