"""The fixed sinc filter bank over the raw waveform of AASIST and its relatives."""

import itertools
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import FRONTENDS, Frontend

__all__ = ["MelSinc"]


@FRONTENDS.register("mel-sinc")
class MelSinc(Frontend):
    """Ideal band-pass filters with touching mel-spaced bands: (batch, n) becomes (batch, n_filters, n - length + 1).

    Jung et al., "AASIST", ICASSP 2022 (arXiv:2110.01200): filter i is the difference of two sinc low-passes times a
    symmetric Hamming window; neither padded nor trained, and not part of the weights.

    Parameters
    ----------
    n_filters : int
        Bands between 0 and 8 kHz, equally wide on the mel scale.
    length : int
        Taps of each filter; made odd.
    """

    family = "waveform"

    def __init__(self, *, n_filters: int = 70, length: int = 128) -> None:
        super().__init__()
        length += 1 - length % 2
        self.hop_s = 1 / SAMPLE_RATE
        self.n_bins = n_filters
        top = 2595 * np.log10(1 + SAMPLE_RATE / 2 / 700)
        edges = 700 * (10 ** (np.linspace(0, top, n_filters + 1) / 2595) - 1)
        self.bins_hz = ((edges[:-1] + edges[1:]) / 2).tolist()
        taps = np.arange(-(length - 1) / 2, (length - 1) / 2 + 1)
        low_pass = [(2 * f / SAMPLE_RATE) * np.sinc(2 * f * taps / SAMPLE_RATE) for f in edges]
        bank = np.stack([high - low for low, high in itertools.pairwise(low_pass)])
        filters = torch.tensor(bank * np.hamming(length), dtype=torch.float32)
        self.bank = torch.nn.Buffer(filters[:, None, :], persistent=False)

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the filter outputs [shape=(batch, n_filters, n - length + 1)]."""
        return functional.conv1d(waveform[:, None, :], self.bank)

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        return {**super().describe(), "axis": "mel-spaced sinc bands"}
