"""Pooling over time: a map of any length becomes a vector of one length."""

import torch
from torch import nn

__all__ = ["AttentivePooling", "mean_and_std"]

# Keeps the gradient of the root finite where nothing varies (silence, a single frame).
_SMALLEST_VARIANCE = 1e-6


def mean_and_std(x: torch.Tensor, weights: torch.Tensor | None = None) -> torch.Tensor:
    """Return mean and standard deviation over time, in full precision.

    Snyder et al., "X-vectors", ICASSP 2018; weighted: Okabe, Koshinaka and Shinoda, Interspeech 2018.

    Parameters
    ----------
    x : Tensor [shape=(batch, d, time)]
    weights : Tensor [shape=(batch, 1, time) or (batch, d, time)], optional
        Of each frame, summing to one; equal where absent.

    Returns
    -------
    Tensor [shape=(batch, 2 * d), float32]
    """
    x = x.float()
    if weights is None:
        mean = x.mean(-1)
        variance = (x - mean[..., None]).square().mean(-1)
    else:
        mean = (weights * x).sum(-1)
        variance = (weights * (x - mean[..., None]).square()).sum(-1)
    return torch.cat([mean, (variance + _SMALLEST_VARIANCE).sqrt()], dim=1)


class AttentivePooling(nn.Module):
    """Mean and standard deviation over time, each frame weighted by how well it fits one learned direction.

    The weights are the softmax of tanh(x . a), as in the countermeasure of Zhang et al. 2021 (arXiv:2010.13995).
    """

    def __init__(self, d: int) -> None:
        super().__init__()
        self.direction = nn.Parameter(nn.init.kaiming_uniform_(torch.empty(1, d)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the statistics [shape=(batch, 2 * d)] of frames [shape=(batch, d, time)]."""
        fit = torch.tanh(torch.einsum("d,bdt->bt", self.direction[0], x).float())
        return mean_and_std(x, torch.softmax(fit, dim=-1)[:, None])
