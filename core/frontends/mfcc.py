"""Mel-frequency cepstral coefficients."""

from typing import Any

import torch
import torchaudio

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import FRONTENDS, Frontend, level, normalise

__all__ = ["Mfcc"]


@FRONTENDS.register("mfcc")
class Mfcc(Frontend):
    """MFCC without differences: (batch, n) becomes (batch, n_mfcc, 1 + n // hop).

    Davis and Mermelstein, IEEE TASSP 1980; HTK mel scale, orthonormal cosine transform of the natural logarithm.
    Computed by torchaudio with ``log_mels``: its decibel mode clamps to the loudest value of the *batch*, so that a
    clip's features would depend on its batch mates.

    Parameters
    ----------
    n_mfcc, n_mels : int
        Coefficients kept, and mel bands from 0 to 8 kHz.
    window, hop, n_fft : int
        Analysis window, distance between frames and transform length, in samples at 16 kHz.
    normalisation : {'none', 'mean', 'mean_var'}
        Per clip and coefficient, over time.
    """

    family = "magnitude spectrum"

    def __init__(
        self, *, n_mfcc: int = 40, n_mels: int = 40, window: int = 400, hop: int = 160, n_fft: int = 512,
        normalisation: str = "mean_var",
    ) -> None:  # fmt: skip
        super().__init__()
        self.hop_s = hop / SAMPLE_RATE
        self.n_bins = n_mfcc
        self.normalisation = normalisation
        self.settings = {"n_mfcc": n_mfcc, "n_mels": n_mels, "window": window, "hop": hop, "n_fft": n_fft}
        self.mfcc = torchaudio.transforms.MFCC(
            SAMPLE_RATE, n_mfcc=n_mfcc, log_mels=True,
            melkwargs={
                "n_fft": n_fft, "win_length": window, "hop_length": hop, "n_mels": n_mels, "pad_mode": "constant",
            },
        )  # fmt: skip

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the coefficients [shape=(batch, n_mfcc, frames)]."""
        return normalise(self.mfcc(level(waveform)), self.normalisation)

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        return {**super().describe(), **self.settings, "axis": "cepstral", "normalisation": self.normalisation}
