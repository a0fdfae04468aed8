"""Log-mel spectrogram."""

from typing import Any

import torch
import torchaudio

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import FRONTENDS, Frontend, level, normalise
from core.frontends.denoise import make_denoise

__all__ = ["LogMel"]


@FRONTENDS.register("log-mel")
class LogMel(Frontend):
    """Logarithmic mel spectrogram: (batch, n) becomes (batch, n_mels, 1 + n // hop).

    HTK mel scale, natural logarithm of power with an offset of 1e-6 after levelling.

    Parameters
    ----------
    n_mels : int
        Bands from 0 to 8 kHz.
    window, hop, n_fft : int
        Analysis window, distance between frames and transform length, in samples at 16 kHz.
    normalisation : {'none', 'mean', 'mean_var'}
        Per clip and band, over time.
    denoise : {'none', 'spectral-subtraction', 'wiener'}
        Of the waveform, before all else (core/frontends/denoise.py).
    """

    family = "magnitude spectrum"

    def __init__(
        self, *, n_mels: int = 96, window: int = 400, hop: int = 160, n_fft: int = 1024,
        normalisation: str = "mean_var", denoise: str = "none",
    ) -> None:  # fmt: skip
        super().__init__()
        self.hop_s = hop / SAMPLE_RATE
        self.n_bins = n_mels
        self.normalisation = normalisation
        self.denoise = make_denoise(denoise)
        self.settings = {"n_mels": n_mels, "window": window, "hop": hop, "n_fft": n_fft, "denoise": denoise}
        top = 2595.0 * torch.log10(torch.tensor(1.0 + SAMPLE_RATE / 2 / 700.0)).item()
        edges = torch.linspace(0, top, n_mels + 2)[1:-1]
        self.bins_hz = (700.0 * (10 ** (edges / 2595.0) - 1)).tolist()
        self.mel = torchaudio.transforms.MelSpectrogram(
            SAMPLE_RATE, n_fft=n_fft, win_length=window, hop_length=hop, n_mels=n_mels, pad_mode="constant"
        )

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the log-mel bands [shape=(batch, n_mels, frames)]."""
        return normalise((self.mel(level(self.denoise(waveform))) + 1e-6).log(), self.normalisation)

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        return {**super().describe(), **self.settings, "axis": "mel", "normalisation": self.normalisation}
