"""Agreement between people who judged the same clips: Krippendorff's alpha for nominal answers, with its interval."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Reliability", "krippendorff_alpha", "reliability"]

_RESAMPLES = 1000


class Reliability(NamedTuple):
    """Krippendorff's alpha, its 95 % interval, and the clips that two or more have judged."""

    alpha: float
    low: float
    high: float
    clips: int


def krippendorff_alpha(answers: NDArray[np.integer]) -> float:
    """Return Krippendorff's alpha: 1 is full agreement, 0 what chance would give, below 0 systematic disagreement.

    Krippendorff, "Computing Krippendorff's alpha-reliability", 2011, nominal data with any number of observers and
    missing values.

    Parameters
    ----------
    answers : ndarray of int [shape=(reviewers, clips)]
        Numbers from 0 that stand for answers; negative where a reviewer has not judged a clip.

    Returns
    -------
    float
        NaN where no clip has two answers, or all answers are one and the same: there is nothing to agree on then.
    """
    return _alpha(_counts(answers), None)


def reliability(answers: NDArray[np.integer], *, resamples: int = _RESAMPLES, seed: int = 0) -> Reliability:
    """Return alpha with its 95 % percentile interval over resampled clips; NaN where it cannot be known.

    Parameters
    ----------
    answers : ndarray of int [shape=(reviewers, clips)]
        As ``krippendorff_alpha`` takes them.
    resamples : int
    seed : int
    """
    counts = _counts(answers)
    n = len(counts)
    if n < 2:
        return Reliability(_alpha(counts, None), float("nan"), float("nan"), n)
    rng = np.random.default_rng(seed)
    drawn = np.array([_alpha(counts, rng.integers(0, n, n)) for _ in range(resamples)])
    known = drawn[np.isfinite(drawn)]
    low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (np.nan, np.nan)
    return Reliability(_alpha(counts, None), float(low), float(high), n)


def _counts(answers: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return how often each answer was given to each clip that has two or more [shape=(clips, answers)]."""
    values = np.asarray(answers)
    kinds = np.arange(int(values.max(initial=-1)) + 1)
    counts = (values[:, :, None] == kinds).sum(axis=0).astype(float)
    return np.asarray(counts[counts.sum(axis=1) >= 2])


def _alpha(counts: NDArray[np.float64], drawn: NDArray[np.integer] | None) -> float:
    counts = counts if drawn is None else counts[drawn]
    given = counts.sum(axis=1)
    n = given.sum()
    of_answer = counts.sum(axis=0)
    expected = n * n - (of_answer**2).sum()
    if not len(counts) or expected == 0:
        return float("nan")
    # Pairs of unlike answers within a clip, each clip weighed by 1 / (its answers - 1).
    observed = ((given**2 - (counts**2).sum(axis=1)) / (given - 1)).sum()
    return float(1 - (n - 1) * observed / expected)
