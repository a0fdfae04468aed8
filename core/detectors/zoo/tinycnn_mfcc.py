"""Two convolutions on MFCC: a detector for real time on a small CPU."""

import torch
from torch import nn

from core.detectors.layers.heads import make_head
from core.detectors.layers.pooling import mean_and_std
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.mfcc import Mfcc

__all__ = ["TinyCnnMfcc"]


def _strided(c_in: int, c_out: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, kernel, stride=2, padding=kernel // 2, bias=False), nn.BatchNorm2d(c_out), nn.ReLU()
    )


@NETWORKS.register("tinycnn-mfcc")
class TinyCnnMfcc(Network):
    """Two strided convolutions, then mean and deviation over time: 640 values a clip, 6,386 parameters.

    Strides take the place of pooling: nothing is computed that would be thrown away.

    Parameters
    ----------
    normalisation : {'none', 'mean', 'mean_var'}
        Of the MFCC, per clip.
    n_mfcc : int
        Coefficients kept.
    channels : sequence of int
        Width of each convolution; each halves both axes.
    dropout : float
        Before the last layer.
    head : {'linear', 'cosine', 'one-class'}
        The last layer.
    """

    def __init__(
        self, *, normalisation: str = "mean_var", n_mfcc: int = 40, channels: tuple[int, int] = (16, 32),
        dropout: float = 0.2, head: str = "linear",
    ) -> None:  # fmt: skip
        super().__init__()
        self.frontend = Mfcc(n_mfcc=n_mfcc, normalisation=normalisation)
        self.blocks = nn.Sequential(_strided(1, channels[0], 5), _strided(channels[0], channels[1], 3))
        self.blocks.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.drop = nn.Dropout(dropout)
        self.head = make_head(head, 2 * channels[1] * -(-n_mfcc // 4))

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for mean and deviation of the last map over time."""
        embedding = mean_and_std(self.blocks(features[:, None]).flatten(1, 2))
        result: Output = self.head(self.drop(embedding))
        return result

    def cam(self) -> CamView:
        """The last map; it has a time axis, and a cepstral one that is not frequency."""
        return CamView(self.blocks, time_axis=3)
