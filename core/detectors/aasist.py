"""AASIST and AASIST-L: graph attention on a raw-waveform encoder.

Jung et al., ICASSP 2022 (arXiv:2110.01200). Parameter names follow the published weights.
"""

from collections.abc import Sequence

import torch
from torch import nn

from core.detectors.base import NETWORKS, CamView, Network, Output
from core.detectors.layers.encoder import as_image, pooled_hz, residual_encoder
from core.detectors.layers.graph import GraphAttention, GraphPool, HeterogeneousGraphAttention
from core.frontends.sinc import MelSinc

__all__ = ["Aasist", "AasistL"]


@NETWORKS.register("aasist")
class Aasist(Network):
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
        Samples heard at once. The published weights were taught on 64,600; a network taught on shorter crops wants
        windows of their length, because its graph has a node for each stretch of time.
    """

    def __init__(
        self, *, channels: Sequence[int] = (32, 64), gat_dims: Sequence[int] = (64, 32),
        pool_ratios: Sequence[float] = (0.5, 0.7, 0.5), temperatures: Sequence[float] = (2.0, 2.0, 100.0),
        window: int = 64_600,
    ) -> None:  # fmt: skip
        super().__init__()
        self.window = window
        self.frontend = MelSinc()
        wide = channels[1]
        d1, d2 = gat_dims
        self.first_bn = nn.BatchNorm2d(1)
        self.encoder = residual_encoder(channels)
        self.pos_S = nn.Parameter(torch.randn(1, 23, wide))
        self.master1 = nn.Parameter(torch.randn(1, 1, d1))
        self.master2 = nn.Parameter(torch.randn(1, 1, d1))
        self.GAT_layer_S = GraphAttention(wide, d1, temperature=temperatures[0])
        self.GAT_layer_T = GraphAttention(wide, d1, temperature=temperatures[1])
        self.pool_S = GraphPool(pool_ratios[0], d1)
        self.pool_T = GraphPool(pool_ratios[1], d1)
        hot = temperatures[2]
        self.HtrgGAT_layer_ST11 = HeterogeneousGraphAttention(d1, d2, temperature=hot)
        self.HtrgGAT_layer_ST12 = HeterogeneousGraphAttention(d2, d2, temperature=hot)
        self.HtrgGAT_layer_ST21 = HeterogeneousGraphAttention(d1, d2, temperature=hot)
        self.HtrgGAT_layer_ST22 = HeterogeneousGraphAttention(d2, d2, temperature=hot)
        self.pool_hS1, self.pool_hT1 = GraphPool(pool_ratios[2], d2), GraphPool(pool_ratios[2], d2)
        self.pool_hS2, self.pool_hT2 = GraphPool(pool_ratios[2], d2), GraphPool(pool_ratios[2], d2)
        self.drop_way, self.drop = nn.Dropout(0.2), nn.Dropout(0.5)
        self.out_layer = nn.Linear(5 * d2, 2)

    def classify(self, features: torch.Tensor) -> Output:
        """Return logits, the 160-dimensional hidden layer, and the logit of bona fide."""
        encoded = self.encoder(as_image(features.abs(), self.first_bn)).abs()
        # The graph layers stay in full precision: softmax over nodes at temperature 100 needs the digits.
        with torch.autocast(encoded.device.type, enabled=False):
            hidden = self.drop(self._read(encoded.float()))
            logits = self.out_layer(hidden)
        return Output(logits[:, 1], hidden, logits)

    def _read(self, encoded: torch.Tensor) -> torch.Tensor:
        spectral = self.pool_S(self.GAT_layer_S(encoded.amax(3).transpose(1, 2) + self.pos_S))
        temporal = self.pool_T(self.GAT_layer_T(encoded.amax(2).transpose(1, 2)))
        one = self._branch(
            temporal, spectral, self.master1,
            (self.HtrgGAT_layer_ST11, self.HtrgGAT_layer_ST12), (self.pool_hT1, self.pool_hS1),
        )  # fmt: skip
        two = self._branch(
            temporal, spectral, self.master2,
            (self.HtrgGAT_layer_ST21, self.HtrgGAT_layer_ST22), (self.pool_hT2, self.pool_hS2),
        )  # fmt: skip
        t, s, m = (torch.maximum(self.drop_way(a), self.drop_way(b)) for a, b in zip(one, two, strict=True))
        return torch.cat([t.abs().amax(1), t.mean(1), s.abs().amax(1), s.mean(1), m[:, 0]], dim=1)

    @staticmethod
    def _branch(
        temporal: torch.Tensor, spectral: torch.Tensor, master: torch.Tensor,
        layers: tuple[nn.Module, nn.Module], pools: tuple[nn.Module, nn.Module],
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:  # fmt: skip
        t, s, m = layers[0](temporal, spectral, master.expand(len(temporal), -1, -1))
        t, s = pools[0](t), pools[1](s)
        t_more, s_more, m_more = layers[1](t, s, m)
        return t + t_more, s + s_more, m + m_more

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
