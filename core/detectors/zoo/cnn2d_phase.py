"""A 2-D convolutional network on the derivatives of the phase, without the magnitude that the others use."""

import torch
from torch import nn

from core.detectors.layers.blocks import conv1d_block, conv2d_block, strided_stem
from core.detectors.layers.heads import make_head
from core.detectors.layers.pooling import mean_and_std
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.phase import PhaseDerivatives

__all__ = ["Cnn2dPhase"]


@NETWORKS.register("cnn2d-phase")
class Cnn2dPhase(Network):
    """Instantaneous frequency and group delay as two planes; frames projected, mean and deviation over time.

    Vocoders invent the phase, or rebuild it from the magnitude; neither gives the phase of a larynx.

    Parameters
    ----------
    n_fft, window, hop : int
        Of the transform, in samples at 16 kHz.
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
        self, *, n_fft: int = 512, window: int = 320, hop: int = 160, channels: tuple[int, int, int] = (32, 64, 96),
        projection: int = 128, dropout: float = 0.3, head: str = "linear",
    ) -> None:  # fmt: skip
        super().__init__()
        self.frontend = frontend = PhaseDerivatives(n_fft=n_fft, window=window, hop=hop)
        self.plane_hz = frontend.plane_hz
        first, middle, last = channels
        self.blocks = nn.Sequential(
            strided_stem(2, first), conv2d_block(first, middle, pool=(2, 2)), conv2d_block(middle, last, pool=(2, 2))
        )
        self.blocks.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.project = conv1d_block(last * (self.frontend.n_bins // 2 // 8), projection, kernel=1)
        self.drop = nn.Dropout(dropout)
        self.head = make_head(head, 2 * projection)

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for mean and deviation of the projected frames."""
        planes = features.unflatten(1, (2, -1)).contiguous(memory_format=torch.channels_last)
        frames = self.project(self.blocks(planes).flatten(1, 2))
        result: Output = self.head(self.drop(mean_and_std(frames)))
        return result

    def cam(self) -> CamView:
        """The last block's map: time, and frequency in steps of eight bins."""
        middles = [sum(self.plane_hz[i : i + 8]) / 8 for i in range(0, len(self.plane_hz), 8)]
        return CamView(self.blocks, time_axis=3, freq_axis=2, freqs_hz=middles)
