"""Log-mel spectrogram as the speech recogniser Whisper takes it."""

from typing import Any

import torch
import torchaudio

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import FRONTENDS, Frontend, level

__all__ = ["WhisperLogMel"]

_N_FFT, _HOP, _N_MELS = 400, 160, 80


@FRONTENDS.register("whisper-log-mel")
class WhisperLogMel(Frontend):
    """Whisper's log-mel spectrogram: (batch, n) becomes (batch, 80, n // 160).

    Radford et al. 2023 (arXiv:2212.04356): power in 80 bands on Slaney's mel scale, its decimal logarithm clamped to
    80 dB below the loudest band, (x + 4) / 4. Two things differ from the publication: the waveform is levelled first,
    and the loudest band is that of the window, which is not padded to 30 s.
    """

    def __init__(self) -> None:
        super().__init__()
        self.hop_s = _HOP / SAMPLE_RATE
        self.n_bins = _N_MELS
        self.spectrogram = torchaudio.transforms.Spectrogram(_N_FFT, hop_length=_HOP)
        self.bands = torchaudio.transforms.MelScale(
            _N_MELS, SAMPLE_RATE, n_stft=1 + _N_FFT // 2, norm="slaney", mel_scale="slaney"
        )
        self.bins_hz = _slaney_centres()

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the log-mel bands [shape=(batch, 80, frames)]."""
        return self.scale(level(waveform))

    def scale(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the bands of a waveform as loud as it is, as the publication does."""
        power = self.bands(self.spectrogram(waveform)[..., :-1])
        logarithm = power.clamp_min(1e-10).log10()
        loudest = logarithm.amax((1, 2), keepdim=True)
        return (torch.maximum(logarithm, loudest - 8) + 4) / 4

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        return {**super().describe(), "n_fft": _N_FFT, "hop": _HOP, "axis": "mel (Slaney)", "normalisation": "level"}


def _slaney_centres() -> list[float]:
    """Return the centre of each band in hertz: linear up to 1 kHz, logarithmic above (Slaney 1998)."""
    per_octave = 27 / torch.log(torch.tensor(6.4)).item()
    top = 15 + per_octave * torch.log(torch.tensor(SAMPLE_RATE / 2 / 1000)).item()
    mels = torch.linspace(0, top, _N_MELS + 2)[1:-1]
    hertz = torch.where(mels < 15, mels * 200 / 3, 1000 * torch.exp((mels - 15) / per_octave))
    return [float(value) for value in hertz]
