"""Local log magnitude and both derivatives of the phase, one after the other."""

from typing import Any

import torch
from torch.nn import functional

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import FRONTENDS, Frontend
from core.frontends.linear_spectrogram import LinearSpec
from core.frontends.phase import PhaseDerivatives

__all__ = ["MagnitudeAndPhase"]


@FRONTENDS.register("magnitude-and-phase")
class MagnitudeAndPhase(Frontend):
    """Three planes of a linear spectrogram: (batch, n) becomes (batch, 3 * n_fft // 2, 1 + n // hop).

    Rows 0 to n_fft // 2 - 1 are the log power below the highest bin, less its mean over the neighbourhood: what is left
    knows neither level nor microphone nor vowel, and nothing from afar. Then come as many rows of instantaneous
    frequency and of group delay (``core.frontends.phase``).

    Parameters
    ----------
    n_fft, window, hop : int
        Transform length, Hann window and distance between frames, in samples at 16 kHz.
    around : (int, int)
        Odd size of the neighbourhood, in bins and frames.

    Attributes
    ----------
    plane_hz : list of float
        Frequency of each row of a plane.
    """

    family = "magnitude and phase"

    def __init__(
        self, *, n_fft: int = 512, window: int = 320, hop: int = 160, around: tuple[int, int] = (17, 17)
    ) -> None:
        super().__init__()
        self.magnitude = LinearSpec(n_fft=n_fft, window=window, hop=hop, normalisation="none")
        self.phase = PhaseDerivatives(n_fft=n_fft, window=window, hop=hop)
        self.hop_s = hop / SAMPLE_RATE
        self.plane_hz = self.phase.plane_hz
        self.n_bins = 3 * len(self.plane_hz)
        self.settings = {"n_fft": n_fft, "window": window, "hop": hop}
        self.around = around

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the three planes [shape=(batch, 3 * n_fft // 2, frames)]."""
        power = self.magnitude.represent(waveform)[:, : len(self.plane_hz)]
        return torch.cat([power - _local_mean(power, self.around), self.phase.represent(waveform)], dim=1)

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        return {**super().describe(), **self.settings, "axis": "linear, three times", "around": list(self.around)}


def _local_mean(image: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """Return the mean around each cell of [batch, bins, frames]; what lies outside the image does not count."""
    bins, frames = size
    # One axis after the other: 34 additions a cell, not 289.
    for kernel in ((bins, 1), (1, frames)):
        padding = (kernel[0] // 2, kernel[1] // 2)
        image = functional.avg_pool2d(image[:, None], kernel, stride=1, padding=padding, count_include_pad=False)[:, 0]
    return image
