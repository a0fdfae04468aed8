"""Groups among the points of a space: k-means, HDBSCAN, and how well groups match what is known of the clips.

Both are fitted on at most 20,000 (HDBSCAN: 5,000) clips; every other clip joins the group that it lies in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.space import MOST_FITTED, blocks, drawn

__all__ = ["NOISE", "Agreement", "Clustering", "KChoice", "agreement", "choose_k", "hdbscan", "kmeans", "silhouette"]

#: The number of clips that belong to no group.
NOISE = -1
_MOST_FOR_SILHOUETTE = 2_000
_MOST_FOR_HDBSCAN = 5_000
_STARTS = 10
_STARTS_A_TRIAL = 3

Points = NDArray[np.float32]
Numbers = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Clustering:
    """Which group each clip belongs to.

    Attributes
    ----------
    numbers : ndarray [shape=(n_clips,), int32]
        Groups from 0, the largest first; ``NOISE`` for clips that belong to none.
    silhouette : float
        Mean silhouette, -1 to 1, of at most 2,000 clips that belong to a group; NaN where there are not two groups.
    """

    numbers: Numbers
    silhouette: float

    @property
    def k(self) -> int:
        """Number of groups."""
        return int(self.numbers.max(initial=NOISE)) + 1


@dataclass(frozen=True)
class KChoice:
    """The number of groups that k-means separates best.

    Attributes
    ----------
    k : int
    silhouettes : dict of int to float
        By the number of groups that was tried.
    """

    k: int
    silhouettes: dict[int, float]


@dataclass(frozen=True)
class Agreement:
    """How well groups match the values of a column.

    Attributes
    ----------
    purity : float
        Share of clips that bear the commonest value of their group. With as many groups as clips it is 1, so compare
        it with ``commonest``.
    commonest : float
        Share of the commonest value overall: the purity of a single group.
    nmi : float
        Normalised mutual information, 0 to 1: what group and value tell of each other.
    ari : float
        Adjusted Rand index: pairs of clips that both keep together or apart, 0 for groups at random, 1 for the same.
    n : int
        Clips that were counted.
    """

    purity: float
    commonest: float
    nmi: float
    ari: float
    n: int


def kmeans(points: Points, k: int, *, seed: int = 0) -> Clustering:
    """Group points [shape=(n_clips, d)] into ``k`` clusters; fewer are found where fewer clips differ.

    Raises
    ------
    ValueError
        When ``k`` does not fit the clips.
    """
    if not 1 <= k <= len(points):
        raise ValueError(f"{len(points)} clips cannot form {k} clusters: choose 1 to {len(points)}.")
    fitted = points[drawn(len(points), MOST_FITTED, seed=seed)]
    model = _kmeans(fitted, k, starts=_STARTS, seed=seed)
    numbers = _by_size(np.concatenate([model.predict(points[rows]) for rows in blocks(len(points))]))
    return Clustering(numbers, silhouette(points, numbers, seed=seed))


def choose_k(points: Points, *, ks: Sequence[int] = range(2, 13), seed: int = 0) -> KChoice | None:
    """Return the number of clusters with the highest silhouette; None where fewer than three clips differ.

    Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis", Journal of
    Computational and Applied Mathematics 20, 1987.

    Parameters
    ----------
    points : ndarray [shape=(n_clips, d)]
        Tried on at most 2,000 of them.
    ks : sequence of int
        The numbers that are tried.
    seed : int
    """
    some = points[drawn(len(points), _MOST_FOR_SILHOUETTE, seed=seed)]
    distinct = len(np.unique(some, axis=0))
    found = {k: _trial(some, k, seed=seed) for k in ks if k < distinct}
    found = {k: value for k, value in found.items() if not np.isnan(value)}
    return KChoice(max(found, key=lambda k: found[k]), found) if found else None


def hdbscan(points: Points, *, fewest: int | None = None, seed: int = 0) -> Clustering:
    """Group points by their density; how many groups there are is found, and sparse clips belong to none.

    Campello, Moulavi, Zimek and Sander, "Hierarchical density estimates for data clustering, visualization, and
    outlier detection", ACM TKDD 10, 2015.

    Parameters
    ----------
    points : ndarray [shape=(n_clips, d)]
        Fitted on at most 5,000; every other clip joins its nearest of them.
    fewest : int, optional
        Clips that make a group; a hundredth of those it is fitted on, but at least 5, when not given.
    seed : int
    """
    at = drawn(len(points), _MOST_FOR_HDBSCAN, seed=seed)
    fewest = max(5, len(at) // 100) if fewest is None else fewest
    if len(at) <= fewest:
        return Clustering(np.full(len(points), NOISE, np.int32), float("nan"))
    from sklearn.cluster import HDBSCAN
    from sklearn.neighbors import KNeighborsClassifier

    found = np.asarray(HDBSCAN(min_cluster_size=fewest, copy=True).fit_predict(points[at]))
    if len(at) < len(points):
        nearest = KNeighborsClassifier(1, algorithm="brute").fit(points[at], found)
        found = np.concatenate([nearest.predict(points[rows]) for rows in blocks(len(points), 8192)])
    numbers = _by_size(found)
    return Clustering(numbers, silhouette(points, numbers, seed=seed))


def agreement(numbers: NDArray[np.integer], values: NDArray[Any]) -> Agreement:
    """Return how well groups match the values of a column; clips that belong to no group are a group of their own.

    Purity: Manning, Raghavan and Schütze, "Introduction to Information Retrieval", 2008, section 16.3. NMI: Strehl and
    Ghosh, JMLR 3, 2002, with the arithmetic mean of both entropies. ARI: Hubert and Arabie, Journal of Classification
    2, 1985.

    Raises
    ------
    ValueError
        When there is not one value a clip.
    """
    if len(values) != len(numbers):
        raise ValueError(f"There are {len(numbers)} clips and {len(values)} values: give one value a clip.")
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
    from sklearn.metrics.cluster import contingency_matrix

    codes = np.unique(values, return_inverse=True)[1]
    table = contingency_matrix(codes, numbers, sparse=True).tocsc()
    return Agreement(
        purity=float(table.max(axis=0).sum() / len(numbers)), commonest=float(table.sum(axis=1).max() / len(numbers)),
        nmi=float(normalized_mutual_info_score(codes, numbers)), ari=float(adjusted_rand_score(codes, numbers)),
        n=len(numbers),
    )  # fmt: skip


def silhouette(points: Points, numbers: NDArray[np.integer], *, seed: int = 0) -> float:
    """Return the mean silhouette of at most 2,000 clips that belong to a group; NaN without two groups."""
    from sklearn.metrics import silhouette_score

    inside = np.flatnonzero(numbers != NOISE)
    chosen = inside[drawn(len(inside), _MOST_FOR_SILHOUETTE, seed=seed)]
    few = numbers[chosen]
    if not 2 <= len(np.unique(few)) < len(few):
        return float("nan")
    return float(silhouette_score(points[chosen], few))


def _trial(points: Points, k: int, *, seed: int) -> float:
    return silhouette(points, _kmeans(points, k, starts=_STARTS_A_TRIAL, seed=seed).labels_, seed=seed)


def _kmeans(points: Points, k: int, *, starts: int, seed: int) -> Any:
    from sklearn.cluster import KMeans

    distinct = len(np.unique(points[: 8 * k], axis=0))
    distinct = distinct if distinct >= k else len(np.unique(points, axis=0))
    return KMeans(min(k, distinct), n_init=starts, random_state=seed).fit(points)


def _by_size(numbers: NDArray[np.integer]) -> Numbers:
    """Renumber groups from the largest to the smallest; noise stays noise."""
    inside = numbers[numbers >= 0]
    rank = np.argsort(np.argsort(-np.bincount(inside), kind="stable"), kind="stable")
    renumbered = np.full(len(numbers), NOISE, np.int32)
    renumbered[numbers >= 0] = rank[inside]
    return renumbered
