"""Local log magnitude and both derivatives of the phase, one after the other."""

from typing import Any

import torch
from torch.nn import functional

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import FRONTENDS, Frontend, level
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
        waveform = level(waveform)
        spectrum = self.phase.spectrum(waveform)
        power = self.magnitude.of_power(spectrum[:, : len(self.plane_hz)].abs().square())
        return torch.cat([power - _local_mean(power, self.around), self.phase.of_spectrum(waveform, spectrum)], dim=1)

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        return {**super().describe(), **self.settings, "axis": "linear, three times", "around": list(self.around)}


def _local_mean(image: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """Return the mean around each cell of [batch, bins, frames]; what lies outside the image does not count."""
    for dim, length in zip((-2, -1), size, strict=True):
        counts = _sums_around(image.new_ones(image.shape[dim]), length, -1)
        image = _sums_around(image, length, dim) / (counts[:, None] if dim == -2 else counts)
    return image


def _sums_around(image: torch.Tensor, length: int, dim: int) -> torch.Tensor:
    """Return the sum of an odd number of neighbours along an axis; beyond its ends there is zero."""
    size, half = image.shape[dim], length // 2
    run = functional.pad(image, (half, half) if dim == -1 else (0, 0, half, half))
    total, at, width = torch.zeros_like(image), 0, 1
    # Sums of 1, 2, 4 ... neighbours: five additions a cell for 17 of them.
    while length:
        if length & width:
            total, at = total + run.narrow(dim, at, size), at + width
            length -= width
        if length:
            left = run.shape[dim] - width
            run = run.narrow(dim, 0, left) + run.narrow(dim, width, left)
        width *= 2
    return total
