"""A variational autoencoder of LFCC that knows bona fide speech only."""

import torch
from torch import nn
from torch.nn import functional

from core.detectors.network import NETWORKS
from core.detectors.zoo.cae_lfcc import CaeLfcc

__all__ = ["VaeLfcc"]


@NETWORKS.register("vae-lfcc")
class VaeLfcc(CaeLfcc):
    """The convolutional autoencoder with a Gaussian code in its middle (Kingma and Welling 2014, arXiv:1312.6114).

    The score is the error of what the code's mean rebuilds; nothing is drawn at random in evaluation mode.

    Parameters
    ----------
    n_lfcc, scored
        As in ``CaeLfcc``.
    code : int
        Channels of the code at each place of the bottleneck.
    kl_weight : float
        Of the Kullback-Leibler divergence from the standard normal, per value of the code.
    """

    def __init__(self, *, n_lfcc: int = 60, scored: str = "all", code: int = 16, kl_weight: float = 0.01) -> None:
        super().__init__(n_lfcc=n_lfcc, scored=scored)
        self.kl_weight = kl_weight
        self.to_code = nn.Conv2d(256, 2 * code, 1)
        self.from_code = nn.Conv2d(code, 256, 1)
        # It starts all but certain of its code: drowned in noise, the decoder would learn to do without.
        nn.init.constant_(self.to_code.bias[code:], -4.0)  # type: ignore[index]

    def reconstruct(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what the code's mean rebuilds [shape=(batch, frames, bins)], and the mean [batch, code, ...]."""
        bottleneck, sizes = self.encode(features)
        mean = self.to_code(bottleneck).chunk(2, dim=1)[0]
        return self.decode(torch.relu(self.from_code(mean)), sizes), mean

    def loss(self, features: torch.Tensor) -> torch.Tensor:
        """Return the negative evidence lower bound, its two terms each averaged over their values."""
        features = self.standardise(features)
        bottleneck, sizes = self.encode(features)
        mean, log_var = self.to_code(bottleneck).float().chunk(2, dim=1)
        log_var = log_var.clamp(-8, 8)
        drawn = mean + torch.randn_like(mean) * (log_var / 2).exp()
        rebuilt = self.decode(torch.relu(self.from_code(drawn)), sizes)
        divergence = 0.5 * (mean.square() + log_var.exp() - 1 - log_var).mean()
        return functional.mse_loss(rebuilt.float(), features) + self.kl_weight * divergence
