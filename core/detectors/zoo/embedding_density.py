"""How usual an embedding is among those of bona fide speech: one-class detectors on top of any other."""

import copy
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from core.detectors.layers.density import GaussianMixture, OneClassSvm
from core.detectors.network import NETWORKS, Network, Output

__all__ = ["EmbeddingGmm", "EmbeddingSvm"]


class _EmbeddingDensity(Network):
    """Embeddings of another network, standardised and rotated to their main directions, under a density.

    The other network was trained on both classes; the density knows bona fide speech alone. ``start_from`` takes the
    other network's weights.
    """

    density: GaussianMixture | OneClassSvm

    def __init__(self, base: str, base_hyperparameters: dict[str, Any] | None, n_directions: int) -> None:
        super().__init__()
        self.base = NETWORKS.get(base)(**(base_hyperparameters or {})).eval()
        # A copy: a file of weights holds no tensor under two names.
        self.window, self.frontend = self.base.window, copy.deepcopy(self.base.frontend)
        with torch.inference_mode():
            d = self.base(torch.zeros(1, self.window)).embedding.shape[1]
        self.centre = nn.Buffer(torch.zeros(d))
        self.directions = nn.Buffer(torch.eye(d)[:, :n_directions].clone())

    def start_from(self, state: dict[str, torch.Tensor]) -> None:
        """Take over the weights of the network that embeds, its front-end's too, which stand here a second time."""
        self.base.load_state_dict(state)
        self.frontend.load_state_dict(self.base.frontend.state_dict())

    def train(self, mode: bool = True) -> "_EmbeddingDensity":
        """Leave the network that embeds as it is: nothing here learns by gradient."""
        super().train(mode)
        self.base.eval()
        return self

    def prepare(self, bonafide: Iterable[torch.Tensor], spoof: Iterable[torch.Tensor]) -> None:
        """Fit directions and density to the embeddings of bona fide training clips."""
        with torch.inference_mode():
            seen = torch.cat([self.base.classify(features).embedding for features in bonafide]).clone()
        centre, deviation = seen.mean(0), seen.std(0).clamp_min(1e-5)
        standard = (seen - centre) / deviation
        _, strengths, axes = torch.linalg.svd(standard, full_matrices=False)
        n = self.directions.shape[1]
        # Whitened: every direction kept counts the same.
        whitened = axes[:n].T / (strengths[:n] / len(seen) ** 0.5).clamp_min(1e-5)
        self.centre.copy_(centre)
        self.directions.zero_()
        self.directions[:, : whitened.shape[1]] = whitened / deviation[:, None]
        self.density.fit(((seen - centre) @ self.directions).numpy())

    def last_layer(self) -> nn.Module:
        """Return the density."""
        return self.density

    def classify(self, features: torch.Tensor) -> Output:
        """Return the density, and the rotated embedding."""
        rotated = (self.base.classify(features).embedding.float() - self.centre) @ self.directions
        return Output(self.density(rotated), rotated, None)


@NETWORKS.register("gmm")
class EmbeddingGmm(_EmbeddingDensity):
    """Log density of the embedding under a mixture of Gaussians.

    Parameters
    ----------
    base : str
        Architecture of the network that embeds.
    base_hyperparameters : dict, optional
        Its hyper-parameters.
    n_directions, n_components : int
        Main directions kept, and Gaussians.
    """

    def __init__(
        self, *, base: str = "conv1d-statspool", base_hyperparameters: dict[str, Any] | None = None,
        n_directions: int = 32, n_components: int = 8,
    ) -> None:  # fmt: skip
        super().__init__(base, base_hyperparameters, n_directions)
        self.density = GaussianMixture(n_components, n_directions, per_component=50)


@NETWORKS.register("ocsvm")
class EmbeddingSvm(_EmbeddingDensity):
    """Distance of the embedding from the edge of the support of bona fide speech (one-class SVM).

    Parameters
    ----------
    base : str
        Architecture of the network that embeds.
    base_hyperparameters : dict, optional
        Its hyper-parameters.
    n_directions, n_support : int
        Main directions kept, and support vectors at most.
    nu : float
        Share of the bona fide training clips that may lie outside.
    """

    def __init__(
        self, *, base: str = "conv1d-statspool", base_hyperparameters: dict[str, Any] | None = None,
        n_directions: int = 32, n_support: int = 1024, nu: float = 0.1,
    ) -> None:  # fmt: skip
        super().__init__(base, base_hyperparameters, n_directions)
        self.density = OneClassSvm(n_support, n_directions, nu=nu)
