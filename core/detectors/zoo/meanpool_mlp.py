"""A baseline: a perceptron on the mean LFCC of a clip."""

import torch
from torch import nn

from core.detectors.layers.blocks import perceptron
from core.detectors.layers.heads import make_head
from core.detectors.network import NETWORKS, Network, Output
from core.frontends.lfcc import Lfcc

__all__ = ["MeanpoolMlp"]


@NETWORKS.register("meanpool-mlp")
class MeanpoolMlp(Network):
    """The mean over time of LFCC that are not normalised over time, and a perceptron on it.

    It fails for a reason. The mean of a cepstrum is the long-term spectrum: the stationary channel (microphone, room,
    codec) as much as the voice, and just what normalisation over time takes away; normalised, nothing would be left.
    The means of the differences are close to zero whatever was said. So it learns recordings, not spoofing.

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
        self.layers = perceptron(self.frontend.n_bins, width)
        self.drop = nn.Dropout(dropout)
        self.head = make_head(head, width)

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for the mean frame."""
        result: Output = self.head(self.drop(self.layers(features.mean(-1))))
        return result
