"""The light CNN on LFCC, averaged over time."""

import torch

from core.detectors.layers.heads import make_head
from core.detectors.layers.lcnn import lcnn_trunk
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.lfcc import Lfcc

__all__ = ["LcnnLfcc"]


@NETWORKS.register("lcnn-lfcc")
class LcnnLfcc(Network):
    """Nine max-feature-map convolutions on 20 LFCC, deltas and delta-deltas, then the mean over time: 96 values.

    The convolutions are those of the published LFCC-LCNN (Wang and Yamagishi, Interspeech 2021, arXiv:2103.11326);
    in place of its two recurrent layers stands the mean over time, which costs nothing.

    Parameters
    ----------
    normalisation : {'none', 'mean', 'mean_var'}
        Of the LFCC, per clip.
    n_lfcc : int
        Static coefficients, and filters.
    dropout : float
        Of the last map; published: 0.7.
    head : {'linear', 'cosine', 'one-class'}
        The last layer.
    """

    def __init__(
        self, *, normalisation: str = "mean_var", n_lfcc: int = 20, dropout: float = 0.5, head: str = "linear"
    ) -> None:
        super().__init__()
        self.frontend = Lfcc(n_lfcc=n_lfcc, n_filter=n_lfcc, normalisation=normalisation)
        self.trunk = lcnn_trunk(dropout=dropout)
        self.trunk.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.head = make_head(head, 32 * (self.frontend.n_bins // 16))

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for the time-mean of the last map."""
        result: Output = self.head(self.trunk(features[:, None]).mean(-1).flatten(1))
        return result

    def cam(self) -> CamView:
        """The last map; it has a time axis, and a cepstral one that is not frequency."""
        return CamView(self.trunk, time_axis=3)
