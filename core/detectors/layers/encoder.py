"""The residual encoder of AASIST and its relatives: an image of frequency and time becomes a smaller, deeper one.

Jung et al., ICASSP 2022 (arXiv:2110.01200). Parameter names follow the published weights.
"""

import itertools
from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional

__all__ = ["ResidualBlock", "as_image", "pooled_hz", "residual_encoder"]


class ResidualBlock(nn.Module):
    """Residual block on [batch, channels, frequency, time]; time shrinks to a third, or by ``shorten``.

    The published networks convolve the block's input itself, so that ``bn1`` takes no part in the output; it is kept
    because the published weights carry it.
    """

    shorten: ClassVar[int] = 3

    def __init__(self, c_in: int, c_out: int, *, first: bool) -> None:
        super().__init__()
        if not first:
            self.bn1 = nn.BatchNorm2d(c_in)
        self.conv1 = nn.Conv2d(c_in, c_out, (2, 3), padding=(1, 1))
        self.bn2 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, (2, 3), padding=(0, 1))
        if c_in != c_out:
            self.conv_downsample = nn.Conv2d(c_in, c_out, (1, 3), padding=(0, 1))
        self.downsample = c_in != c_out

    def enter(self, x: torch.Tensor) -> torch.Tensor:
        """Return the first convolution of the block's input."""
        entered: torch.Tensor = self.conv1(x)
        return entered

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the block's output [shape=(batch, c_out, frequency, time // shorten)]."""
        y = self.conv2(functional.selu(self.bn2(self.enter(x))))
        y = y + (self.conv_downsample(x) if self.downsample else x)
        return functional.max_pool2d(y, (1, self.shorten))


def residual_encoder(channels: Sequence[int], *, block: type[ResidualBlock] = ResidualBlock) -> nn.Sequential:
    """Return six blocks, the first two and the last four of which have ``channels`` (two numbers)."""
    narrow, wide = channels
    pairs = itertools.pairwise([1, narrow, narrow, wide, wide, wide, wide])
    encoder = nn.Sequential(*[nn.Sequential(block(a, b, first=a == 1)) for a, b in pairs])
    encoder.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return encoder


def as_image(features: torch.Tensor, norm: nn.BatchNorm2d) -> torch.Tensor:
    """Return [batch, bins, frames] as a normalised image [batch, 1, bins // 3, frames // 3] for the encoder."""
    image = functional.selu(norm(functional.max_pool2d(features[:, None], 3)))
    return image.contiguous(memory_format=torch.channels_last)


def pooled_hz(bins_hz: Sequence[float]) -> list[float]:
    """Return the centre of every three bins that ``as_image`` pools, in hertz."""
    return [sum(bins_hz[3 * i : 3 * i + 3]) / 3 for i in range(len(bins_hz) // 3)]
