"""The last layer of a network: an embedding becomes scores, in the geometry that its loss wants."""

import torch
from torch import nn
from torch.nn import functional

from core.detectors.network import Output

__all__ = ["CosineHead", "LinearHead", "OneClassHead", "make_head", "mean_of_cells"]


class LinearHead(nn.Module):
    """Two logits and their difference, the log odds of bona fide: for cross-entropy and focal loss."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.linear = nn.Linear(d, 2)

    def forward(self, embedding: torch.Tensor) -> Output:
        """Return the output for embeddings [shape=(batch, d)]."""
        logits = self.linear(embedding).float()
        return Output(logits[:, 1] - logits[:, 0], embedding, logits)


class CosineHead(nn.Module):
    """Cosines to one direction a class, times a scale: for AM-Softmax (Wang et al. 2018, arXiv:1801.05599)."""

    def __init__(self, d: int, *, scale: float = 20.0) -> None:
        super().__init__()
        self.directions = nn.Parameter(nn.init.xavier_uniform_(torch.empty(2, d)))
        self.scale = scale

    def forward(self, embedding: torch.Tensor) -> Output:
        """Return the output for embeddings [shape=(batch, d)]."""
        cosines = functional.linear(functional.normalize(embedding.float()), functional.normalize(self.directions))
        logits = self.scale * cosines
        return Output(logits[:, 1] - logits[:, 0], embedding, logits)


class OneClassHead(nn.Module):
    """Cosine to the one direction of bona fide speech: for OC-Softmax (Zhang et al. 2021, arXiv:2010.13995)."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.direction = nn.Parameter(nn.init.kaiming_uniform_(torch.empty(1, d), 0.25))

    def forward(self, embedding: torch.Tensor) -> Output:
        """Return the output for embeddings [shape=(batch, d)]; it is one number, so there are no logits."""
        cosine = functional.linear(functional.normalize(embedding.float()), functional.normalize(self.direction))
        return Output(cosine[:, 0], embedding, None)


_HEADS: dict[str, type[nn.Module]] = {"linear": LinearHead, "cosine": CosineHead, "one-class": OneClassHead}


def make_head(kind: str, d: int) -> nn.Module:
    """Return a head for embeddings of ``d`` values: 'linear', 'cosine' or 'one-class'.

    Raises
    ------
    ValueError
        When there is no such head.
    """
    if kind not in _HEADS:
        raise ValueError(f"There is no head {kind!r}; there are: {', '.join(_HEADS)}.")
    return _HEADS[kind](d)


def mean_of_cells(head: LinearHead, maps: torch.Tensor) -> Output:
    """Return the output for the mean over a map [shape=(batch, channels, bands, steps)], and that for each place."""
    output: Output = head(maps.mean((2, 3)))
    places = maps.movedim(1, -1)
    local: Output = head(places.flatten(0, 2))
    return output._replace(cells=local.raw.reshape(places.shape[:3]))
