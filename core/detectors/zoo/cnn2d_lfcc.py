"""A small 2-D convolutional network on LFCC, deltas and delta-deltas."""

import torch
from torch import nn

from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.lfcc import Lfcc

__all__ = ["Cnn2dLfcc"]


def _block(c_in: int, c_out: int, pool: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(), nn.MaxPool2d((1, pool))
    )


@NETWORKS.register("cnn2d-lfcc")
class Cnn2dLfcc(Network):
    """Three blocks that pool over time only, then the mean over time: 128 x 180 = 23,040 values a clip.

    The cepstral axis is never pooled: its coefficients mean different things, and only time repeats itself.

    Parameters
    ----------
    normalisation : {'none', 'mean', 'mean_var'}
        Of the LFCC, per clip.
    denoise : {'none', 'spectral-subtraction', 'wiener'}
        Of the waveform, before all else.
    channels, pools : sequence of int
        Width of each block and the factor by which it shortens time.
    dropout : float
        Before the last layer.
    """

    def __init__(
        self, *, normalisation: str = "mean_var", denoise: str = "none", channels: tuple[int, int, int] = (32, 64, 128),
        pools: tuple[int, int, int] = (4, 2, 2), dropout: float = 0.5,
    ) -> None:  # fmt: skip
        super().__init__()
        self.frontend = Lfcc(normalisation=normalisation, denoise=denoise)
        widths = [1, *channels]
        self.blocks = nn.Sequential(*[_block(a, b, p) for a, b, p in zip(widths, channels, pools, strict=False)])
        self.blocks.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(channels[-1] * self.frontend.n_bins, 2)

    def classify(self, features: torch.Tensor) -> Output:
        """Return logits, the time-mean embedding, and the log odds of bona fide."""
        maps = self.blocks(features[:, None])
        embedding = maps.mean(-1).flatten(1)
        logits = self.head(self.drop(embedding)).float()
        return Output(logits[:, 1] - logits[:, 0], embedding, logits)

    def cam(self) -> CamView:
        """The last block's map; it has a time axis, and a cepstral one that is not frequency."""
        return CamView(self.blocks, time_axis=3)
