"""Noise taken off a waveform before it is represented, differentiably."""

import torch
from torch import nn
from torch.nn import functional

__all__ = ["Denoise", "make_denoise"]

_N_FFT, _HOP = 512, 128
# The quietest tenth of stationary noise, smoothed over nine frames, has half of its mean power.
_SMOOTHED, _QUIETEST, _BIAS = 9, 10, 2.0
_TINY = 1e-12


class Denoise(nn.Module):
    """Attenuate each bin of each frame by what stationary noise makes of it; at most 20 dB, so that nothing rings.

    The noise of a bin is the quietest tenth of its smoothed power over the clip, as in Martin's minimum statistics
    (IEEE TSAP 2001). A clip whose pauses are digitally silent has no noise and is left alone.

    Parameters
    ----------
    method : {'spectral-subtraction', 'wiener'}
        Power subtraction with twice the noise (Berouti, Schwartz and Makhoul, ICASSP 1979), or the Wiener gain of the
        power averaged over three frames (Lim and Oppenheim, Proc. IEEE 1979).
    """

    def __init__(self, method: str) -> None:
        super().__init__()
        self.method = method
        self.window = nn.Buffer(torch.hann_window(_N_FFT), persistent=False)

    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the denoised waveforms [shape=(batch, n)]."""
        spectrum = torch.stft(waveform, _N_FFT, _HOP, window=self.window, pad_mode="constant", return_complex=True)
        power = spectrum.real.square() + spectrum.imag.square()
        smooth = _moving_mean(power, _SMOOTHED)
        noise = _BIAS * smooth.kthvalue(1 + smooth.shape[-1] // _QUIETEST, dim=-1, keepdim=True).values
        if self.method == "wiener":
            speech = _moving_mean(power, 3)
            gain = ((speech - noise) / (speech + _TINY)).clamp_min(0.1)
        else:
            gain = ((power - 2 * noise) / (power + _TINY)).clamp_min(0.01).sqrt()
        return torch.istft(spectrum * gain, _N_FFT, _HOP, window=self.window, length=waveform.shape[-1])


def _moving_mean(power: torch.Tensor, width: int) -> torch.Tensor:
    return functional.avg_pool1d(power, width, 1, width // 2, count_include_pad=False)


def make_denoise(method: str) -> nn.Module:
    """Return a module that maps waveforms to waveforms: 'none', 'spectral-subtraction' or 'wiener'; it has no weights.

    Raises
    ------
    ValueError
        When there is no such method.
    """
    if method == "none":
        return nn.Identity()
    if method not in {"spectral-subtraction", "wiener"}:
        raise ValueError(f"Denoising is 'none', 'spectral-subtraction' or 'wiener', not {method!r}.")
    return Denoise(method)
