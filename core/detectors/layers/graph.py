"""Graph attention for AASIST and RawGAT-ST: layers over spectral and temporal nodes, and the pooling between them.

Jung et al., "AASIST: Audio Anti-Spoofing using Integrated Spectro-Temporal Graph Attention Networks", ICASSP 2022
(arXiv:2110.01200). Parameter names follow the published weights, so that these can be loaded.
"""

import torch
from torch import nn
from torch.nn import functional

__all__ = ["GraphAttention", "GraphPool", "HeterogeneousGraphAttention"]


def _weight(size: int) -> nn.Parameter:
    return nn.Parameter(nn.init.xavier_normal_(torch.empty(size, 1)))


def _norm_nodes(norm: nn.BatchNorm1d, nodes: torch.Tensor) -> torch.Tensor:
    """Batch normalisation of [batch, nodes, features] over all nodes."""
    result: torch.Tensor = norm(nodes.flatten(0, 1)).view_as(nodes)
    return result


class GraphAttention(nn.Module):
    """Attention among nodes of one kind: [batch, nodes, d_in] becomes [batch, nodes, d_out]."""

    def __init__(self, d_in: int, d_out: int, *, temperature: float = 1.0) -> None:
        super().__init__()
        self.att_proj = nn.Linear(d_in, d_out)
        self.att_weight = _weight(d_out)
        self.proj_with_att = nn.Linear(d_in, d_out)
        self.proj_without_att = nn.Linear(d_in, d_out)
        self.bn = nn.BatchNorm1d(d_out)
        self.input_drop = nn.Dropout(0.2)
        self.temperature = temperature

    def forward(self, nodes: torch.Tensor) -> torch.Tensor:
        """Return the updated nodes."""
        nodes = self.input_drop(nodes)
        pairs = torch.tanh(self.att_proj(nodes[:, :, None] * nodes[:, None, :]))
        attention = torch.softmax((pairs @ self.att_weight)[..., 0] / self.temperature, dim=-1)
        nodes = self.proj_with_att(attention @ nodes) + self.proj_without_att(nodes)
        return functional.selu(_norm_nodes(self.bn, nodes))


class GraphPool(nn.Module):
    """Keep the share ``ratio`` of the nodes with the highest learned score, in descending order of it."""

    def __init__(self, ratio: float, d: int) -> None:
        super().__init__()
        self.proj = nn.Linear(d, 1)
        self.drop = nn.Dropout(0.3)
        self.ratio = ratio

    def forward(self, nodes: torch.Tensor) -> torch.Tensor:
        """Return the kept nodes [shape=(batch, k, d)], each weighted by its score."""
        scores = torch.sigmoid(self.proj(self.drop(nodes)))
        keep = max(int(nodes.shape[1] * self.ratio), 1)
        index = scores.topk(keep, dim=1).indices.expand(-1, -1, nodes.shape[2])
        return torch.gather(nodes * scores, 1, index)


class HeterogeneousGraphAttention(nn.Module):
    """Attention among temporal and spectral nodes together, with a master node that attends to all of them."""

    def __init__(self, d_in: int, d_out: int, *, temperature: float) -> None:
        super().__init__()
        self.proj_type1 = nn.Linear(d_in, d_in)
        self.proj_type2 = nn.Linear(d_in, d_in)
        self.att_proj = nn.Linear(d_in, d_out)
        self.att_projM = nn.Linear(d_in, d_out)
        self.att_weight11 = _weight(d_out)
        self.att_weight22 = _weight(d_out)
        self.att_weight12 = _weight(d_out)
        self.att_weightM = _weight(d_out)
        self.proj_with_att = nn.Linear(d_in, d_out)
        self.proj_without_att = nn.Linear(d_in, d_out)
        self.proj_with_attM = nn.Linear(d_in, d_out)
        self.proj_without_attM = nn.Linear(d_in, d_out)
        self.bn = nn.BatchNorm1d(d_out)
        self.input_drop = nn.Dropout(0.2)
        self.temperature = temperature

    def forward(
        self, temporal: torch.Tensor, spectral: torch.Tensor, master: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the updated temporal nodes, spectral nodes and master [shape=(batch, 1, d_out)]."""
        n = temporal.shape[1]
        nodes = self.input_drop(torch.cat([self.proj_type1(temporal), self.proj_type2(spectral)], dim=1))
        attention = self._attention(nodes, n)
        master = self._attend(nodes, master)
        nodes = self.proj_with_att(attention @ nodes) + self.proj_without_att(nodes)
        nodes = functional.selu(_norm_nodes(self.bn, nodes))
        return nodes[:, :n], nodes[:, n:], master

    def _attention(self, nodes: torch.Tensor, n: int) -> torch.Tensor:
        pairs = torch.tanh(self.att_proj(nodes[:, :, None] * nodes[:, None, :]))
        top = torch.cat([pairs[:, :n, :n] @ self.att_weight11, pairs[:, :n, n:] @ self.att_weight12], dim=2)
        bottom = torch.cat([pairs[:, n:, :n] @ self.att_weight12, pairs[:, n:, n:] @ self.att_weight22], dim=2)
        return torch.softmax(torch.cat([top, bottom], dim=1)[..., 0] / self.temperature, dim=-1)

    def _attend(self, nodes: torch.Tensor, master: torch.Tensor) -> torch.Tensor:
        scores = torch.tanh(self.att_projM(nodes * master)) @ self.att_weightM
        attention = torch.softmax(scores / self.temperature, dim=1).transpose(1, 2)
        result: torch.Tensor = self.proj_with_attM(attention @ nodes) + self.proj_without_attM(master)
        return result
