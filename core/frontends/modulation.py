"""How fast the bands of speech rise and fall: the modulation spectrum."""

import math
from typing import Any

import torch
from torch.nn import functional

from core.frontends.base import FRONTENDS, Frontend, normalise
from core.frontends.logmel import LogMel

__all__ = ["ModulationSpectrum"]


@FRONTENDS.register("modulation")
class ModulationSpectrum(Frontend):
    """Spectrum over time of each log-mel band, block by block: (batch, n) becomes (batch, bands * rates, blocks).

    Greenberg and Kingsbury, ICASSP 1997. Row ``band * n_rates + rate`` is the natural logarithm of an amplitude of
    log energy, with an offset of 0.01. The mean of a block is taken away before, and any stationary channel with it.

    Parameters
    ----------
    n_mels : int
        Bands from 0 to 8 kHz.
    n_rates : int
        Modulation frequencies kept, from one cycle a block upwards, at most half a block's frames.
    window, hop, n_fft : int
        Of the log-mel spectrogram, in samples at 16 kHz.
    block, block_hop : int
        Length of a block and distance between blocks, in frames; blocks are centred, the ends repeated.
    normalisation : {'none', 'mean', 'mean_var'}
        Per clip and row, over blocks.

    Attributes
    ----------
    bands_hz, rates_hz : list of float
        Centre of each band, and each modulation frequency.
    """

    def __init__(
        self, *, n_mels: int = 32, n_rates: int = 24, window: int = 400, hop: int = 160, n_fft: int = 512,
        block: int = 64, block_hop: int = 16, normalisation: str = "none",
    ) -> None:  # fmt: skip
        super().__init__()
        if n_rates > block // 2:
            raise ValueError(f"Blocks of {block} frames hold {block // 2} modulation frequencies, not {n_rates}.")
        self.mel = LogMel(n_mels=n_mels, window=window, hop=hop, n_fft=n_fft, normalisation="none")
        self.bands_hz = self.mel.bins_hz
        self.rates_hz = [k / (block * self.mel.hop_s) for k in range(1, n_rates + 1)]
        self.hop_s = block_hop * self.mel.hop_s
        self.n_bins = n_mels * n_rates
        self.block, self.block_hop, self.n_rates = block, block_hop, n_rates
        self.normalisation = normalisation
        self.settings = {
            "n_mels": n_mels, "n_rates": n_rates, "window": window, "hop": hop, "n_fft": n_fft, "block": block,
            "block_hop": block_hop,
        }  # fmt: skip
        # A sinusoid of amplitude a reads a in its row.
        taper = torch.hann_window(block)
        rates = torch.arange(1, n_rates + 1) * 2j * math.pi / block
        waves = torch.exp(-rates * torch.arange(block)[:, None]) * (2 * taper / taper.sum())[:, None]
        self.waves = torch.nn.Buffer(torch.cat([waves.real, waves.imag], 1), persistent=False)

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the log amplitudes [shape=(batch, n_mels * n_rates, blocks)]."""
        energies = self.mel.represent(waveform)
        padded = functional.pad(energies, (self.block // 2, self.block // 2), mode="replicate")
        blocks = padded.unfold(-1, self.block, self.block_hop)
        parts = (blocks - blocks.mean(-1, keepdim=True)) @ self.waves
        power = parts[..., : self.n_rates].square() + parts[..., self.n_rates :].square()
        rows = (power + 1e-8).sqrt().add(1e-2).log().transpose(2, 3).flatten(1, 2)
        return normalise(rows, self.normalisation)

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        axis = "mel x modulation"
        return {**super().describe(), **self.settings, "axis": axis, "normalisation": self.normalisation}
