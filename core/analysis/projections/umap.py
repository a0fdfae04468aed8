"""UMAP: neighbours stay together."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.analysis.projections.base import Fitted, Plane, Points, Projection, checked, named, register

__all__ = ["Umap"]


@dataclass(frozen=True, eq=False)
class _Model(Fitted):
    model: Any

    def place(self, points: Points) -> Plane:
        with named("UMAP", len(points)):
            return np.asarray(self.model.transform(points), np.float32)


@register("umap")
@dataclass(frozen=True)
class Umap(Projection):
    """UMAP; takes half a minute the first time in a process, since its loops are compiled then.

    Not to be run by two threads at once: UMAP's compiled loops then end the whole process (``core.results.maps``
    takes care of that).

    Attributes
    ----------
    n_neighbors : int
        How wide a neighbourhood is.
    min_dist : float
        How close two points may lie.

    References
    ----------
    McInnes, Healy and Melville, "UMAP: uniform manifold approximation and projection for dimension reduction",
    arXiv 1802.03426.
    """

    title = "UMAP"
    about = "Neighbours stay together. Distances between far groups, and how large a group looks, mean nothing."
    version_of = "umap-learn"
    fewest = 5
    n_neighbors: int = 15
    min_dist: float = 0.1

    def fit(self, points: Points, *, seed: int = 0) -> tuple[Plane, Fitted]:
        """Return UMAP's plane: the same seed gives the same one."""
        with named("UMAP", len(points)):
            model = self._umap(len(points), seed).fit(points)
        return checked("UMAP", model.embedding_), _Model(model)

    def restore(self, points: Points, plane: Plane, *, seed: int = 0) -> Fitted:
        """Return a model whose neighbours are searched anew and whose plane is the one given."""
        with named("UMAP", len(points)):
            model = self._umap(len(points), seed, n_epochs=0, init=plane).fit(points)
            # It starts from the plane, stretched to a scale of its own, and makes no step: the plane itself is put
            # back, and new points are to be placed with as many steps as ever.
            model.embedding_, model.n_epochs = plane, None
        return _Model(model)

    def _umap(self, n: int, seed: int, **more: Any) -> Any:
        import umap

        # One thread: with several the result of a seed would not repeat.
        return umap.UMAP(
            n_neighbors=min(self.n_neighbors, n - 1), min_dist=self.min_dist, random_state=seed, n_jobs=1, **more
        )  # fmt: skip
