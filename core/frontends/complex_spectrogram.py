"""Real and imaginary part of the short-time spectrum, loud and soft drawn together: magnitude and phase at once."""

from typing import Any

import torch
import torchaudio
from torch.nn import functional

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import FRONTENDS, Frontend

__all__ = ["ComplexSpectrogram"]

_SILENT = 1e-12
_EXPONENT = 0.3


@FRONTENDS.register("complex-spectrogram")
class ComplexSpectrogram(Frontend):
    """The complex spectrogram with magnitudes to the power 0.3: (batch, n) becomes (batch, 322, n // 160).

    As in Distill-MOS (Stahl and Gamper 2025, arXiv:2502.05356): Hann windows of 20 ms every 10 ms, the clip's
    peak at 1. The first half of the second axis is the real part, from 0 to 8 kHz, the second half the imaginary one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.hop_s = 160 / SAMPLE_RATE
        self.n_bins = 2 * 161
        self.spectrum = torchaudio.transforms.Spectrogram(320, 320, 160, power=None, center=False)

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the compressed parts [shape=(batch, 322, frames)]."""
        loudest = waveform.abs().amax(1, keepdim=True).clamp_min(1e-8)
        spectrum = self.spectrum(functional.pad((waveform / loudest)[:, None], (80, 80), mode="reflect")[:, 0])
        # The root of a sum of squares has no gradient at 0.
        magnitude = (spectrum.real.square() + spectrum.imag.square()).clamp_min(_SILENT**2).sqrt()
        gain = magnitude ** (_EXPONENT - 1)
        return torch.cat([spectrum.real * gain, spectrum.imag * gain], dim=1)

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        return {**super().describe(), "axis": "linear, real and imaginary", "n_fft": 320, "window": 320, "hop": 160}
