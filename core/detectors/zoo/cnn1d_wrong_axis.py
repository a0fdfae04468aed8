"""A baseline: a 1-D convolution along the axis along which nothing repeats."""

import torch
from torch import nn

from core.audio.clip import SAMPLE_RATE
from core.detectors.layers.blocks import conv1d_block
from core.detectors.layers.heads import make_head
from core.detectors.network import NETWORKS, Network, Output
from core.frontends.lfcc import Lfcc

__all__ = ["Cnn1dWrongAxis"]


@NETWORKS.register("cnn1d-wrong-axis")
class Cnn1dWrongAxis(Network):
    """Convolutions along the LFCC axis, with the frames of exactly 3 s as channels.

    It fails for a reason. A channel has weights of its own, so that what was learnt of the frame at 1.0 s holds nothing
    of the one at 1.1 s; and a filter that slides over coefficients expects the second to behave like the twentieth,
    and a delta like a cepstrum. Speech repeats itself along time, along the other axis.

    The number of frames is part of the weights: what is longer is cut, what is shorter repeated.

    Parameters
    ----------
    normalisation : {'none', 'mean', 'mean_var'}
        Of the LFCC, per clip.
    channels : sequence of int
        Width of each block; each halves the cepstral axis.
    dropout : float
        Before the last layer.
    head : {'linear', 'cosine', 'one-class'}
        The last layer.
    """

    window = 3 * SAMPLE_RATE

    def __init__(
        self, *, normalisation: str = "mean_var", channels: tuple[int, int, int] = (128, 128, 128),
        dropout: float = 0.3, head: str = "linear",
    ) -> None:  # fmt: skip
        super().__init__()
        self.frontend = Lfcc(normalisation=normalisation)
        self.frames = 1 + round(self.window / SAMPLE_RATE / self.frontend.hop_s)
        widths = [self.frames, *channels]
        self.blocks = nn.Sequential(
            *[conv1d_block(a, b, kernel=5, pool=2) for a, b in zip(widths, channels, strict=False)]
        )
        self.drop = nn.Dropout(dropout)
        self.head = make_head(head, channels[-1])

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for the mean over the cepstral axis."""
        repeats = -(-self.frames // features.shape[-1])
        frames = features.repeat(1, 1, repeats)[..., : self.frames]
        result: Output = self.head(self.drop(self.blocks(frames.mT).mean(-1)))
        return result
