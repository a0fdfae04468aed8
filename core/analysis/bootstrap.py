"""Intervals by resampling speakers or recordings, because clips that share one are no independent evidence."""

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Metric", "interval", "intervals"]

Metric = Callable[[NDArray[np.float64], NDArray[np.float64]], float]
"""A figure of (bona fide scores, spoof scores)."""


def interval(
    metric: Metric, scores: ArrayLike, is_bonafide: ArrayLike, groups: ArrayLike, *, resamples: int = 1000,
    level: float = 0.95, seed: int = 0,
) -> tuple[float, float]:  # fmt: skip
    """Return the percentile bootstrap interval of one figure; see ``intervals``."""
    return intervals(
        {"": metric}, scores, is_bonafide, groups, resamples=resamples, level=level, seed=seed
    )[""]  # fmt: skip


def intervals(
    metrics: Mapping[str, Metric], scores: ArrayLike, is_bonafide: ArrayLike, groups: ArrayLike, *,
    resamples: int = 1000, level: float = 0.95, seed: int = 0,
) -> dict[str, tuple[float, float]]:  # fmt: skip
    """Return percentile bootstrap intervals of several figures, from the same resamples.

    Groups are drawn with replacement and a drawn group brings all its clips (after Ferrer and Riera's confidence
    intervals for evaluation). Groups of bona fide clips only, of spoofs only and of both are drawn apart, so that
    no resample lacks a class.

    Parameters
    ----------
    metrics : mapping of str to callable
        Figures of (bona fide scores, spoof scores).
    scores : array [shape=(n,)]
        Higher = more bona fide.
    is_bonafide : array of bool [shape=(n,)]
    groups : array [shape=(n,)]
        What each clip shares with others: its speaker, or the recording it was made from.
    resamples : int
    level : float
        Share of the resamples inside the interval.
    seed : int

    Returns
    -------
    dict of str to (low, high)
        NaN where a class comes from fewer than two groups: nothing is known of its spread then.

    Raises
    ------
    ValueError
        When the three columns differ in length or ``resamples`` is not positive.
    """
    values, real = np.asarray(scores, dtype=np.float64), np.asarray(is_bonafide, dtype=bool)
    _, owner = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    if not len(values) == len(real) == len(owner):
        raise ValueError(
            f"{len(values)} scores, {len(real)} labels and {len(owner)} groups: give one of each per clip."
        )
    if resamples < 1 or not 0 < level < 1:
        raise ValueError("A bootstrap needs at least one resample and a level between 0 and 1.")
    if min(len(np.unique(owner[real])), len(np.unique(owner[~real]))) < 2:
        return dict.fromkeys(metrics, (math.nan, math.nan))
    # Ascending once: every resample is then two sorted runs, which the figures' stable sort merges in linear time.
    order = np.argsort(values, kind="stable")
    values, real, owner = values[order], real[order], owner[order]
    drawn = np.empty((len(metrics), resamples))
    for number, rows in enumerate(_resamples(owner, real, resamples, np.random.default_rng(seed))):
        here, truth = values[rows], real[rows]
        drawn[:, number] = [metric(here[truth], here[~truth]) for metric in metrics.values()]
    ends = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=1)
    return {name: (float(low), float(high)) for name, low, high in zip(metrics, *ends, strict=True)}


def _resamples(
    owner: NDArray[np.intp], real: NDArray[np.bool_], resamples: int, rng: np.random.Generator
) -> Iterator[NDArray[np.intp]]:
    """Yield the rows of each resample."""
    n_groups = int(owner.max()) + 1
    clips = np.bincount(owner, minlength=n_groups)
    bonafide = np.bincount(owner[real], minlength=n_groups)
    strata = [np.flatnonzero(bonafide == clips), np.flatnonzero(bonafide == 0)]
    strata.append(np.flatnonzero((bonafide > 0) & (bonafide < clips)))
    rows = np.arange(len(owner))
    for _ in range(resamples):
        picks = np.concatenate(
            [stratum[rng.integers(len(stratum), size=len(stratum))] for stratum in strata if len(stratum)]
        )
        times = np.bincount(picks, minlength=n_groups)
        yield np.repeat(rows, times[owner])
