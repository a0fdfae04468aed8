"""LFCC whose first coefficient is the frame's energy, as in the published LFCC-LCNN."""

from typing import Any

import torch
import torchaudio
from torch import nn
from torch.nn import functional

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import FRONTENDS, Frontend

__all__ = ["LfccEnergy"]

_EPS = torch.finfo(torch.float32).eps


class _Cosines(nn.Module):
    """The orthonormal DCT-II as a matrix that is not trained."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Buffer(torchaudio.functional.create_dct(size, size, "ortho").mT.contiguous())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.linear(x, self.weight)


@FRONTENDS.register("lfcc-energy")
class LfccEnergy(Frontend):
    """LFCC with log energy, delta and delta-delta: (batch, n) becomes (batch, 3 * n_filter, 1 + n // 160).

    Wang and Yamagishi, Interspeech 2021 (arXiv:2103.11326), after the ASVspoof 2019 baseline: pre-emphasis of 0.97,
    Hamming windows of 20 ms every 10 ms, triangular filters from 0 to 8 kHz, decimal logarithm, differences
    ``x[t + 1] - x[t - 1]``. Neither levelled nor normalised. Filters and cosines are part of the state, under their
    published names.

    Parameters
    ----------
    n_filter, n_fft : int
        Filters, which are as many as coefficients; transform length in samples.
    """

    family = "magnitude spectrum"

    def __init__(self, *, n_filter: int = 20, n_fft: int = 512) -> None:
        super().__init__()
        self.hop_s = 160 / SAMPLE_RATE
        self.n_bins = 3 * n_filter
        self.n_fft = n_fft
        bank = torchaudio.functional.linear_fbanks(n_fft // 2 + 1, 0.0, SAMPLE_RATE / 2, n_filter, SAMPLE_RATE)
        self.lfcc_fb = nn.Buffer(bank)
        self.l_dct = _Cosines(n_filter)
        self.window = nn.Buffer(torch.hamming_window(320), persistent=False)

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the coefficients [shape=(batch, 3 * n_filter, frames)]: static, delta, delta-delta."""
        emphasised = torch.cat([waveform[:, :1], waveform[:, 1:] - 0.97 * waveform[:, :-1]], dim=1)
        spectrum = torch.stft(
            emphasised, self.n_fft, 160, 320, self.window, center=True, pad_mode="constant", return_complex=True
        )
        power = torch.view_as_real(spectrum).square().sum(-1).mT
        cepstra = self.l_dct((power @ self.lfcc_fb + _EPS).log10())
        energy = (power.sum(2, keepdim=True) / self.n_fft + _EPS).log10()
        static = torch.cat([energy, cepstra[:, :, 1:]], dim=2).mT
        delta = _difference(static)
        return torch.cat([static, delta, _difference(delta)], dim=1)

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        return {**super().describe(), "n_fft": self.n_fft, "axis": "cepstral", "normalisation": "none"}


def _difference(x: torch.Tensor) -> torch.Tensor:
    padded = functional.pad(x, (1, 1), mode="replicate")
    return padded[:, :, 2:] - padded[:, :, :-2]
