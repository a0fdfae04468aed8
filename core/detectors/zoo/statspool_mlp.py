"""A baseline: a perceptron on mean and deviation of each LFCC row."""

import torch
from torch import nn

from core.detectors.layers.blocks import perceptron
from core.detectors.layers.heads import make_head
from core.detectors.layers.pooling import mean_and_std
from core.detectors.network import NETWORKS, Network, Output
from core.frontends.lfcc import Lfcc

__all__ = ["StatspoolMlp"]


@NETWORKS.register("statspool-mlp")
class StatspoolMlp(Network):
    """Mean and standard deviation over time of each LFCC row, and a perceptron on them.

    It fails for a reason. The statistics are taken before anything was learnt: frames could be shuffled, and
    each coefficient be taken from another clip, without a change. What is left is the channel (the means) and how
    loud speech stands above the noise (the deviations); patterns that last a few frames are gone.

    Parameters
    ----------
    width : int
        Of both hidden layers; the second one is the embedding.
    dropout : float
        Before the last layer.
    head : {'linear', 'cosine', 'one-class'}
        The last layer.
    """

    def __init__(self, *, width: int = 128, dropout: float = 0.3, head: str = "linear") -> None:
        super().__init__()
        self.frontend = Lfcc(normalisation="none")
        self.layers = perceptron(2 * self.frontend.n_bins, width)
        self.drop = nn.Dropout(dropout)
        self.head = make_head(head, width)

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for the statistics of the frames."""
        result: Output = self.head(self.drop(self.layers(mean_and_std(features))))
        return result
