"""How one figure of clips goes with another: means along it, and the rank correlation, by clusters."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analysis.bootstrap import RESAMPLES, Groups

__all__ = ["Trend", "trend"]

_FEWEST, _Z = 8, 1.959964


@dataclass(frozen=True, eq=False)
class Trend:
    """Means along a figure, and how both go together.

    Attributes
    ----------
    at, mean, low, high : ndarray [shape=(bins,)]
        Median of the figure in each of equally large parts of the clips, mean of what goes with it, and its 95 %
        interval by cluster (NaN where a part comes from one cluster).
    n : int
        Clips whose figure is known.
    correlation, correlation_low, correlation_high : float
        Spearman's, with a 95 % interval by resampling clusters; NaN where too little is known.
    """

    at: NDArray[np.float64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n: int
    correlation: float
    correlation_low: float
    correlation_high: float


def trend(
    x: NDArray[np.float64], y: NDArray[np.float64], owner: NDArray[np.integer], *, bins: int = 8,
    resamples: int = RESAMPLES, seed: int = 0,
) -> Trend:  # fmt: skip
    """Return how ``y`` goes with ``x``.

    Parameters
    ----------
    x, y : ndarray [shape=(n,)]
        Clips where either is not finite are left out.
    owner : ndarray of int [shape=(n,)]
        What each clip shares with others.
    bins : int
        Parts, fewer where there are few clips.
    resamples, seed : int
        Of the bootstrap over clusters, which keeps the ranks that the clips have among all.
    """
    known = np.isfinite(x) & np.isfinite(y)
    x, y, groups = x[known], y[known], Groups.of(owner[known], np.ones(int(known.sum()), bool))
    n = len(x)
    if n < _FEWEST:
        empty = np.empty(0)
        return Trend(empty, empty, empty, empty, n, math.nan, math.nan, math.nan)
    order = np.argsort(x, kind="stable")
    parts = np.array_split(order, max(1, min(bins, n // _FEWEST)))
    ends = np.array([_mean(y[part], groups.owner[part]) for part in parts])
    at = np.array([float(x[part[len(part) // 2]]) for part in parts])
    found = _correlation(_ranks(x), _ranks(y), groups, resamples, seed)
    return Trend(at, ends[:, 0], ends[:, 1], ends[:, 2], n, *found)


def _mean(values: NDArray[np.float64], owner: NDArray[np.intp]) -> tuple[float, float, float]:
    """Return the mean and its interval by Taylor linearisation over clusters."""
    mean = float(values.mean())
    _, cluster = np.unique(owner, return_inverse=True)
    sums = np.bincount(cluster, values - mean)
    if len(sums) < 2:
        return mean, math.nan, math.nan
    spread = _Z * math.sqrt(len(sums) / (len(sums) - 1) * float(np.square(sums).sum())) / len(values)
    return mean, mean - spread, mean + spread


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks around 0, equal values sharing the mean of theirs."""
    ordered = np.sort(values)
    ranks = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return (ranks - len(values)) / (2 * len(values))


def _correlation(
    x: NDArray[np.float64], y: NDArray[np.float64], groups: Groups, resamples: int, seed: int
) -> tuple[float, float, float]:
    owner, sizes = groups.put_together
    size = sum(sizes)
    parts = (np.ones(len(x)), x, y, x * x, y * y, x * y)
    sums = np.stack([np.bincount(owner, part, minlength=size) for part in parts], axis=1)
    whole = float(_pearson(sums.sum(axis=0)[None])[0])
    if size < 2:
        return whole, math.nan, math.nan
    times = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=resamples)
    drawn = _pearson(np.asarray(times @ sums, dtype=np.float64))
    if not np.isfinite(drawn).all():
        return whole, math.nan, math.nan
    low, high = np.quantile(drawn, [0.025, 0.975])
    return whole, float(low), float(high)


def _pearson(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    n, x, y, xx, yy, xy = sums.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((n * xy - x * y) / np.sqrt((n * xx - x * x) * (n * yy - y * y)))
