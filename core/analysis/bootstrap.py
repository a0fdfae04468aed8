"""Intervals by resampling speakers or recordings, because clips that share one are no independent evidence."""

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.analysis.resampled import Resampled

__all__ = ["RESAMPLES", "interval", "intervals", "repeated"]

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
    order = np.lexsort((~real, values))
    values, real, owner = values[order], real[order], owner[order]
    drawn: dict[str, list[NDArray[np.float64]]] = {name: [] for name in metrics}
    for counts in _resamples(owner, real, resamples, np.random.default_rng(seed)):
        for name, metric in metrics.items():
            drawn[name].append(metric(values, real, counts))
    quantiles = (1 - level) / 2, (1 + level) / 2
    ends = {name: np.quantile(np.concatenate(blocks), quantiles) for name, blocks in drawn.items()}
    return {name: (float(low), float(high)) for name, (low, high) in ends.items()}


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
