"""A small 2-D convolutional network on the log-mel spectrogram."""

import torch
from torch import nn
from torch.nn import functional

from core.detectors.layers.blocks import conv2d_block
from core.detectors.layers.heads import make_head
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.logmel import LogMel

__all__ = ["Cnn2dMel"]

_SHRINK = 2


@NETWORKS.register("cnn2d-mel")
class Cnn2dMel(Network):
    """Four blocks, the first three halving both axes, then the mean over time: a vector for each of 12 wide bands.

    Along a mel axis neighbours resemble each other, so it may be pooled; but an artefact at 7 kHz is not one at
    500 Hz, so it is never averaged away.

    Parameters
    ----------
    normalisation : {'none', 'mean', 'mean_var'}
        Of the log-mel bands, per clip.
    n_mels : int
        Mel bands.
    channels : sequence of int
        Width of each block.
    dropout : float
        Before the last layer.
    head : {'linear', 'cosine', 'one-class'}
        The last layer.
    """

    def __init__(
        self, *, normalisation: str = "mean_var", n_mels: int = 96,
        channels: tuple[int, int, int, int] = (16, 32, 64, 64), dropout: float = 0.3, head: str = "linear",
    ) -> None:  # fmt: skip
        super().__init__()
        self.frontend = LogMel(n_mels=n_mels, normalisation=normalisation)
        widths, pools = [1, *channels], (_SHRINK, _SHRINK, _SHRINK, 1)
        shapes = zip(widths, channels, pools, strict=False)
        self.blocks = nn.Sequential(*[conv2d_block(a, b, pool=(p, p)) for a, b, p in shapes])
        self.blocks.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.drop = nn.Dropout(dropout)
        self.head = make_head(head, channels[-1] * (n_mels // _SHRINK**3))

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for the time-mean of each band."""
        embedding = self.blocks(features[:, None]).mean(-1).flatten(1)
        result: Output = self.head(self.drop(embedding))
        return result

    def cam(self) -> CamView:
        """The last block's map, along time and frequency."""
        bins = torch.tensor(self.frontend.bins_hz)[None]
        rows = functional.avg_pool1d(bins, _SHRINK**3)[0]
        return CamView(self.blocks, time_axis=3, freq_axis=2, freqs_hz=rows.tolist())
