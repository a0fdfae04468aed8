"""Linear-frequency cepstral coefficients with their first and second differences."""

from typing import Any

import torch
import torchaudio

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import FRONTENDS, Frontend, level, normalise
from core.frontends.denoise import make_denoise

__all__ = ["Lfcc"]


@FRONTENDS.register("lfcc")
class Lfcc(Frontend):
    """LFCC, delta and delta-delta: (batch, n) becomes (batch, 3 * n_lfcc, 1 + n // hop).

    Sahidullah, Kinnunen and Hanilci, Interspeech 2015. Computed by torchaudio with ``log_lf``: its decibel mode
    clamps to the loudest value of the *batch*, so that a clip's features would depend on its batch mates.

    Parameters
    ----------
    n_lfcc, n_filter : int
        Coefficients kept, and triangular filters from 0 to 8 kHz.
    window, hop, n_fft : int
        Analysis window, distance between frames and transform length, in samples at 16 kHz.
    normalisation : {'none', 'mean', 'mean_var'}
        Per clip and coefficient, over time.
    denoise : {'none', 'spectral-subtraction', 'wiener'}
        Of the waveform, before all else (core/frontends/denoise.py).
    """

    family = "magnitude spectrum"

    def __init__(
        self, *, n_lfcc: int = 60, n_filter: int = 70, window: int = 400, hop: int = 200, n_fft: int = 512,
        normalisation: str = "mean_var", denoise: str = "none",
    ) -> None:  # fmt: skip
        super().__init__()
        self.hop_s = hop / SAMPLE_RATE
        self.n_bins = 3 * n_lfcc
        self.normalisation = normalisation
        self.denoise = make_denoise(denoise)
        self.settings = {
            "n_lfcc": n_lfcc, "n_filter": n_filter, "window": window, "hop": hop, "n_fft": n_fft, "denoise": denoise,
        }  # fmt: skip
        self.lfcc = torchaudio.transforms.LFCC(
            SAMPLE_RATE, n_filter=n_filter, n_lfcc=n_lfcc, log_lf=True,
            speckwargs={"n_fft": n_fft, "win_length": window, "hop_length": hop, "pad_mode": "constant"},
        )  # fmt: skip

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the coefficients [shape=(batch, 3 * n_lfcc, frames)]: static, delta, delta-delta."""
        static = self.lfcc(level(self.denoise(waveform)))
        delta = torchaudio.functional.compute_deltas(static)
        second = torchaudio.functional.compute_deltas(delta)
        return normalise(torch.cat([static, delta, second], dim=1), self.normalisation)

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        return {**super().describe(), **self.settings, "axis": "cepstral", "normalisation": self.normalisation}
