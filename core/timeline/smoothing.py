"""The moving mean of scores over time, with gaps."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["smoothed"]


def smoothed(values: ArrayLike, steps: int) -> NDArray[np.float64]:
    """Return the moving mean over a centred, odd number of steps; at the ends, over those that are there.

    Parameters
    ----------
    values : array [shape=(n,)]
        NaN counts for nothing and stays NaN.
    steps : int
        Rounded up to an odd number; 1 or less changes nothing.
    """
    given = np.asarray(values, dtype=float)
    half = steps // 2
    if half < 1:
        return given
    known = ~np.isnan(given)
    totals, counts = (
        np.concatenate([[0.0], np.cumsum(each)]) for each in (np.where(known, given, 0.0), known.astype(float))
    )
    first = np.maximum(np.arange(len(given)) - half, 0)
    last = np.minimum(np.arange(len(given)) + half + 1, len(given))
    means = (totals[last] - totals[first]) / np.maximum(counts[last] - counts[first], 1.0)
    return np.where(known, means, np.nan)
