"""A small 2-D convolutional network on LFCC that keeps how much its features vary, not only where they lie."""

from typing import Any

import torch
from torch import nn

from core.detectors.layers.blocks import conv1d_block, conv2d_block
from core.detectors.layers.heads import make_head
from core.detectors.layers.pooling import mean_and_std
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.lfcc import Lfcc

__all__ = ["Cnn2dStatspool"]


@NETWORKS.register("cnn2d-statspool")
class Cnn2dStatspool(Network):
    """Three blocks, each frame projected to a short vector, then mean and deviation over time: 256 values a clip.

    Static coefficients, deltas and delta-deltas are the three channels of one image, so that a filter sees a
    coefficient and its movement together. The projection mixes all cepstra of a frame, but no two frames.

    Parameters
    ----------
    normalisation : {'none', 'mean', 'mean_var'}
        Of the LFCC, per clip.
    lfcc : dict, optional
        Other settings of the front-end: window, hop, n_fft, n_filter, n_lfcc, denoise (core/frontends/lfcc.py).
    kernel : int
        Side of the convolutions, odd.
    channels : sequence of int
        Width of each block; each halves both axes.
    projection : int
        Values a frame, of which mean and deviation are taken.
    dropout : float
        Before the last layer.
    head : {'linear', 'cosine', 'one-class'}
        The last layer.
    """

    def __init__(
        self, *, normalisation: str = "mean_var", lfcc: dict[str, Any] | None = None, kernel: int = 3,
        channels: tuple[int, int, int] = (32, 64, 96), projection: int = 128, dropout: float = 0.3,
        head: str = "linear",
    ) -> None:  # fmt: skip
        super().__init__()
        self.frontend = Lfcc(normalisation=normalisation, **(lfcc or {}))
        widths = [3, *channels]
        self.blocks = nn.Sequential(
            *[conv2d_block(a, b, kernel=kernel, pool=(2, 2)) for a, b in zip(widths, channels, strict=False)]
        )
        self.blocks.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.project = conv1d_block(channels[-1] * (self.frontend.n_bins // 3 // 8), projection, kernel=1)
        self.drop = nn.Dropout(dropout)
        self.head = make_head(head, 2 * projection)

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for mean and deviation of the projected frames."""
        planes = features.unflatten(1, (3, -1)).contiguous(memory_format=torch.channels_last)
        frames = self.project(self.blocks(planes).flatten(1, 2))
        result: Output = self.head(self.drop(mean_and_std(frames)))
        return result

    def cam(self) -> CamView:
        """The last block's map; it has a time axis, and a cepstral one that is not frequency."""
        return CamView(self.blocks, time_axis=3)
