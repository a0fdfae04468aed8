"""RawNet3's trainable sinc filter bank over the raw waveform."""

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import FRONTENDS, Frontend

__all__ = ["AnalyticSinc"]

_LEAST_HZ = 50.0


@FRONTENDS.register("analytic-sinc")
class AnalyticSinc(Frontend):
    """Logarithm of learnt band-pass filters: (batch, n) becomes (batch, n_filters, 1 + (n - length) // stride).

    Pre-emphasis, normalisation of the whole clip, then for each band a cosine and a sine filter (Pariente et al.,
    ICASSP 2020, arXiv:1910.10400) whose edges are trained; the mean over time is taken away. As in RawNet3 (Jung et
    al., Interspeech 2022, arXiv:2203.08488).

    Parameters
    ----------
    n_filters : int
        Two for each band; the bands start equally wide on the mel scale from 30 Hz to 7.9 kHz.
    length, stride : int
        Taps of each filter, an odd number, and samples between outputs.
    """

    family = "waveform"

    def __init__(self, *, n_filters: int = 256, length: int = 251, stride: int = 10) -> None:
        super().__init__()
        self.hop_s = stride / SAMPLE_RATE
        self.n_bins = n_filters
        self.stride = stride
        self.norm = nn.InstanceNorm1d(1, eps=1e-4, affine=True)
        low, high = (2595 * torch.tensor([30.0, SAMPLE_RATE / 2 - 2 * _LEAST_HZ]).div(700).add(1).log10()).tolist()
        edges = 700 * (10 ** (torch.linspace(low, high, n_filters // 2 + 1) / 2595) - 1)
        self.low_hz = nn.Parameter(edges[:-1, None].clone())
        self.band_hz = nn.Parameter(edges.diff()[:, None].clone())
        half = length // 2
        self.radians = nn.Buffer(2 * torch.pi * torch.arange(-half, 0) / SAMPLE_RATE, persistent=False)
        self.hamming = nn.Buffer(torch.hamming_window(length, periodic=False)[:half], persistent=False)

    def bank(self) -> torch.Tensor:
        """Return the filters [shape=(n_filters, length)] of the present edges: all cosines, then all sines."""
        low = _LEAST_HZ + self.low_hz.abs()
        high = (low + _LEAST_HZ + self.band_hz.abs()).clamp(max=SAMPLE_RATE / 2)
        scale = self.hamming / (self.radians / 2) / (2 * (high - low))
        even = ((high * self.radians).sin() - (low * self.radians).sin()) * scale
        odd = ((low * self.radians).cos() - (high * self.radians).cos()) * scale
        centre = torch.ones_like(low)
        cosines = torch.cat([even, centre, even.flip(1)], dim=1)
        return torch.cat([cosines, torch.cat([odd, 0 * centre, -odd.flip(1)], dim=1)])

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the logarithmic filter outputs [shape=(batch, n_filters, frames)], free of their mean over time."""
        before = torch.cat([waveform[:, 1:2], waveform[:, :-1]], dim=1)
        emphasised = self.norm((waveform - 0.97 * before)[:, None])
        bands = functional.conv1d(emphasised, self.bank()[:, None], stride=self.stride)
        loudness = (bands.abs() + 1e-6).log()
        return loudness - loudness.mean(2, keepdim=True)

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        return {**super().describe(), "axis": "learnt sinc bands", "normalisation": "mean"}
