"""Nearest neighbours by Euclidean distance, exact and block by block, and how far two lists of them agree."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.analysis.space import blocks

__all__ = ["nearest", "nearest_to", "overlap"]

_BLOCK = 16_384


def nearest_to(points: ArrayLike, at: int, k: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the ``k`` points nearest to one of them, the nearest first, without itself, and how far they are.

    Parameters
    ----------
    points : array [shape=(n, d)]
    at : int
        Which one.
    k : int
        Fewer are returned where there are fewer.
    """
    values = np.asarray(points, np.float32)
    distances = np.linalg.norm(values - values[at], axis=1)
    distances[at] = np.inf
    k = min(k, len(values) - 1)
    some = np.argpartition(distances, k - 1)[:k] if k > 0 else np.arange(0)
    order = some[np.argsort(distances[some], kind="stable")]
    return order, distances[order]


def nearest(points: ArrayLike, queries: NDArray[np.intp], k: int) -> NDArray[np.intp]:
    """Return the ``k`` nearest points of each query, the nearest first, without itself [shape=(queries, k)].

    Parameters
    ----------
    points : array [shape=(n, d)]
    queries : ndarray [shape=(m,)]
        Which of the points are asked for.
    k : int
        Below n.

    Raises
    ------
    ValueError
        When there are not as many neighbours.
    """
    values = np.asarray(points, np.float32)
    if not 1 <= k < len(values):
        raise ValueError(f"{len(values)} clips have no {k} neighbours each: ask for at most {len(values) - 1}.")
    asked = values[queries]
    best = np.full((len(asked), 0), 0, np.intp)
    near = np.full((len(asked), 0), 0, np.float32)
    for rows in blocks(len(values), _BLOCK):
        squares = _squares(asked, values[rows])
        own = (queries >= rows.start) & (queries < rows.stop)
        squares[own, queries[own] - rows.start] = np.inf
        best = np.hstack([best, np.broadcast_to(np.arange(rows.start, rows.stop), squares.shape)])
        near = np.hstack([near, squares])
        if best.shape[1] > k:
            kept = np.argpartition(near, k - 1, axis=1)[:, :k]
            best, near = np.take_along_axis(best, kept, 1), np.take_along_axis(near, kept, 1)
    order = np.argsort(near, axis=1, kind="stable")
    return np.take_along_axis(best, order, 1)


def overlap(first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return, row by row, the share of the first list's neighbours that are in the second [shape=(n,), 0 to 1]."""
    shared = (first[:, :, np.newaxis] == second[:, np.newaxis, :]).any(axis=2)
    return np.asarray(shared.mean(axis=1), np.float64)


def _squares(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    sums = (left**2).sum(axis=1)[:, np.newaxis] + (right**2).sum(axis=1)
    return np.maximum(sums - 2 * left @ right.T, 0)
