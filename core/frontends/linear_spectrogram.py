"""Log-power spectrogram on the linear frequency axis."""

from typing import Any

import torch
import torchaudio

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import FRONTENDS, Frontend, level, normalise

__all__ = ["LinearSpec"]


@FRONTENDS.register("linear-spectrogram")
class LinearSpec(Frontend):
    """Every bin of the short-time spectrum: (batch, n) becomes (batch, 1 + n_fft // 2, 1 + n // hop).

    Natural logarithm of power after levelling. The offset, 1e-7, lies 65 dB below white noise of that level: above
    what a codec leaves of an emptied band, below the upper octave of speech.

    Parameters
    ----------
    n_fft, window, hop : int
        Transform length, Hann window and distance between frames, in samples at 16 kHz.
    normalisation : {'none', 'mean', 'mean_var'}
        Per clip and bin, over time.
    """

    family = "magnitude spectrum"

    def __init__(self, *, n_fft: int = 512, window: int = 320, hop: int = 160, normalisation: str = "mean_var") -> None:
        super().__init__()
        self.hop_s = hop / SAMPLE_RATE
        self.n_bins = 1 + n_fft // 2
        self.bins_hz = (torch.arange(self.n_bins) * (SAMPLE_RATE / n_fft)).tolist()
        self.normalisation = normalisation
        self.settings = {"n_fft": n_fft, "window": window, "hop": hop}
        self.spectrogram = torchaudio.transforms.Spectrogram(n_fft, window, hop, pad_mode="constant")

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the log power [shape=(batch, 1 + n_fft // 2, frames)]."""
        return self.of_power(self.spectrogram(level(waveform)))

    def of_power(self, power: torch.Tensor) -> torch.Tensor:
        """Return the log power of a levelled waveform whose power [shape=(batch, bins, frames)] is known."""
        return normalise((power + 1e-7).log(), self.normalisation)

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        return {**super().describe(), **self.settings, "axis": "linear", "normalisation": self.normalisation}
