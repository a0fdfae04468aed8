"""AASIST and AASIST-L: graph attention on a raw-waveform encoder.

Jung et al., ICASSP 2022 (arXiv:2110.01200). Parameter names follow the published weights.
"""

from collections.abc import Sequence

import torch
from torch import nn

from core.detectors.layers.encoder import as_image, pooled_hz, residual_encoder
from core.detectors.layers.spectro_temporal import SpectroTemporalGraphs
from core.detectors.network import NETWORKS, CamView, Output
from core.frontends.sinc import MelSinc

__all__ = ["Aasist", "AasistL"]


@NETWORKS.register("aasist")
class Aasist(SpectroTemporalGraphs):
    """AASIST, 297,866 parameters; ``raw`` is the logit of class 1, as its authors score.

    Parameters
    ----------
    channels : sequence of int
        Channels of the encoder's first two and last four blocks.
    gat_dims : sequence of int
        Widths of the first and second graph layers.
    pool_ratios : sequence of float
        Share of nodes kept: spectral, temporal, and all heterogeneous pools.
    temperatures : sequence of float
        Of the spectral, temporal, and all heterogeneous attentions.
    window : int
        Samples of a window. The published weights were trained on 64,600; a network trained on shorter crops wants
        windows of their length, because its graph has a node for each stretch of time.
    """

    def __init__(
        self, *, channels: Sequence[int] = (32, 64), gat_dims: Sequence[int] = (64, 32),
        pool_ratios: Sequence[float] = (0.5, 0.7, 0.5), temperatures: Sequence[float] = (2.0, 2.0, 100.0),
        window: int = 64_600,
    ) -> None:  # fmt: skip
        super().__init__(
            nodes=23, width=channels[1], gat_dims=gat_dims, pool_ratios=pool_ratios, temperatures=temperatures
        )
        self.window = window
        self.frontend = MelSinc()
        self.first_bn = nn.BatchNorm2d(1)
        self.encoder = residual_encoder(channels)

    def classify(self, features: torch.Tensor) -> Output:
        """Return logits, the 160-dimensional hidden layer, and the logit of bona fide."""
        encoded = self.encoder(as_image(features.abs(), self.first_bn)).abs()
        return self.read(encoded.amax(3).mT, encoded.amax(2).mT)

    def cam(self) -> CamView:
        """The encoder's last map: 23 groups of sinc bands by 29 steps of time."""
        return CamView(self.encoder, time_axis=3, freq_axis=2, freqs_hz=pooled_hz(self.frontend.bins_hz or []))


@NETWORKS.register("aasist-l")
class AasistL(Aasist):
    """AASIST-L: the same with narrower layers, 85,306 parameters."""

    def __init__(
        self, *, channels: Sequence[int] = (32, 24), gat_dims: Sequence[int] = (24, 32),
        pool_ratios: Sequence[float] = (0.4, 0.5, 0.7), temperatures: Sequence[float] = (2.0, 2.0, 100.0),
        window: int = 64_600,
    ) -> None:  # fmt: skip
        super().__init__(
            channels=channels, gat_dims=gat_dims, pool_ratios=pool_ratios, temperatures=temperatures, window=window
        )
