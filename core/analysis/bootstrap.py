"""Intervals by resampling speakers, recordings or pages: clips that share one are no independent evidence.

Of many clips (``EXACT``) a resample is counted from sums: how many clips of each group lie in each of some hundred
bins of the scores. More groups than ``MOST_GROUPS`` are put together at random first, which leaves the variance of
what is summed over them as it is in the mean (the random group method: Wolter, "Introduction to Variance Estimation",
2007, chapter 2).
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.analysis import resampled
from core.analysis.bins import Bins
from core.analysis.resampled import Resampled

__all__ = [
    "EXACT", "MOST_GROUPS", "RESAMPLES", "Groups", "difference_interval", "interval", "intervals", "mean_interval",
    "repeated",
]  # fmt: skip

#: How many resamples every interval of the project rests on.
RESAMPLES = 1000
#: Up to so many clips each is counted as often as it was drawn.
EXACT = 20_000
MOST_GROUPS = 1_000
_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class Groups:
    """Which clips share a group: made once, it serves every detector's scores of the same clips.

    Attributes
    ----------
    owner : ndarray [shape=(n,)]
        Each clip's group, numbered from 0 without a gap.
    real : ndarray of bool [shape=(n,)]
        Which clips are bona fide.
    """

    owner: NDArray[np.intp]
    real: NDArray[np.bool_]

    @classmethod
    def of(cls, names: ArrayLike, real: NDArray[np.bool_]) -> "Groups":
        """Number the groups by their names, or by the numbers (0 or more) that they have."""
        return cls(_numbered(names), real)

    @cached_property
    def _clips(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """How many clips each group has, and how many of them are bona fide."""
        n_groups = int(self.owner.max(initial=-1)) + 1
        clips = np.bincount(self.owner, minlength=n_groups)
        return clips, np.bincount(self.owner[self.real], minlength=n_groups)

    @property
    def fewest(self) -> int:
        """The number of groups of the class that has fewer."""
        clips, bonafide = self._clips
        return int(min((bonafide > 0).sum(), (bonafide < clips).sum()))

    @cached_property
    def strata(self) -> list[NDArray[np.intp]]:
        """The groups of bona fide clips only, of spoofs only, and of both, as far as there are any."""
        clips, bonafide = self._clips
        found = [bonafide == clips, bonafide == 0, (bonafide > 0) & (bonafide < clips)]
        return [np.flatnonzero(stratum) for stratum in found if stratum.any()]

    @cached_property
    def put_together(self) -> tuple[NDArray[np.intp], tuple[int, ...]]:
        """Each clip's group when no stratum has more than ``MOST_GROUPS``, numbered in turn; each stratum's size."""
        return self.together(MOST_GROUPS)

    def together(self, most: int) -> tuple[NDArray[np.intp], tuple[int, ...]]:
        """Return each clip's group when groups are put together at random to ``most`` a stratum, and their sizes."""
        rng = np.random.default_rng(0)
        strata = [np.array_split(rng.permutation(found), min(len(found), most)) for found in self.strata]
        new = np.empty(len(self._clips[0]), np.intp)
        for number, groups in enumerate(group for stratum in strata for group in stratum):
            new[groups] = number
        return new[self.owner], tuple(map(len, strata))


def _numbered(groups: ArrayLike) -> NDArray[np.intp]:
    names = np.asarray(groups)
    if not np.issubdtype(names.dtype, np.integer):
        return np.unique(names.astype(str), return_inverse=True)[1]
    if int(names.max(initial=-1)) > 16 * len(names):
        # Few clips of a large corpus are sorted faster than all its numbers are gone through.
        return np.unique(names, return_inverse=True)[1]
    there = np.zeros(int(names.max(initial=-1)) + 1, dtype=bool)
    there[names] = True
    return (np.cumsum(there) - 1)[names]


