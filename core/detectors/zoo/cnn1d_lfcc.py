"""A 1-D convolutional network over time, with the rows of the LFCC as its channels."""

import torch
from torch import nn

from core.detectors.layers.blocks import conv1d_block
from core.detectors.layers.heads import make_head
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.lfcc import Lfcc

__all__ = ["Cnn1dLfcc"]


@NETWORKS.register("cnn1d-lfcc")
class Cnn1dLfcc(Network):
    """Three blocks over time, then the mean over time: 128 values a clip.

    Every filter sees all 180 rows at once: no neighbourhood of coefficients is assumed, only one of frames.

    Parameters
    ----------
    normalisation : {'none', 'mean', 'mean_var'}
        Of the LFCC, per clip.
    channels : sequence of int
        Width of each block; each halves the number of frames.
    kernel : int
        Frames that a filter sees.
    dropout : float
        Before the last layer.
    head : {'linear', 'cosine', 'one-class'}
        The last layer.
    """

    def __init__(
        self, *, normalisation: str = "mean_var", channels: tuple[int, int, int] = (128, 128, 128), kernel: int = 5,
        dropout: float = 0.3, head: str = "linear",
    ) -> None:  # fmt: skip
        super().__init__()
        self.frontend = Lfcc(normalisation=normalisation)
        widths = [self.frontend.n_bins, *channels]
        self.blocks = nn.Sequential(
            *[conv1d_block(a, b, kernel=kernel, pool=2) for a, b in zip(widths, channels, strict=False)]
        )
        self.drop = nn.Dropout(dropout)
        self.head = make_head(head, channels[-1])

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for the time-mean of the last map."""
        result: Output = self.head(self.drop(self.blocks(features).mean(-1)))
        return result

    def cam(self) -> CamView:
        """The last block's map [shape=(batch, channels, time)]; its channels mix all coefficients."""
        return CamView(self.blocks, time_axis=2)
