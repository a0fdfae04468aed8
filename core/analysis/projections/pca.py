"""Principal components: the plane in which the embeddings vary most."""

from dataclasses import dataclass

import numpy as np

from core.analysis.projections.base import Fitted, Plane, Points, Projection, register

__all__ = ["Pca"]


class _First(Fitted):
    def place(self, points: Points) -> Plane:
        plane = np.zeros((len(points), 2), np.float32)
        plane[:, : min(2, points.shape[1])] = points[:, :2]
        return plane


@register("pca")
@dataclass(frozen=True)
class Pca(Projection):
    """The first two principal components, which the points of a space begin with: exact for every clip."""

    title = "PCA"
    about = "The two directions in which the embeddings vary most. Far groups are far; what lies behind is folded in."
    instant = True

    def fit(self, points: Points, *, seed: int = 0) -> tuple[Plane, Fitted]:
        """Return the first two components; the seed changes nothing."""
        return _First().place(points), _First()

    def restore(self, points: Points, plane: Plane, *, seed: int = 0) -> Fitted:
        """Return what places by the same two components."""
        return _First()
