"""A support vector machine on what a published network hears, which is not taught any further."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import nn

from core.detectors.base import Network, Output
from core.detectors.layers.density import TwoClassSvm
from core.detectors.layers.pooling import mean_and_std

__all__ = ["FrozenSvm"]


class FrozenSvm(Network):
    """Mean and deviation over time of a frozen network's map, rotated, and a support vector machine.

    Nothing here learns by gradient. A subclass brings the published layers and says what they hear.

    Parameters
    ----------
    n_hears : int
        Values that the published layers give a frame.
    n_directions, n_support : int
        Main directions of the statistics kept, and support vectors at most.
    penalty : float
        Price of a training clip on the wrong side.
    """

    def __init__(self, n_hears: int, *, n_directions: int, n_support: int, penalty: float) -> None:
        super().__init__()
        self.centre = nn.Buffer(torch.zeros(2 * n_hears))
        self.directions = nn.Buffer(torch.eye(2 * n_hears)[:, :n_directions].clone())
        self.machine = TwoClassSvm(n_support, n_directions, penalty=penalty)

    def hears(self, features: torch.Tensor) -> torch.Tensor:
        """Return the published layers' map [shape=(batch, n_hears, frames)]; the one method that must be added."""
        raise TypeError(f"{type(self).__name__} does not say what it hears: implement hears().")

    def prepare(self, bonafide: Iterable[torch.Tensor], spoof: Iterable[torch.Tensor]) -> None:
        """Fit directions and machine to the statistics of training clips of both classes."""
        with torch.inference_mode():
            real, fake = (torch.cat([self._statistics(x) for x in clips]).clone() for clips in (bonafide, spoof))
        heard = torch.cat([real, fake])
        centre, deviation = heard.mean(0), heard.std(0).clamp_min(1e-3)
        axes = torch.linalg.svd((heard - centre) / deviation, full_matrices=False)[2]
        kept = axes[: self.directions.shape[1]].T / deviation[:, None]
        self.centre.copy_(centre)
        self.directions.zero_()
        self.directions[:, : kept.shape[1]] = kept
        is_real = np.arange(len(heard)) < len(real)
        self.machine.fit(((heard - self.centre) @ self.directions).numpy(), is_real)

    def _statistics(self, features: torch.Tensor) -> torch.Tensor:
        return mean_and_std(self.hears(features))

    def classify(self, features: torch.Tensor) -> Output:
        """Return the distance from the machine's boundary, and the rotated statistics."""
        rotated = (self._statistics(features) - self.centre) @ self.directions
        return Output(self.machine(rotated), rotated, None)
