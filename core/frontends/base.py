"""The contract of a front-end, and the steps that several of them share."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import torch
from torch import nn

from core.plugins import Registry

__all__ = ["FRONTENDS", "Frontend", "level", "normalise"]

_QUIET = 1e-5


class Frontend(nn.Module, ABC):
    """A waveform [shape=(batch, n)] becomes a representation [shape=(batch, bins, frames)].

    A subclass registers itself with ``@FRONTENDS.register("name")`` and can be made without arguments: its settings are
    keyword arguments with defaults.

    Attributes
    ----------
    hop_s : float
        Seconds between frames.
    n_bins : int
        Length of the second axis.
    bins_hz : list of float or None
        Centre of each bin in hertz; None where the axis is not a frequency axis (cepstra).
    family : str
        What it shows of a clip, in a word or two that front-ends like it share; empty for one that is like no other.
    """

    hop_s: float
    n_bins: int
    bins_hz: list[float] | None = None
    family: ClassVar[str] = ""

    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the representation; always in full precision, also where a network trains in bfloat16."""
        with torch.autocast(waveform.device.type, enabled=False):
            return self.represent(waveform.float())

    @abstractmethod
    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Compute the representation of float32 waveforms; the one method a front-end must add."""

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card, as plain JSON values."""
        return {"name": type(self).__name__, "hop_s": self.hop_s, "n_bins": self.n_bins}


FRONTENDS: Registry[type[Frontend]] = Registry("front-end", "core.frontends")


def level(waveform: torch.Tensor) -> torch.Tensor:
    """Scale each waveform [shape=(batch, n)] to a root mean square of 0.05 (-26 dBFS); silence stays silent.

    A recording's level tells nothing of its voice; without this step a logarithm with an offset would depend on it.
    """
    # The power is clamped, not its root: the root has no gradient at 0, and explanations ask for one in silence too.
    rms = waveform.square().mean(-1, keepdim=True).clamp_min(_QUIET**2).sqrt()
    return waveform * (0.05 / rms)


def normalise(features: torch.Tensor, mode: str) -> torch.Tensor:
    """Normalise each bin of each clip over time.

    Parameters
    ----------
    features : Tensor [shape=(batch, bins, frames)]
    mode : {'none', 'mean', 'mean_var'}
        Nothing; cepstral (or spectral) mean normalisation; mean and variance. A stationary channel (microphone,
        equaliser) is a constant on a logarithmic axis, so its mean takes it away.
    """
    if mode == "none":
        return features
    centred = features - features.mean(-1, keepdim=True)
    if mode == "mean":
        return centred
    if mode == "mean_var":
        return centred / (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt()
    raise ValueError(f"Normalisation is 'none', 'mean' or 'mean_var', not {mode!r}.")