def repeated(metric: Callable[[NDArray[np.float64], NDArray[np.float64]], float]) -> Resampled:
    """Return any figure of (bona fide scores, spoof scores) as one of resamples, by repeating the clips: slow."""

    def measure(scores: NDArray[np.float64], real: NDArray[np.bool_], counts: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.array([
            metric(np.repeat(scores[real], line[real]), np.repeat(scores[~real], line[~real])) for line in counts
        ])  # fmt: skip

    return measure


def interval(
    metric: Resampled, scores: ArrayLike, is_bonafide: ArrayLike, groups: "ArrayLike | Groups", *,
    resamples: int = RESAMPLES, level: float = 0.95, seed: int = 0,
) -> tuple[float, float]:  # fmt: skip
    """Return the percentile bootstrap interval of one figure; see ``intervals``."""
    return intervals(
        {"": metric}, scores, is_bonafide, groups, resamples=resamples, level=level, seed=seed
    )[""]  # fmt: skip


def intervals(
    metrics: Mapping[str, Resampled], scores: ArrayLike, is_bonafide: ArrayLike, groups: "ArrayLike | Groups", *,
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
    groups : array of int or str [shape=(n,)], or Groups
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
    owner = _numbered(groups)
    if len(np.unique(owner)) < 2:
        return math.nan, math.nan
    counts = _resamples(owner, np.ones(len(numbers), bool), resamples, np.random.default_rng(seed))
    return _ends(np.concatenate([(times @ numbers) / times.sum(axis=1) for times in counts]), level)


def _drawn(
    metrics: Mapping[str, Resampled], scores: ArrayLike, is_bonafide: ArrayLike, groups: "ArrayLike | Groups", *,
    resamples: int, level: float, seed: int,
) -> dict[str, NDArray[np.float64]]:  # fmt: skip
    """Return each figure of every resample [shape=(resamples,)]; NaN where a class comes from fewer than two groups."""
    values, real = np.asarray(scores, dtype=np.float64), np.asarray(is_bonafide, dtype=bool)
    known = groups if isinstance(groups, Groups) else Groups.of(groups, real)
    if not len(values) == len(real) == len(known.owner):
        raise ValueError(
            f"{len(values)} scores, {len(real)} labels and {len(known.owner)} groups: give one of each per clip."
        )
    if resamples < 1 or not 0 < level < 1:
        raise ValueError("A bootstrap needs at least one resample and a level between 0 and 1.")
    if known.fewest < 2:
        return {name: np.full(1, math.nan) for name in metrics}
    if len(values) > EXACT:
        return _drawn_in_bins(metrics, values, known, resamples=resamples, seed=seed)
    owner, order = known.owner, np.lexsort((~real, values))
    values, real, owner = values[order], real[order], owner[order]
    drawn: dict[str, list[NDArray[np.float64]]] = {name: [] for name in metrics}
    for counts in _resamples(owner, real, resamples, np.random.default_rng(seed)):
        for name, metric in metrics.items():
            drawn[name].append(metric(values, real, counts))
    return {name: np.concatenate(blocks) for name, blocks in drawn.items()}


def _drawn_in_bins(
    metrics: Mapping[str, Resampled], values: NDArray[np.float64], groups: Groups, *, resamples: int, seed: int
) -> dict[str, NDArray[np.float64]]:  # fmt: skip
    """Return each figure of every resample, counted from each group's clips in each bin of the scores."""
    bins, (owner, sizes) = Bins.of(values, groups.real), groups.put_together
    # A row of a bin's bona fide clips, then one of its spoofs.
    rows = 2 * len(bins.means)
    held = np.bincount(owner * rows + 2 * bins.of_clip + ~groups.real, minlength=sum(sizes) * rows)
    times = _times(sizes, resamples, seed)
    counts = np.rint(times @ held.reshape(-1, rows).astype(np.float32)).astype(np.intp)
    scores, of_real = np.repeat(bins.means, 2), np.arange(rows) % 2 == 0
    # Equal error rates are taken within the bins; the other figures count a bin's clips as ties.
    return {
        name: bins.equal_errors(counts) if metric is resampled.eer else metric(scores, of_real, counts)
        for name, metric in metrics.items()
    }  # fmt: skip


@lru_cache(maxsize=8)
def _times(sizes: tuple[int, ...], resamples: int, seed: int) -> NDArray[np.float32]:
    """Return how often each group is drawn [shape=(resamples, groups)], each stratum as often as it has groups."""
    rng = np.random.default_rng(seed)
    drawn = [rng.multinomial(size, np.full(size, 1 / size), size=resamples) for size in sizes]
    return np.concatenate(drawn, axis=1).astype(np.float32)


def _ends(drawn: NDArray[np.float64], level: float) -> tuple[float, float]:
    low, high = np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)


def _resamples(
    owner: NDArray[np.intp], real: NDArray[np.bool_], resamples: int, rng: np.random.Generator
) -> Iterator[NDArray[np.intp]]:
    """Yield how often each clip is drawn [shape=(resamples, n)], in blocks that fit into memory."""
    n_groups, strata = int(owner.max()) + 1, Groups(owner, real).strata
    groups, sizes = np.concatenate(strata), np.array([len(stratum) for stratum in strata])
    first, sizes = np.repeat(sizes.cumsum() - sizes, sizes), np.repeat(sizes, sizes)
    size = max(1, _BLOCK // len(owner))
    for start in range(0, resamples, size):
        lines = min(size, resamples - start)
        drawn = groups[first + rng.integers(sizes, size=(lines, len(sizes)))] + n_groups * np.arange(lines)[:, None]
        yield np.bincount(drawn.ravel(), minlength=lines * n_groups).reshape(lines, n_groups)[:, owner]
