"""RawNet2 for anti-spoofing: residual blocks with filter-wise scaling on sinc bands, and a GRU over time.

Tak et al., ICASSP 2021 (arXiv:2011.01108), as in the ASVspoof 2021 baseline. Parameter names follow the published
weights.
"""

import itertools
from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.sinc import MelSinc

__all__ = ["RawNet2"]


class _Block(nn.Module):
    """Residual block on [batch, channels, time]; time shrinks to a third.

    The published network convolves the block's input itself, so that ``bn1`` takes no part in the output; it is kept
    because the published weights carry it.
    """

    def __init__(self, c_in: int, c_out: int, *, first: bool) -> None:
        super().__init__()
        if not first:
            self.bn1 = nn.BatchNorm1d(c_in)
        self.conv1 = nn.Conv1d(c_in, c_out, 3, padding=1)
        self.bn2 = nn.BatchNorm1d(c_out)
        self.conv2 = nn.Conv1d(c_out, c_out, 3, padding=1)
        if c_in != c_out:
            self.conv_downsample = nn.Conv1d(c_in, c_out, 1)
        self.downsample = c_in != c_out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.conv2(functional.leaky_relu(self.bn2(self.conv1(x)), 0.3))
        y = y + (self.conv_downsample(x) if self.downsample else x)
        return functional.max_pool1d(y, 3)


@NETWORKS.register("rawnet2")
class RawNet2(Network):
    """RawNet2, 17,621,410 parameters, nearly all of them in the GRU.

    ``raw`` is the difference of the two logits. The authors score by log-softmax output 1, which orders clips alike
    but flattens out towards 0; a difference can be calibrated.

    Parameters
    ----------
    channels : sequence of int
        Sinc filters, which are also the channels of the first two blocks; channels of the last four.
    gru_hidden, gru_layers : int
        Width and depth of the GRU; the embedding is as wide.
    window : int
        Samples of a window; the published weights were trained on 64,600.
    """

    def __init__(
        self, *, channels: Sequence[int] = (20, 128), gru_hidden: int = 1024, gru_layers: int = 3, window: int = 64_600
    ) -> None:
        super().__init__()
        self.window = window
        narrow, wide = channels
        self.frontend = MelSinc(n_filters=narrow, length=1024)
        self.first_bn = nn.BatchNorm1d(narrow)
        widths = [narrow] * 3 + [wide] * 4
        self.stages = range(len(widths) - 1)
        for stage, (a, b) in enumerate(itertools.pairwise(widths)):
            self.add_module(f"block{stage}", nn.Sequential(_Block(a, b, first=stage == 0)))
            self.add_module(f"fc_attention{stage}", nn.Sequential(nn.Linear(b, b)))
        self.bn_before_gru = nn.BatchNorm1d(wide)
        self.gru = nn.GRU(wide, gru_hidden, gru_layers, batch_first=True)
        self.fc1_gru = nn.Linear(gru_hidden, gru_hidden)
        self.fc2_gru = nn.Linear(gru_hidden, 2)

    def classify(self, features: torch.Tensor) -> Output:
        """Return logits, the embedding of the GRU's last step, and the log odds of bona fide."""
        x = functional.selu(self.first_bn(functional.max_pool1d(features.abs(), 3)))
        for stage in self.stages:
            x = self.get_submodule(f"block{stage}")(x)
            scale = torch.sigmoid(self.get_submodule(f"fc_attention{stage}")(x.mean(2)))[:, :, None]
            x = x * scale + scale
        steps, _ = self.gru(functional.selu(self.bn_before_gru(x)).transpose(1, 2))
        embedding = self.fc1_gru(steps[:, -1])
        logits = self.fc2_gru(embedding).float()
        return Output(logits[:, 1] - logits[:, 0], embedding, logits)

    def last_layer(self) -> nn.Module:
        """Return the layer that gives the logits."""
        return self.fc2_gru

    def cam(self) -> CamView:
        """What the GRU is given: one step is 2,187 samples; the channels are no frequencies."""
        return CamView(self.bn_before_gru, time_axis=2)
