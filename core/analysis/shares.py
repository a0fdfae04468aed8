"""Shares that were counted, and how surely they are known."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Shares", "clustered_shares", "wilson"]

_LEVEL = 0.975


class Shares(NamedTuple):
    """Shares of several slices, each of shape (slices,).

    Attributes
    ----------
    n, wrong, clusters : ndarray of int
        Clips, those of them that count, and speakers or recordings that they come from.
    low, high : ndarray
        95 % interval of ``wrong / n``; NaN where all come from one cluster, of which nothing follows for another.
    """

    n: NDArray[np.int64]
    wrong: NDArray[np.int64]
    clusters: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def rate(self) -> NDArray[np.float64]:
        """The shares; NaN where there is no clip."""
        return np.divide(self.wrong, self.n, out=np.full(len(self.n), np.nan), where=self.n > 0)


def wilson(count: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson, Journal of the American Statistical Association 22, 1927).

    The whole range where nothing was counted.
    """
    from scipy.stats import binomtest

    if not n:
        return 0.0, 1.0
    ends = binomtest(count, n).proportion_ci(method="wilson")
    return float(ends.low), float(ends.high)


def clustered_shares(
    code: NDArray[np.integer], owner: NDArray[np.integer], wrong: NDArray[np.bool_], *, slices: int
) -> Shares:
    """Return the share of each slice with an interval that knows that clips of one cluster are alike.

    Wilson's interval for as many independent clips as the slice's are worth: the clips over the design effect, which
    is the variance of the sums over clusters (Taylor linearisation) over that of independent clips, with Student's t
    for few clusters (Dean and Pagano, "Evaluating confidence interval methods for binomial proportions in clustered
    surveys", Journal of Survey Statistics and Methodology 3, 2015). Where none or all are wrong, the variance is
    unknown, and each cluster counts once.

    Parameters
    ----------
    code : ndarray of int [shape=(n,)]
        Each clip's slice, 0 to ``slices`` - 1; a clip of code -1 is in none.
    owner : ndarray of int [shape=(n,)]
        Each clip's cluster, 0 or more.
    wrong : ndarray of bool [shape=(n,)]
    slices : int
    """
    if not (inside := code >= 0).all():
        code, owner, wrong = code[inside], owner[inside], wrong[inside]
    groups = int(owner.max(initial=-1)) + 1
    cell, of_cell = _cells(code.astype(np.int64) * groups + owner, slices * groups)
    n_cell = np.bincount(of_cell, minlength=len(cell)).astype(float)
    wrong_cell = np.bincount(of_cell[wrong], minlength=len(cell)).astype(float)
    home = cell // max(groups, 1)
    n, clusters, total = (_summed(home, values, slices) for values in (n_cell, n_cell > 0, wrong_cell))
    rate = np.divide(total, n, out=np.zeros(slices), where=n > 0)
    spread = _summed(home, np.square(wrong_cell - rate[home] * n_cell), slices)
    low, high = _wilson(rate, _worth(n, clusters, rate, spread))
    unknown = clusters < 2
    low[unknown] = high[unknown] = np.nan
    return Shares(n.astype(np.int64), total.astype(np.int64), clusters.astype(np.int64), low, high)


def _summed(home: NDArray[np.int64], values: ArrayLike, slices: int) -> NDArray[np.float64]:
    return np.bincount(home, np.asarray(values, dtype=np.float64), minlength=slices).astype(np.float64)


def _cells(key: NDArray[np.int64], most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of slice and cluster that occur, and each clip's among them."""
    if most > 20 * len(key) + 1_000:
        return np.unique(key, return_inverse=True)
    return np.arange(most), key


def _worth(
    n: NDArray[np.float64], clusters: NDArray[np.float64], rate: NDArray[np.float64], spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how many independent clips each slice's are worth."""
    from scipy.special import ndtri, stdtrit

    with np.errstate(invalid="ignore", divide="ignore"):
        variance = clusters / (clusters - 1) * spread / n**2
        worth = np.where(variance > 0, rate * (1 - rate) / variance, clusters)
        worth = worth * (ndtri(_LEVEL) / stdtrit(np.maximum(clusters - 1, 1), _LEVEL)) ** 2
    return np.clip(worth, 0, n)


def _wilson(rate: NDArray[np.float64], n: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from scipy.special import ndtri

    z = ndtri(_LEVEL)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))
    # Rounding may leave a hair beyond the share itself where none or all are wrong.
    return np.clip(middle - half, 0, rate), np.clip(middle + half, rate, 1)
