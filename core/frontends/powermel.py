"""Mel bands of plain power, as speaker encoders of the GE2E kind were taught on."""

from typing import Any

import torch
import torchaudio

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import Frontend, level

__all__ = ["PowerMel"]

# From the level of all clips to the -30 dBFS that the published encoder was taught at.
_LEVEL = 10 ** (-30 / 20) / 0.05


class PowerMel(Frontend):
    """Power in mel bands, no logarithm: (batch, n) becomes (batch, n_mels, 1 + n // 160).

    As librosa computes it by default (Slaney's scale and norm), with windows of 25 ms every 10 ms; so
    Resemblyzer's encoder was taught (Wan et al., ICASSP 2018, arXiv:1710.10467).

    Parameters
    ----------
    n_mels : int
        Bands from 0 to 8 kHz.
    """

    def __init__(self, *, n_mels: int = 40) -> None:
        super().__init__()
        import librosa

        self.hop_s = 160 / SAMPLE_RATE
        self.n_bins = n_mels
        self.bins_hz = librosa.mel_frequencies(n_mels + 2, fmax=SAMPLE_RATE / 2)[1:-1].tolist()
        self.mel = torchaudio.transforms.MelSpectrogram(
            SAMPLE_RATE,
            n_fft=400,
            hop_length=160,
            n_mels=n_mels,
            norm="slaney",
            mel_scale="slaney",
            pad_mode="constant",
        )

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the power [shape=(batch, n_mels, frames)], the clip levelled to -30 dBFS."""
        power: torch.Tensor = self.mel(_LEVEL * level(waveform))
        return power

    def describe(self) -> dict[str, Any]:
        """Return what a card should say of this front-end."""
        return {**super().describe(), "axis": "mel", "scale": "power"}
