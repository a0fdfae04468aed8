"""A 2-D convolutional network of double convolutions with squeeze-excitation, on LFCC."""

import torch
from torch import nn

from core.detectors.layers.blocks import SqueezeExcitation
from core.detectors.layers.heads import make_head
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.lfcc import Lfcc

__all__ = ["Cnn2dSe"]


def _double_block(c_in: int, c_out: int, reduction: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(),
        nn.Conv2d(c_out, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out),
        SqueezeExcitation(c_out, reduction=reduction), nn.ReLU(), nn.MaxPool2d(2),
    )  # fmt: skip


@NETWORKS.register("cnn2d-se")
class Cnn2dSe(Network):
    """Three double blocks that weigh their channels by the whole clip, then the mean over time.

    Squeeze-excitation as in the SE-ResNets of Lai et al. 2019 (ASSERT, arXiv:1904.01120). Static coefficients,
    deltas and delta-deltas are the three channels of one image.

    Parameters
    ----------
    normalisation : {'none', 'mean', 'mean_var'}
        Of the LFCC, per clip.
    channels : sequence of int
        Width of each block; each halves both axes.
    reduction : int
        Of the squeeze.
    dropout : float
        Before the last layer.
    head : {'linear', 'cosine', 'one-class'}
        The last layer.
    """

    def __init__(
        self, *, normalisation: str = "mean_var", channels: tuple[int, int, int] = (24, 48, 96),
        reduction: int = 16, dropout: float = 0.3, head: str = "linear",
    ) -> None:  # fmt: skip
        super().__init__()
        self.frontend = Lfcc(normalisation=normalisation)
        widths = [3, *channels]
        self.blocks = nn.Sequential(*[_double_block(a, b, reduction) for a, b in zip(widths, channels, strict=False)])
        self.blocks.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.drop = nn.Dropout(dropout)
        self.head = make_head(head, channels[-1] * (self.frontend.n_bins // 3 // 8))

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for the time-mean of the last map."""
        planes = features.unflatten(1, (3, -1)).contiguous(memory_format=torch.channels_last)
        embedding = self.blocks(planes).mean(-1).flatten(1)
        result: Output = self.head(self.drop(embedding))
        return result

    def cam(self) -> CamView:
        """The last block's map; it has a time axis, and a cepstral one that is not frequency."""
        return CamView(self.blocks, time_axis=3)
