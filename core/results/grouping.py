"""Clusters of a run's clips in a detector's embedding space, and how well they match the run's columns."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analysis.clusters import NOISE, Agreement, Clustering, agreement, choose_k, hdbscan, kmeans
from core.errors import ProjectionError
from core.results.colouring import Groups, coloured_by
from core.results.embedded import embedded

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["AUTO", "HDBSCAN", "KMEANS", "ClusterRow", "Clusters", "clusters", "matched"]

KMEANS, HDBSCAN = "k-means", "HDBSCAN"
#: The number of clusters that is chosen by the silhouette.
AUTO = 0
_NO_CLUSTER = "no cluster"


@dataclass(frozen=True)
class ClusterRow:
    """One cluster: its name, its clips, the share of spoofs (NaN without labels) and its commonest systems."""

    name: str
    n: int
    spoofed: float
    systems: tuple[tuple[str, int], ...]


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters of a run's clips.

    Attributes
    ----------
    how : str
        ``KMEANS`` or ``HDBSCAN``.
    groups : Groups
        Each clip's cluster, the largest first; those that belong to none at the end.
    silhouette : float
    tried : dict of int to float
        Silhouette by the number of clusters, where it was chosen; else empty.
    rows : tuple of ClusterRow
    """

    how: str
    groups: Groups
    silhouette: float
    tried: dict[int, float]
    rows: tuple[ClusterRow, ...]

    @property
    def k(self) -> int:
        """Number of clusters."""
        return sum(name != _NO_CLUSTER for name in self.groups.names)


@lru_cache(maxsize=16)
def clusters(run: "Run", name: str, how: str, k: int = AUTO) -> Clusters:
    """Return clusters in a detector's embedding space.

    Parameters
    ----------
    run : Run
    name : str
    how : str
        ``KMEANS`` or ``HDBSCAN``.
    k : int
        Of k-means; ``AUTO`` for the number with the highest silhouette.

    Raises
    ------
    ResultsError, ProjectionError
        When the run has no embeddings of the detector, or they are not finite, or ``k`` does not fit the clips.
    """
    points, tried = embedded(run, name).points, {}
    if how == HDBSCAN:
        found = hdbscan(points)
    else:
        if k == AUTO and (choice := choose_k(points)) is not None:
            k, tried = choice.k, choice.silhouettes
        try:
            found = kmeans(points, max(k, 1))
        except ValueError as error:
            raise ProjectionError(str(error)) from error
    groups = _named(found)
    return Clusters(how, groups, found.silhouette, tried, _rows(run, name, groups))


def matched(run: "Run", name: str, found: Clusters, column: str) -> Agreement | None:
    """Return how well clusters match a column of the run; None for a column of numbers."""
    values = coloured_by(run, name, column)
    return agreement(found.groups.codes, values.codes) if isinstance(values, Groups) else None


def _named(found: Clustering) -> Groups:
    outside = found.numbers == NOISE
    names = [f"cluster {number}" for number in range(1, found.k + 1)]
    counts = np.bincount(found.numbers[~outside], minlength=found.k).tolist()
    codes = np.where(outside, found.k, found.numbers).astype(np.int32)
    if outside.any():
        names.append(_NO_CLUSTER)
        counts.append(int(outside.sum()))
    return Groups(codes, tuple(names), tuple(counts))


def _rows(run: "Run", name: str, groups: Groups) -> tuple[ClusterRow, ...]:
    systems = coloured_by(run, name, "system") if "system" in run.columns else None
    found = []
    for code, (word, n) in enumerate(zip(groups.names, groups.counts, strict=True)):
        own = groups.codes == code
        fakes, reals = int((own & run.fake).sum()), int((own & run.real).sum())
        share = fakes / (fakes + reals) if fakes + reals else float("nan")
        found.append(ClusterRow(word, n, share, _commonest(systems, own & ~run.real)))
    return tuple(found)


def _commonest(systems: object, own: NDArray[np.bool_]) -> tuple[tuple[str, int], ...]:
    if not isinstance(systems, Groups):
        return ()
    counts = np.bincount(systems.codes[own], minlength=len(systems.names))
    order = np.argsort(-counts, kind="stable")[:3]
    return tuple((systems.names[code], int(counts[code])) for code in order if counts[code])
