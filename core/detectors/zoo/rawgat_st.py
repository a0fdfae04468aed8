"""RawGAT-ST: spectral and temporal graph attention, fused by product, on a raw-waveform encoder.

Tak et al., ASVspoof workshop 2021 (arXiv:2107.12710). Parameter names follow the published weights.
"""

from typing import ClassVar

import torch
from torch import nn

from core.detectors.layers.encoder import ResidualBlock, as_image, pooled_hz, residual_encoder
from core.detectors.layers.graph import GraphAttention, GraphPool
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.sinc import MelSinc

__all__ = ["RawGatSt"]


class _Block(ResidualBlock):
    """The block whose first one adds its single channel to every output, and names its convolution ``conv_1``.

    The other blocks carry a ``conv_1`` too, which takes no part in the output.
    """

    def __init__(self, c_in: int, c_out: int, *, first: bool) -> None:
        super().__init__(c_out if first else c_in, c_out, first=first)
        self.conv_1 = nn.Conv2d(1, c_out, (2, 3), padding=(1, 1))
        self.first = first
        if first:
            del self.conv1

    def enter(self, x: torch.Tensor) -> torch.Tensor:
        entered: torch.Tensor = self.conv_1(x) if self.first else self.conv1(x)
        return entered


@NETWORKS.register("rawgat-st")
class RawGatSt(Network):
    """RawGAT-ST with fusion by product, 440,810 parameters, 5,056 of them unused; ``raw`` is the logit of class 1.

    Layers that project the nodes themselves fix their number, so that it takes 64,600 samples and no others.
    """

    window = 64_600
    fixed_length: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.frontend = MelSinc()
        self.first_bn = nn.BatchNorm2d(1)
        self.encoder1 = residual_encoder((32, 64), block=_Block)
        self.encoder2 = residual_encoder((32, 64), block=_Block)
        self.GAT_layer1, self.GAT_layer2 = GraphAttention(64, 32), GraphAttention(64, 32)
        self.pool1, self.pool2 = GraphPool(0.64, 32), GraphPool(0.81, 32)
        self.proj1, self.proj2 = nn.Linear(14, 12), nn.Linear(23, 12)
        self.GAT_layer3 = GraphAttention(32, 16)
        self.pool3 = GraphPool(0.64, 16)
        self.proj = nn.Linear(16, 1)
        self.proj_node = nn.Linear(7, 2)

    def classify(self, features: torch.Tensor) -> Output:
        """Return logits, the 7 values of the last graph's nodes, and the logit of bona fide."""
        image = as_image(features.abs(), self.first_bn)
        spectral = self.encoder1(image).abs().amax(3).mT
        temporal = self.encoder2(image).abs().amax(2).mT
        # The graph layers stay in full precision: attention over nearly equal nodes needs the digits.
        with torch.autocast(features.device.type, enabled=False):
            hidden = self._read(spectral.float(), temporal.float())
            logits = self.proj_node(hidden)
        return Output(logits[:, 1], hidden, logits)

    def last_layer(self) -> nn.Module:
        """Return the layer over the last graph's nodes."""
        return self.proj_node

    def _read(self, spectral: torch.Tensor, temporal: torch.Tensor) -> torch.Tensor:
        bands = self.proj1(self.pool1(self.GAT_layer1(spectral)).mT)
        steps = self.proj2(self.pool2(self.GAT_layer2(temporal)).mT)
        fused: torch.Tensor = self.proj(self.pool3(self.GAT_layer3((bands * steps).mT)))
        return fused.flatten(1)

    def cam(self) -> CamView:
        """The temporal encoder's last map: 23 groups of sinc bands by 29 steps of time."""
        return CamView(self.encoder2, time_axis=3, freq_axis=2, freqs_hz=pooled_hz(self.frontend.bins_hz or []))
