"""A speech recogniser's learnt filters over the raw waveform."""

from typing import Any

import torch
from torch import nn

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import FRONTENDS, Frontend, level

__all__ = ["LearntFilters"]


@FRONTENDS.register("learnt-filters")
class LearntFilters(Frontend):
    """One convolution and a hyperbolic tangent: (batch, n) becomes (batch, n_filters, 1 + (n - 127) // 64).

    The first layer of Moonshine (Jeffries et al. 2024, arXiv:2410.15608): filters of 8 ms, every 4 ms.

    Parameters
    ----------
    n_filters : int
    """

    def __init__(self, *, n_filters: int = 288) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(1, n_filters, 127, stride=64, bias=False)
        self.hop_s = 64 / SAMPLE_RATE
        self.n_bins = n_filters

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the filters' outputs [shape=(batch, n_filters, frames)], between -1 and 1."""
        return torch.tanh(self.conv1(level(waveform)[:, None]))

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        return {**super().describe(), "axis": "learnt filters"}
