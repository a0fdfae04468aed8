"""What AASIST and its relatives end in: two kinds of nodes, four heterogeneous layers, two logits.

Jung et al., ICASSP 2022 (arXiv:2110.01200). Parameter names follow the published weights.
"""

from collections.abc import Sequence

import torch
from torch import nn

from core.detectors.layers.graph import GraphAttention, GraphPool, HeterogeneousGraphAttention
from core.detectors.network import Network, Output

__all__ = ["SpectroTemporalGraphs"]


class SpectroTemporalGraphs(Network):
    """A network that ends in AASIST's graphs; ``raw`` is the logit of class 1, as its authors score.

    Parameters
    ----------
    nodes, width : int
        Spectral nodes, whose places are learnt, and the width of both kinds of nodes.
    gat_dims : sequence of int
        Widths of the first and second graph layers.
    pool_ratios : sequence of float
        Share of nodes kept: spectral, temporal, and all heterogeneous pools.
    temperatures : sequence of float
        Of the spectral, temporal, and all heterogeneous attentions.
    """

    def __init__(
        self, *, nodes: int, width: int, gat_dims: Sequence[int], pool_ratios: Sequence[float],
        temperatures: Sequence[float],
    ) -> None:  # fmt: skip
        super().__init__()
        d1, d2 = gat_dims
        self.pos_S = nn.Parameter(torch.randn(1, nodes, width))
        self.master1 = nn.Parameter(torch.randn(1, 1, d1))
        self.master2 = nn.Parameter(torch.randn(1, 1, d1))
        self.GAT_layer_S = GraphAttention(width, d1, temperature=temperatures[0])
        self.GAT_layer_T = GraphAttention(width, d1, temperature=temperatures[1])
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

    def last_layer(self) -> nn.Module:
        """Return the layer after the graphs."""
        return self.out_layer

    def read(self, spectral: torch.Tensor, temporal: torch.Tensor) -> Output:
        """Return logits, the hidden layer, and the logit of bona fide, of nodes [shape=(batch, nodes, width)]."""
        # The graph layers stay in full precision: softmax over nodes at temperature 100 needs the digits.
        with torch.autocast(spectral.device.type, enabled=False):
            hidden = self.drop(self._hidden(spectral.float(), temporal.float()))
            logits = self.out_layer(hidden)
        return Output(logits[:, 1], hidden, logits)

    def _hidden(self, spectral: torch.Tensor, temporal: torch.Tensor) -> torch.Tensor:
        spectral = self.pool_S(self.GAT_layer_S(spectral + self.pos_S))
        temporal = self.pool_T(self.GAT_layer_T(temporal))
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
