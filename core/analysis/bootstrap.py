"""Intervals by resampling speakers, recordings or pages: clips that share one are no independent evidence."""

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.analysis.resampled import Resampled

__all__ = ["RESAMPLES", "difference_interval", "interval", "intervals", "mean_interval", "repeated"]

#: How many resamples every interval of the project rests on.
RESAMPLES = 1000
_BLOCK = 4_000_000


def repeated(metric: Callable[[NDArray[np.float64], NDArray[np.float64]], float]) -> Resampled:
    """Return any figure of (bona fide scores, spoof scores) as one of resamples, by repeating the clips: slow."""

    def measure(scores: NDArray[np.float64], real: NDArray[np.bool_], counts: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.array([
            metric(np.repeat(scores[real], line[real]), np.repeat(scores[~real], line[~real])) for line in counts
        ])  # fmt: skip

    return measure


def interval(
    metric: Resampled, scores: ArrayLike, is_bonafide: ArrayLike, groups: ArrayLike, *, resamples: int = RESAMPLES,
    level: float = 0.95, seed: int = 0,
) -> tuple[float, float]:  # fmt: skip
    """Return the percentile bootstrap interval of one figure; see ``intervals``."""
    return intervals(
        {"": metric}, scores, is_bonafide, groups, resamples=resamples, level=level, seed=seed
    )[""]  # fmt: skip


def intervals(
    metrics: Mapping[str, Resampled], scores: ArrayLike, is_bonafide: ArrayLike, groups: ArrayLike, *,
    resamples: int = RESAMPLES, level: float = 0.95, seed: int = 0,
) -> dict[str, tuple[float, float]]:  # fmt: skip
    """Return percentile bootstrap intervals of several figures, from the same resamples.

    Groups are drawn with replacement and a drawn group brings all its clips (after Ferrer and Riera's confidence
    intervals for evaluation). Groups of bona fide clips only, of spoofs only and of both are drawn apart, so that
    no resample lacks a class.

    Parameters
    ----------
    metrics : mapping of str to Resampled
        Figures such as those of ``core.analysis.resampled``, or ``repeated`` ones.
    scores : array [shape=(n,)]
        Higher = more bona fide.
    is_bonafide : array of bool [shape=(n,)]
    groups : array [shape=(n,)]
        What each clip shares with others: its speaker, the recording it was made from, or the page it stands on.
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
    drawn = _drawn(metrics, scores, is_bonafide, groups, resamples=resamples, level=level, seed=seed)
    return {name: _ends(values, level) for name, values in drawn.items()}


def difference_interval(
    metric: Resampled, first: ArrayLike, second: ArrayLike, is_bonafide: ArrayLike, groups: ArrayLike, *,
    resamples: int = RESAMPLES, level: float = 0.95, seed: int = 0,
) -> tuple[float, float]:  # fmt: skip
    """Return the percentile bootstrap interval of what one figure is by the first scores less by the second.

    Both are taken on the same resamples (a paired bootstrap): what makes a resample hard is hard for both, and does
    not widen the interval. The other parameters are those of ``intervals``.

    Parameters
    ----------
    metric : Resampled
    first, second : array [shape=(n,)]
        Scores of the same clips.
    is_bonafide, groups : array [shape=(n,)]
    """
    # A group is drawn as often in both: that depends on labels and groups, not on scores.
    one, other = (
        _drawn({"": metric}, scores, is_bonafide, groups, resamples=resamples, level=level, seed=seed)[""]
        for scores in (first, second)
    )
    return _ends(one - other, level)


def mean_interval(
    values: ArrayLike, groups: ArrayLike, *, resamples: int = RESAMPLES, level: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the mean of values [shape=(n,)] of one class, as of a share.

    NaN where they come from fewer than two groups.
    """
    numbers = np.asarray(values, dtype=np.float64)
    _, owner = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    if len(np.unique(owner)) < 2:
        return math.nan, math.nan
    counts = _resamples(owner, np.ones(len(numbers), bool), resamples, np.random.default_rng(seed))
    return _ends(np.concatenate([(times @ numbers) / times.sum(axis=1) for times in counts]), level)


def _drawn(
    metrics: Mapping[str, Resampled], scores: ArrayLike, is_bonafide: ArrayLike, groups: ArrayLike, *,
    resamples: int, level: float, seed: int,
) -> dict[str, NDArray[np.float64]]:  # fmt: skip
    """Return each figure of every resample [shape=(resamples,)]; NaN where a class comes from fewer than two groups."""
    values, real = np.asarray(scores, dtype=np.float64), np.asarray(is_bonafide, dtype=bool)
    _, owner = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    if not len(values) == len(real) == len(owner):
        raise ValueError(
            f"{len(values)} scores, {len(real)} labels and {len(owner)} groups: give one of each per clip."
        )
    if resamples < 1 or not 0 < level < 1:
        raise ValueError("A bootstrap needs at least one resample and a level between 0 and 1.")
    if min(len(np.unique(owner[real])), len(np.unique(owner[~real]))) < 2:
        return {name: np.full(1, math.nan) for name in metrics}
    order = np.lexsort((~real, values))
    values, real, owner = values[order], real[order], owner[order]
    drawn: dict[str, list[NDArray[np.float64]]] = {name: [] for name in metrics}
    for counts in _resamples(owner, real, resamples, np.random.default_rng(seed)):
        for name, metric in metrics.items():
            drawn[name].append(metric(values, real, counts))
    return {name: np.concatenate(blocks) for name, blocks in drawn.items()}


def _ends(drawn: NDArray[np.float64], level: float) -> tuple[float, float]:
    low, high = np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)


def _resamples(
    owner: NDArray[np.intp], real: NDArray[np.bool_], resamples: int, rng: np.random.Generator
) -> Iterator[NDArray[np.intp]]:
    """Yield how often each clip is drawn [shape=(resamples, n)], in blocks that fit into memory."""
    n_groups = int(owner.max()) + 1
    clips = np.bincount(owner, minlength=n_groups)
    bonafide = np.bincount(owner[real], minlength=n_groups)
    strata = [np.flatnonzero(bonafide == clips), np.flatnonzero(bonafide == 0)]
    strata.append(np.flatnonzero((bonafide > 0) & (bonafide < clips)))
    strata = [stratum for stratum in strata if len(stratum)]
    size = max(1, _BLOCK // len(owner))
    for start in range(0, resamples, size):
        times = np.zeros((min(size, resamples - start), n_groups), np.intp)
        for line in times:
            for stratum in strata:
                line += np.bincount(stratum[rng.integers(len(stratum), size=len(stratum))], minlength=n_groups)
        yield times[:, owner]
