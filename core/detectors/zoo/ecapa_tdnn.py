"""ECAPA-TDNN on log-mel bands: dilated multi-scale convolutions over time, pooled by attention.

Desplanques, Thienpondt and Demuynck, Interspeech 2020 (arXiv:2005.07143).
"""

import torch
from torch import nn

from core.detectors.layers.heads import make_head
from core.detectors.layers.res2 import AttentiveStatistics, ConvReluNorm, res2_stack
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.logmel import LogMel

__all__ = ["EcapaTdnn"]


class _Block(nn.Module):
    """Residual block: multi-scale convolution, then each channel scaled by a gate computed from the whole clip."""

    def __init__(self, channels: int, *, dilation: int) -> None:
        super().__init__()
        self.convolve = res2_stack(channels, channels, dilation=dilation)
        self.squeeze = nn.Sequential(nn.Linear(channels, 128), nn.ReLU(), nn.Linear(128, channels), nn.Sigmoid())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.convolve(x)
        return x + y * self.squeeze(y.mean(2))[:, :, None]


@NETWORKS.register("ecapa-tdnn")
class EcapaTdnn(Network):
    """ECAPA-TDNN of 512 channels on 80 bands: 6,194,048 parameters and the head's.

    Parameters
    ----------
    channels : int
        Width of the three blocks, a multiple of 8; they are aggregated in three times as many.
    n_mels : int
        Bands of the front-end, whose mean over the clip is taken away.
    embedding : int
        Length of the embedding.
    head : {'linear', 'cosine', 'one-class'}
        The last layer, as the loss wants it.
    """

    def __init__(self, *, channels: int = 512, n_mels: int = 80, embedding: int = 192, head: str = "linear") -> None:
        super().__init__()
        self.frontend = LogMel(n_mels=n_mels, normalisation="mean")
        self.stem = ConvReluNorm(n_mels, channels, kernel=5)
        self.blocks = nn.ModuleList([_Block(channels, dilation=dilation) for dilation in (2, 3, 4)])
        self.aggregate = ConvReluNorm(3 * channels, 3 * channels)
        self.pool = AttentiveStatistics(3 * channels, tanh=True)
        self.embed = nn.Sequential(nn.BatchNorm1d(6 * channels), nn.Linear(6 * channels, embedding))
        self.head = make_head(head, embedding)

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for the clip's embedding."""
        x = self.stem(features)
        levels = []
        for block in self.blocks:
            x = block(x)
            levels.append(x)
        result: Output = self.head(self.embed(self.pool(self.aggregate(torch.cat(levels, dim=1)))))
        return result

    def cam(self) -> CamView:
        """The aggregated frames, one every 10 ms; their channels are no frequencies."""
        return CamView(self.aggregate, time_axis=2)
