"""Embeddings on a plane and in clusters: PCA, UMAP, and k-means with its figures.

All three look at the embedding standardised by dimension, unless it is asked for as it is, and the last two at its
first 50 principal components: distances in 23,040 dimensions are slow and mostly noise. An embedding that is made of
principal components already must not be standardised: that would blow its last one up to the size of its first.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import ProjectionError

__all__ = ["KMeansResult", "PcaResult", "fit_pca", "kmeans", "pca", "umap_project"]

MAX_FITTED = 20_000
_COMPONENTS = 50
_FEWEST_FOR_UMAP = 5
_MOST_FOR_SILHOUETTE = 5_000


@dataclass(frozen=True, eq=False)
class PcaResult:
    """Principal components.

    Attributes
    ----------
    points : ndarray [shape=(n_clips, n), float32]
        Components beyond the embeddings' rank are 0.
    shares : ndarray [shape=(n,), float64]
        Share of the variance (of the standardised embeddings, where they were) that each component holds.
    """

    points: NDArray[np.float32]
    shares: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class KMeansResult:
    """Clusters and how good they are.

    Attributes
    ----------
    cluster : ndarray [shape=(n_clips,), int64]
        Each clip's cluster from 0, the largest cluster first.
    purity : float or None
        Share of clips that bear the commonest label of their cluster; None without labels. With as many clusters as
        clips it is 1, so compare it with the share of the commonest label overall.
    silhouette : float
        Mean silhouette, -1 to 1, of at most 5,000 clips; NaN where there are not two clusters to compare.
    """

    cluster: NDArray[np.int64]
    purity: float | None
    silhouette: float


def fit_pca(embeddings: ArrayLike, n: int = 2, *, standardise: bool = True, seed: int = 0) -> PcaResult:
    """Return the first principal components of embeddings, and their shares of the variance.

    Parameters
    ----------
    embeddings : array [shape=(n_clips, n_dims)]
    n : int
        Number of components.
    standardise : bool
        Give every dimension the same spread first.
    seed : int
        Of the randomised decomposition that large embeddings get.

    Raises
    ------
    ValueError
        When the embeddings are not a table of finite numbers with at least one row and column, or ``n`` is below 1.
    """
    if n < 1:
        raise ValueError(f"Ask for at least one principal component, not {n}.")
    values = _centred(_table(embeddings), standardise=standardise)
    points = np.zeros((len(values), n), np.float32)
    shares = np.zeros(n)
    kept = min(n, *values.shape)
    # Clips that are all alike have no variance to share out.
    if values.any():
        from sklearn.decomposition import PCA

        model = PCA(kept, random_state=seed, copy=False)
        points[:, :kept] = model.fit_transform(values)
        shares[:kept] = model.explained_variance_ratio_
    return PcaResult(points, shares)


def pca(embeddings: ArrayLike, n: int = 2, *, standardise: bool = True, seed: int = 0) -> NDArray[np.float32]:
    """Return the first ``n`` principal components of embeddings: float32 [n_clips, n]."""
    return fit_pca(embeddings, n, standardise=standardise, seed=seed).points


def umap_project(
    embeddings: ArrayLike, *, standardise: bool = True, seed: int = 0, n_neighbors: int = 15, min_dist: float = 0.1
) -> NDArray[np.float32]:
    """Return UMAP's plane of embeddings; takes half a minute the first time in a process.

    Not to be run by two threads at once: UMAP's compiled loops then end the whole process
    (``core.results.planes`` takes care of that).

    McInnes, Healy and Melville, "UMAP: uniform manifold approximation and projection for dimension reduction",
    arXiv 1802.03426. Neighbourhoods mean something there; distances between far groups and their sizes do not.

    Parameters
    ----------
    embeddings : array [shape=(n_clips, n_dims)]
        At most 20,000 clips, drawn at random, are fitted; the others are placed among them. Fewer than five clips
        have no neighbourhoods: they are placed by PCA.
    standardise : bool
        Give every dimension the same spread first.
    seed : int
        The same seed gives the same plane.
    n_neighbors, min_dist : int, float
        UMAP's own: how wide a neighbourhood is, and how close two points may lie.

    Returns
    -------
    ndarray [shape=(n_clips, 2), float32]

    Raises
    ------
    ValueError
        When the embeddings are not a table of finite numbers with at least one row and column.
    ProjectionError
        When UMAP cannot lay them out.
    """
    values = _table(embeddings)
    if len(values) < _FEWEST_FOR_UMAP:
        return pca(values, standardise=standardise, seed=seed)
    points = pca(values, min(_COMPONENTS, *values.shape), standardise=standardise, seed=seed)
    return _umap(points, seed=seed, n_neighbors=n_neighbors, min_dist=min_dist)


def kmeans(
    embeddings: ArrayLike, k: int, *, labels: ArrayLike | None = None, standardise: bool = True, seed: int = 0
) -> KMeansResult:
    """Group embeddings into ``k`` clusters.

    Purity: Manning, Raghavan and Schütze, "Introduction to Information Retrieval", 2008, section 16.3. Silhouette:
    Rousseeuw, Journal of Computational and Applied Mathematics 20, 1987.

    Parameters
    ----------
    embeddings : array [shape=(n_clips, n_dims)]
    k : int
        Number of clusters, from 1 to the number of clips; fewer are found where fewer clips differ.
    labels : array [shape=(n_clips,)], optional
        Classes or systems to measure the purity with.
    standardise : bool
        Give every dimension the same spread first.
    seed : int
        Of the ten starts that the best is taken of.

    Raises
    ------
    ValueError
        When ``k`` or the number of labels does not fit the clips, or the embeddings are not finite.
    """
    values = _table(embeddings)
    if not 1 <= k <= len(values):
        raise ValueError(f"{len(values)} clips cannot form {k} clusters: choose 1 to {len(values)}.")
    if labels is not None and len(np.asarray(labels)) != len(values):
        raise ValueError(f"There are {len(values)} clips and {len(np.asarray(labels))} labels: give one label a clip.")
    points = pca(values, _COMPONENTS, standardise=standardise, seed=seed)
    cluster = _by_size(_kmeans(points, k, seed=seed))
    purity = None if labels is None else _purity(cluster, np.asarray(labels))
    return KMeansResult(cluster, purity, _silhouette(points, cluster, seed=seed))


def _table(embeddings: ArrayLike) -> NDArray[np.float32]:
    values = np.ascontiguousarray(embeddings, dtype=np.float32)
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"Embeddings are a table of clips by dimensions, not an array of shape {values.shape}.")
    if not np.isfinite(values).all():
        raise ValueError("The embeddings hold numbers that are not finite: leave those clips out first.")
    return values


def _centred(values: NDArray[np.float32], *, standardise: bool) -> NDArray[np.float32]:
    mean, spread = values.mean(axis=0, dtype=np.float64), values.std(axis=0, dtype=np.float64)
    # What rounding leaves of a constant dimension would be blown up to a whole one.
    flat = spread <= 1e-6 * np.abs(mean)
    result = values - mean.astype(np.float32)
    if standardise:
        result /= np.where(flat, 1.0, spread).astype(np.float32)
    result[:, flat] = 0.0
    return result


def _umap(points: NDArray[np.float32], *, seed: int, n_neighbors: int, min_dist: float) -> NDArray[np.float32]:
    order = np.random.default_rng(seed).permutation(len(points))
    fitted, others = np.sort(order[:MAX_FITTED]), np.sort(order[MAX_FITTED:])
    plane = np.empty((len(points), 2), np.float32)
    try:
        import umap

        # One thread: with several the result of a seed would not repeat.
        model = umap.UMAP(
            n_neighbors=min(n_neighbors, len(fitted) - 1), min_dist=min_dist, random_state=seed, n_jobs=1
        )  # fmt: skip
        plane[fitted] = model.fit_transform(points[fitted])
        if len(others):
            plane[others] = model.transform(points[others])
    except (ImportError, RuntimeError, TypeError, ValueError, ArithmeticError, MemoryError, OSError) as error:
        why = str(error) or type(error).__name__
        raise ProjectionError(f"UMAP could not lay out {len(points)} clips: {why}") from error
    if not np.isfinite(plane).all():
        raise ProjectionError(f"UMAP found no place for some of {len(points)} clips.")
    return plane


def _kmeans(points: NDArray[np.float32], k: int, *, seed: int) -> NDArray[np.int64]:
    from sklearn.cluster import KMeans

    distinct = len(np.unique(points, axis=0))
    model = KMeans(min(k, distinct), n_init=10, random_state=seed)
    return np.asarray(model.fit_predict(points), dtype=np.int64)


def _by_size(cluster: NDArray[np.int64]) -> NDArray[np.int64]:
    """Renumber clusters from the largest to the smallest."""
    order = np.argsort(-np.bincount(cluster), kind="stable")
    return np.argsort(order)[cluster]


def _purity(cluster: NDArray[np.int64], labels: NDArray[np.generic]) -> float:
    classes = np.unique(labels, return_inverse=True)[1]
    commonest = sum(int(np.bincount(classes[cluster == number]).max()) for number in np.unique(cluster))
    return commonest / len(cluster)


def _silhouette(points: NDArray[np.float32], cluster: NDArray[np.int64], *, seed: int) -> float:
    from sklearn.metrics import silhouette_score

    chosen = np.sort(np.random.default_rng(seed).permutation(len(points))[:_MOST_FOR_SILHOUETTE])
    points, cluster = points[chosen], cluster[chosen]
    if not 2 <= len(np.unique(cluster)) < len(points):
        return float("nan")
    return float(silhouette_score(points, cluster))
