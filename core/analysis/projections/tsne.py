"""t-SNE: small neighbourhoods stay together."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.analysis.projections.base import Fitted, Plane, Points, Projection, checked, named, register

__all__ = ["Tsne"]


@dataclass(frozen=True, eq=False)
class _Embedding(Fitted):
    embedding: Any

    def place(self, points: Points) -> Plane:
        with named("t-SNE", len(points)):
            return np.asarray(self.embedding.transform(np.ascontiguousarray(points)), np.float32)


@register("tsne")
@dataclass(frozen=True)
class Tsne(Projection):
    """t-SNE as openTSNE computes it: unlike scikit-learn's, it places new points and leaves the others where they are.

    Attributes
    ----------
    perplexity : float
        How many neighbours count; fewer where there are few clips.

    References
    ----------
    van der Maaten and Hinton, "Visualizing data using t-SNE", JMLR 9, 2008. Poličar, Stražar and Zupan, "openTSNE: a
    modular Python library for t-SNE dimensionality reduction and embedding", Journal of Statistical Software 109, 2024.
    """

    title = "t-SNE"
    about = "The nearest neighbours stay together. Distances between groups, their size and their density mean nothing."
    version_of = "openTSNE"
    fewest = 8
    # Twice as many take three times as long.
    most = 10_000
    perplexity: float = 30.0

    def fit(self, points: Points, *, seed: int = 0) -> tuple[Plane, Fitted]:
        """Return t-SNE's plane: the same seed gives the same one."""
        with named("t-SNE", len(points)):
            from openTSNE import TSNE

            embedding = TSNE(perplexity=self._perplexity(len(points)), random_state=seed, n_jobs=1).fit(
                np.ascontiguousarray(points)
            )
        return checked("t-SNE", embedding), _Embedding(embedding)

    def restore(self, points: Points, plane: Plane, *, seed: int = 0) -> Fitted:
        """Return an embedding whose neighbours are searched anew and whose plane is the one given."""
        with named("t-SNE", len(points)):
            from openTSNE import TSNEEmbedding
            from openTSNE.affinity import PerplexityBasedNN

            affinities = PerplexityBasedNN(
                np.ascontiguousarray(points), perplexity=self._perplexity(len(points)), random_state=seed, n_jobs=1
            )  # fmt: skip
            embedding = TSNEEmbedding(plane.astype(np.float64), affinities, random_state=seed, n_jobs=1)
        return _Embedding(embedding)

    def _perplexity(self, n: int) -> float:
        return min(self.perplexity, (n - 1) / 3)
