"""What the phase of the short-time spectrum does, and nothing of its magnitude."""

import math
from typing import Any

import torch
import torchaudio
from torch.nn import functional

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import FRONTENDS, Frontend, level

__all__ = ["PhaseDerivative", "PhaseDerivatives"]

# 75 dB below white noise after levelling: beneath it phase is rounding error, and the map is pulled to 0.
_FLOOR = 1e-8


@FRONTENDS.register("phase-derivative")
class PhaseDerivative(Frontend):
    """The phase spectrogram's derivative along time or frequency, in [-1, 1]; both wrap, as phases do.

    Parameters
    ----------
    kind : {'instantaneous-frequency', 'group-delay'}
        How far the frequency found in a bin lies from the bin's own, +-1 being the edge of the window's main lobe
        (2 / window); or how far the energy of a bin lies from the frame's middle, later is positive, +-1 being half
        a transform length. Flanagan and Golden, "Phase vocoder", 1966; Yegnanarayana and Murthy, 1992.
    n_fft, window, hop : int
        Transform length, Hann window and distance between frames, in samples at 16 kHz.

    Notes
    -----
    (batch, n) becomes (batch, bins, 1 + n // hop), bins being 1 + n_fft // 2 for the frequency and n_fft // 2, each
    between two neighbours, for the delay. Derivatives are angles of products of neighbours, so no phase is unwrapped.
    """

    family = "phase"

    def __init__(
        self, *, kind: str = "instantaneous-frequency", n_fft: int = 512, window: int = 320, hop: int = 160
    ) -> None:
        super().__init__()
        if kind not in {"instantaneous-frequency", "group-delay"}:
            raise ValueError(f"A phase derivative is 'instantaneous-frequency' or 'group-delay', not {kind!r}.")
        self.kind = kind
        self.hop_s = hop / SAMPLE_RATE
        self.n_bins = n_fft // 2 + (kind == "instantaneous-frequency")
        offset = 0.5 if kind == "group-delay" else 0.0
        self.bins_hz = ((torch.arange(self.n_bins) + offset) * (SAMPLE_RATE / n_fft)).tolist()
        self.settings = {"n_fft": n_fft, "window": window, "hop": hop}
        # Over a quarter of the window, the edges of its main lobe advance half a turn more and less than its middle.
        self.step = window // 4
        self.spectrum = torchaudio.transforms.Spectrogram(n_fft, window, hop, power=None, pad_mode="constant")
        turns = torch.arange(1 + n_fft // 2) * self.step / n_fft
        self.own_advance = torch.nn.Buffer(torch.exp(-2j * math.pi * turns)[:, None], persistent=False)

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the derivative [shape=(batch, bins, frames)]; silence is 0."""
        waveform = level(waveform)
        return self.of_spectrum(waveform, self.spectrum(waveform))

    def of_spectrum(self, waveform: torch.Tensor, here: torch.Tensor) -> torch.Tensor:
        """Return the derivative for a levelled waveform whose spectrum is known."""
        if self.kind == "group-delay":
            # Frames are counted from their start, half a transform before the middle: half a turn from bin to bin.
            product = -here[:, 1:].conj() * here[:, :-1]
        else:
            later = self.spectrum(functional.pad(waveform, (0, self.step))[:, self.step :])
            product = later * here.conj() * self.own_advance
        # Both dense and of one layout: of parts that lie strided in memory, the angle takes ten times as long.
        return torch.atan2(product.imag * 1.0, product.real + _FLOOR) / math.pi

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        return {**super().describe(), **self.settings, "axis": "linear", "kind": self.kind}


@FRONTENDS.register("phase-derivatives")
class PhaseDerivatives(Frontend):
    """Both derivatives, one after the other: (batch, n) becomes (batch, 2 * n_fft // 2, 1 + n // hop).

    Rows 0 to n_fft // 2 - 1 are the instantaneous frequency below the highest bin, the rest the group delay.

    Parameters
    ----------
    n_fft, window, hop : int
        Transform length, Hann window and distance between frames, in samples at 16 kHz.

    Attributes
    ----------
    plane_hz : list of float
        Frequency of each row of either half.
    """

    family = "phase"

    plane_hz: list[float]

    def __init__(self, *, n_fft: int = 512, window: int = 320, hop: int = 160) -> None:
        super().__init__()
        kinds = ("instantaneous-frequency", "group-delay")
        one, other = (PhaseDerivative(kind=kind, n_fft=n_fft, window=window, hop=hop) for kind in kinds)
        self.frequency, self.delay = one, other
        self.hop_s = hop / SAMPLE_RATE
        self.n_bins = 2 * (n_fft // 2)
        self.plane_hz = [k * SAMPLE_RATE / n_fft for k in range(n_fft // 2)]
        self.settings = {"n_fft": n_fft, "window": window, "hop": hop}

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return both derivatives [shape=(batch, n_fft, frames)]."""
        waveform = level(waveform)
        return self.of_spectrum(waveform, self.spectrum(waveform))

    def spectrum(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the spectrum [shape=(batch, 1 + n_fft // 2, frames), complex] that both are derived from."""
        found: torch.Tensor = self.frequency.spectrum(waveform)
        return found

    def of_spectrum(self, waveform: torch.Tensor, here: torch.Tensor) -> torch.Tensor:
        """Return both derivatives for a levelled waveform whose spectrum is known."""
        frequency = self.frequency.of_spectrum(waveform, here)[:, : self.n_bins // 2]
        return torch.cat([frequency, self.delay.of_spectrum(waveform, here)], dim=1)

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        return {**super().describe(), **self.settings, "axis": "linear, twice"}
