"""RawNet3: multi-scale convolutions on learnt sinc bands of the raw waveform, pooled by attention.

Jung et al., Interspeech 2022 (arXiv:2203.08488); for spoofs with the stride of Kawa et al., Interspeech 2023
(arXiv:2306.01428).
"""

import torch
from torch import nn
from torch.nn import functional

from core.detectors.layers.heads import make_head
from core.detectors.layers.res2 import AttentiveStatistics, res2_stack
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.analytic_sinc import AnalyticSinc

__all__ = ["RawNet3"]


class _Block(nn.Module):
    """Residual block that shortens time by ``pool``, its channels shifted by a learnt constant and scaled."""

    def __init__(self, c_in: int, c_out: int, *, dilation: int, pool: int) -> None:
        super().__init__()
        self.convolve = res2_stack(c_in, c_out, dilation=dilation)
        self.shortcut = nn.Identity() if c_in == c_out else nn.Conv1d(c_in, c_out, 1, bias=False)
        self.alpha = nn.Parameter(torch.ones(c_out, 1))
        self.gate = nn.Linear(c_out, c_out)
        self.pool = pool

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.max_pool1d(self.convolve(x) + self.shortcut(x), self.pool)
        return (y + self.alpha) * torch.sigmoid(self.gate(y.mean(2)))[:, :, None]


@NETWORKS.register("rawnet3")
class RawNet3(Network):
    """RawNet3 of 1,024 channels: 15,495,683 parameters with one output.

    The authors' own code counts 514 more, of two batch normalisations that it makes and never uses.

    Parameters
    ----------
    channels : int
        Width of the blocks, a multiple of 8; the filters are a quarter of them, the pooled embedding three times.
    stride : int
        Samples between the filters' outputs.
    head : {'linear', 'cosine', 'one-class'}
        The last layer, as the loss wants it.
    """

    def __init__(self, *, channels: int = 1024, stride: int = 10, head: str = "linear") -> None:
        super().__init__()
        self.frontend = AnalyticSinc(n_filters=channels // 4, stride=stride)
        wide = channels * 3 // 2
        self.block1 = _Block(channels // 4, channels, dilation=2, pool=5)
        self.block2 = _Block(channels, channels, dilation=3, pool=3)
        self.block3 = _Block(channels, channels, dilation=4, pool=1)
        self.aggregate = nn.Sequential(nn.Conv1d(3 * channels, wide, 1), nn.ReLU())
        self.pool = AttentiveStatistics(wide, tanh=False)
        self.norm = nn.BatchNorm1d(2 * wide)
        self.head = make_head(head, 2 * wide)

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for the pooled mean and deviation."""
        first = self.block1(features)
        second = self.block2(first)
        first = functional.max_pool1d(first, 3)
        third = self.block3(first + second)
        frames = self.aggregate(torch.cat([first, second, third], dim=1))
        result: Output = self.head(self.norm(self.pool(frames)))
        return result

    def cam(self) -> CamView:
        """The aggregated frames, one every 15 strides; their channels are no frequencies."""
        return CamView(self.aggregate, time_axis=2)
