"""Figures of many bootstrap resamples at once: a resample is a row of counts, how often each clip was drawn.

They are what ``core.analysis.det`` and ``core.analysis.metrics`` give for the clips repeated that often, without
repeating and sorting them a thousand times.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["Resampled", "auc", "cllr", "eer"]

Scores = NDArray[np.float64]
Truth = NDArray[np.bool_]
Counts = NDArray[np.intp]
Resampled = Callable[[Scores, Truth, Counts], NDArray[np.float64]]
"""From ascending scores [shape=(n,)], which of them are bona fide (those first among equal scores) and counts
[shape=(resamples, n)] to one figure a resample."""


def eer(scores: Scores, real: Truth, counts: Counts) -> NDArray[np.float64]:
    """Return the equal error rate of each resample, as ``det.equal_error_point`` counts it."""
    rejected, caught = np.cumsum(counts * real, axis=1), np.cumsum(counts * ~real, axis=1)
    n_real, n_fake = rejected[:, -1], caught[:, -1]
    # Miss less false alarm rate, times both class sizes: whole numbers, which rise from -n n to n n.
    difference = rejected * n_fake[:, None] + caught * n_real[:, None] - (n_real * n_fake)[:, None]
    at = np.argmax(difference >= 0, axis=1)
    lines = np.arange(len(counts))
    drawn = counts[lines, at]
    step = np.where(real[at], n_fake, n_real)
    before = difference[lines, at] - drawn * step
    # The copies of one clip pass the threshold one by one: the last of them short of equality, or the one after.
    copies = np.clip(-(before // step), 1, drawn)
    short = np.abs(before + (copies - 1) * step) <= np.abs(before + copies * step)
    back = drawn - (copies - short)
    rejected_here = rejected[lines, at] - np.where(real[at], back, 0)
    caught_here = caught[lines, at] - np.where(real[at], 0, back)
    return np.asarray((rejected_here / n_real + 1 - caught_here / n_fake) / 2)


def auc(scores: Scores, real: Truth, counts: Counts) -> NDArray[np.float64]:
    """Return the chance that a bona fide clip scores higher than a spoof; ties count half."""
    below = np.concatenate([np.zeros((len(counts), 1), np.intp), np.cumsum(counts * real, axis=1)], axis=1)
    first, last = np.searchsorted(scores, scores, "left"), np.searchsorted(scores, scores, "right")
    spoofs = counts * ~real
    beaten = (spoofs * (below[:, first] + below[:, last])).sum(axis=1)
    return np.asarray(1 - beaten / (2 * below[:, -1] * spoofs.sum(axis=1)))


def cllr(scores: Scores, real: Truth, counts: Counts) -> NDArray[np.float64]:
    """Return the cost of the log-likelihood ratios in bits."""
    cost = np.logaddexp(0, np.where(real, -scores, scores)) / math.log(2)
    classes = [(counts[:, of] @ cost[of]) / counts[:, of].sum(axis=1) for of in (real, ~real)]
    return np.asarray((classes[0] + classes[1]) / 2)
