"""Blocks that several convolutional networks are built of."""

import torch
from torch import nn

__all__ = [
    "MaxFeatureMap",
    "SqueezeExcitation",
    "conv1d_block",
    "conv2d_block",
    "max_feature_conv",
    "perceptron",
    "strided_stem",
]


def conv2d_block(c_in: int, c_out: int, *, kernel: int = 3, pool: tuple[int, int] = (1, 1)) -> nn.Sequential:
    """Return a square convolution, batch normalisation, ReLU and max-pooling by ``pool`` (bins, frames)."""
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(c_out), nn.ReLU(), nn.MaxPool2d(pool),
    )  # fmt: skip


def strided_stem(c_in: int, c_out: int) -> nn.Sequential:
    """Return a 5 x 5 convolution that halves both axes, batch normalisation and ReLU.

    A stride in place of a first pooling: the full-size map would cost more than all the rest.
    """
    return nn.Sequential(nn.Conv2d(c_in, c_out, 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())


def conv1d_block(c_in: int, c_out: int, *, kernel: int = 3, dilation: int = 1, pool: int = 1) -> nn.Sequential:
    """Return a convolution along the last axis, batch normalisation, ReLU and max-pooling by ``pool``."""
    padding = dilation * (kernel - 1) // 2
    return nn.Sequential(
        nn.Conv1d(c_in, c_out, kernel, padding=padding, dilation=dilation, bias=False),
        nn.BatchNorm1d(c_out), nn.ReLU(), nn.MaxPool1d(pool),
    )  # fmt: skip


def perceptron(d_in: int, width: int) -> nn.Sequential:
    """Return two hidden layers on inputs standardised over the training batches."""
    return nn.Sequential(
        nn.BatchNorm1d(d_in), nn.Linear(d_in, width), nn.BatchNorm1d(width), nn.ReLU(),
        nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU(),
    )  # fmt: skip


class SqueezeExcitation(nn.Module):
    """Weigh the channels of a map by what all of it holds (Hu, Shen and Sun, CVPR 2018).

    Parameters
    ----------
    channels : int
    reduction : int
        Factor by which the layer in the middle is narrower.
    """

    def __init__(self, channels: int, *, reduction: int = 16) -> None:
        super().__init__()
        middle = max(channels // reduction, 4)
        self.gate = nn.Sequential(nn.Linear(channels, middle), nn.ReLU(), nn.Linear(middle, channels), nn.Sigmoid())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the map [shape=(batch, channels, bins, frames)], weighted."""
        weighted: torch.Tensor = x * self.gate(x.mean((2, 3)))[:, :, None, None]
        return weighted


class MaxFeatureMap(nn.Module):
    """The larger of the first and the second half of the channels (Wu et al. 2018, arXiv:1511.02683)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return half as many channels as ``x`` [shape=(batch, channels, ...)] has."""
        first, second = x.chunk(2, dim=1)
        return torch.maximum(first, second)


def max_feature_conv(c_in: int, c_out: int, kernel: int) -> nn.Sequential:
    """Return a "same" convolution to ``c_out`` channels of which the max-feature-map leaves half."""
    return nn.Sequential(nn.Conv2d(c_in, c_out, kernel, padding=kernel // 2), MaxFeatureMap())
