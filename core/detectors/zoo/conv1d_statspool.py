"""A wide 1-D convolutional network over time with statistics pooling, on LFCC."""

import torch
from torch import nn

from core.detectors.layers.blocks import conv1d_block
from core.detectors.layers.heads import make_head
from core.detectors.layers.pooling import mean_and_std
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.lfcc import Lfcc

__all__ = ["Conv1dStatspool"]

_KERNELS, _DILATIONS, _POOLS = (5, 3, 3, 1), (1, 2, 3, 1), (2, 1, 1, 1)


@NETWORKS.register("conv1d-statspool")
class Conv1dStatspool(Network):
    """Four wide blocks over time whose frames lie ever further apart, then mean and deviation over time.

    A small x-vector network (Snyder et al., ICASSP 2018): a frame of the last map covers about 0.3 s, and how
    much it varies over the clip counts as much as what it is on average.

    Parameters
    ----------
    normalisation : {'none', 'mean', 'mean_var'}
        Of the LFCC, per clip.
    denoise : {'none', 'spectral-subtraction', 'wiener'}
        Of the waveform, before all else.
    channels : sequence of int
        Width of each block.
    dropout : float
        Before the last layer.
    head : {'linear', 'cosine', 'one-class'}
        The last layer.
    """

    def __init__(
        self, *, normalisation: str = "mean_var", denoise: str = "none",
        channels: tuple[int, int, int, int] = (256, 256, 256, 512), dropout: float = 0.3, head: str = "linear",
    ) -> None:  # fmt: skip
        super().__init__()
        self.frontend = Lfcc(normalisation=normalisation, denoise=denoise)
        widths = [self.frontend.n_bins, *channels]
        shapes = zip(widths, channels, _KERNELS, _DILATIONS, _POOLS, strict=False)
        self.blocks = nn.Sequential(*[conv1d_block(a, b, kernel=k, dilation=d, pool=p) for a, b, k, d, p in shapes])
        self.drop = nn.Dropout(dropout)
        self.head = make_head(head, 2 * channels[-1])

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for mean and deviation of the last map."""
        result: Output = self.head(self.drop(mean_and_std(self.blocks(features))))
        return result

    def cam(self) -> CamView:
        """The last block's map [shape=(batch, channels, time)]; its channels mix all coefficients."""
        return CamView(self.blocks, time_axis=2)
