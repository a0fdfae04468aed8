"""Slices on which a detector errs more than elsewhere, found by themselves and corrected for looking many times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.analysis.bootstrap import RESAMPLES, Groups
from core.analysis.cuts import Cut, Level
from core.analysis.shares import clustered_shares

__all__ = ["FEWEST_CLIPS", "FEWEST_CLUSTERS", "LEVEL", "Found", "WorstSlice", "find_worst"]

#: A slice is looked at from so many clips, of so many speakers or recordings.
FEWEST_CLIPS, FEWEST_CLUSTERS = 20, 5
#: Chance that anything is reported where a detector errs alike everywhere.
LEVEL = 0.05
# Of a pair of columns; and how much of the same wrong clips makes two slices one finding.
_MOST_LEVELS, _ALIKE = 20_000, 0.5
_CANDIDATES = 60


@dataclass(frozen=True)
class WorstSlice:
    """A slice of one class.

    Attributes
    ----------
    label : str
        "bonafide" (its errors are false alarms) or "spoof" (misses).
    where : tuple of (str, Level)
        One or two columns, and the part of each.
    n, wrong, clusters : int
        Clips, those called wrongly, and speakers or recordings they come from.
    rate, low, high : float
        Share called wrongly, and its 95 % interval by cluster, not corrected for looking many times.
    elsewhere : float
        Share called wrongly among the class' other clips.
    p : float
        Chance that the most striking of all slices looked at would be this striking if the detector erred alike
        everywhere (family-wise).
    """

    label: str
    where: tuple[tuple[str, Level], ...]
    n: int
    wrong: int
    clusters: int
    rate: float
    low: float
    high: float
    elsewhere: float
    p: float

    @property
    def words(self) -> str:
        """The slice as a person reads it."""
        return " and ".join(f"{column} {level.label}" for column, level in self.where)


@dataclass(frozen=True)
class Found:
    """The worst slices, the most certain first, and how many were looked at."""

    slices: tuple[WorstSlice, ...]
    looked_at: int

    @property
    def certain(self) -> tuple[WorstSlice, ...]:
        """Those that stand out after correction."""
        return tuple(one for one in self.slices if one.p <= LEVEL)


@dataclass(frozen=True, eq=False)
class _Looked:
    """The slices of one pair of a class and a cut: a statistic each, and its value under flipped signs."""

    real: bool
    cuts: tuple[Cut, ...]
    code: NDArray[np.int64]
    level: NDArray[np.int64]
    statistic: NDArray[np.float64]
    flipped: NDArray[np.float32]


def find_worst(
    cuts: Sequence[Cut], wrong: NDArray[np.bool_], real: NDArray[np.bool_], fake: NDArray[np.bool_],
    owner: NDArray[np.int64], *, most: int = 5, resamples: int = RESAMPLES, seed: int = 0,
) -> Found:  # fmt: skip
    """Return the slices, by one column and by two, on which a larger share of a class is called wrongly.

    Each slice's statistic is the sum over speakers or recordings of what is wrong beyond the class' share, over the
    root of the sum of its squares. How striking the most striking of all slices is by chance is found by turning the
    signs of whole clusters at random, in all slices at once (the maximum statistic over resamples: Westfall and
    Young, "Resampling-based multiple testing", 1993, with the sign flips of Winkler et al., NeuroImage 92, 2014).
    So slices that overlap are not paid for twice, and a slice of few clusters cannot stand out. Of slices that share
    most of their wrong clips the first is kept.

    Parameters
    ----------
    cuts : sequence of Cut
    wrong, real, fake : ndarray of bool [shape=(n,)]
        Which clips are called wrongly, and the class of each; a clip may be of neither.
    owner : ndarray of int [shape=(n,)]
        What each clip shares with others: its speaker, or the recording it was made from.
    most : int
        How many are returned.
    resamples, seed : int
        Of the sign flips.
    """
    looked = [
        each
        for is_real, of in ((True, real), (False, fake))
        if wrong[of].any()
        for each in _looked(cuts, wrong, of, owner, is_real, resamples=resamples, seed=seed)
    ]  # fmt: skip
    if not looked:
        return Found((), 0)
    highest = np.max([each.flipped for each in looked], axis=0)
    # Rounded, so that of two columns that single out the same clips the one that needs no other comes first.
    candidates = sorted(
        ((-round(float(value), 4), number, place) for number, each in enumerate(looked)
         for place, value in enumerate(each.statistic)),
        key=lambda found: (found[0], len(looked[found[1]].cuts)),
    )[:_CANDIDATES]  # fmt: skip
    found = _named(candidates, looked, wrong, (fake, real), owner, highest)
    return Found(tuple(_apart(found, most)), sum(len(each.level) for each in looked))


def _looked(
    cuts: Sequence[Cut], wrong: NDArray[np.bool_], of: NDArray[np.bool_], owner: NDArray[np.int64], is_real: bool, *,
    resamples: int, seed: int,
) -> Iterator[_Looked]:  # fmt: skip
    """Yield what is found of one class by each column and each two."""
    beyond = wrong[of] - wrong[of].mean()
    group, sizes = Groups.of(owner[of], np.ones(int(of.sum()), bool)).put_together
    signs = np.random.default_rng(seed).choice(np.array([-1, 1], np.float32), size=(resamples, sum(sizes)))
    frequent = []
    for cut in cuts:
        inside = Cut(cut.column, cut.levels, cut.code[of])
        counts = np.bincount(inside.code[inside.code >= 0], minlength=len(cut.levels))
        # A part that holds all clips of the class singles nothing out.
        kept = (counts >= FEWEST_CLIPS) & (counts < of.sum())
        if kept.any():
            frequent.append(inside.only(kept))
    for chosen in (*((cut,) for cut in frequent), *combinations(frequent, 2)):
        code, levels = _crossed(chosen)
        if levels <= _MOST_LEVELS:
            each = _statistics(code, levels, beyond, group, signs)
            if each is not None:
                yield _Looked(is_real, chosen, code, *each)


def _crossed(cuts: tuple[Cut, ...]) -> tuple[NDArray[np.int64], int]:
    first, *rest = cuts
    if not rest:
        return first.code, len(first.levels)
    second = rest[0]
    both = np.where((first.code >= 0) & (second.code >= 0), first.code * len(second.levels) + second.code, -1)
    return both, len(first.levels) * len(second.levels)


def _statistics(
    code: NDArray[np.int64], levels: int, beyond: NDArray[np.float64], group: NDArray[np.intp],
    signs: NDArray[np.float32],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float32]] | None:  # fmt: skip
    """Return the levels that are looked at, the statistic of each, and the highest of each resample; None of none."""
    inside, groups = code >= 0, signs.shape[1]
    n = np.bincount(code[inside], minlength=levels)
    new = np.full(levels, -1)
    new[n >= FEWEST_CLIPS] = np.arange(int((n >= FEWEST_CLIPS).sum()))
    inside &= new[code] >= 0
    size = int((n >= FEWEST_CLIPS).sum())
    key = new[code[inside]] * groups + group[inside]
    sums = np.bincount(key, beyond[inside], minlength=size * groups).reshape(size, groups)
    there = np.bincount(key, minlength=size * groups).reshape(size, groups) > 0
    enough = there.sum(axis=1) >= FEWEST_CLUSTERS
    # Half of the class and more is no slice that singles something out, it is what the rest is measured by.
    enough &= n[n >= FEWEST_CLIPS] <= len(code) / 2
    length = np.sqrt(np.square(sums).sum(axis=1))
    enough &= length > 0
    if not enough.any():
        return None
    unit = (sums[enough] / length[enough, None]).astype(np.float32)
    level = np.flatnonzero(n >= FEWEST_CLIPS)[enough]
    return level, unit.sum(axis=1).astype(np.float64), (signs @ unit.T).max(axis=1)


def _named(
    candidates: Sequence[tuple[float, int, int]], looked: Sequence[_Looked], wrong: NDArray[np.bool_],
    classes: tuple[NDArray[np.bool_], NDArray[np.bool_]], owner: NDArray[np.int64], highest: NDArray[np.float32],
) -> Iterator[tuple[WorstSlice, NDArray[np.intp]]]:  # fmt: skip
    """Yield each candidate with the wrong clips in it, those of its class counted from the first."""
    for negative, number, place in candidates:
        each = looked[number]
        of = classes[int(each.real)]
        mine, here = each.code == each.level[place], wrong[of]
        p = (1 + int((highest >= -negative - 1e-3).sum())) / (1 + len(highest))
        yield _slice(each, place, mine, here, owner[of], p), np.flatnonzero(mine & here)


def _slice(
    each: _Looked, place: int, mine: NDArray[np.bool_], wrong: NDArray[np.bool_], owner: NDArray[np.int64], p: float
) -> WorstSlice:
    numbered = np.unique(owner[mine], return_inverse=True)[1]
    share = clustered_shares(np.zeros(int(mine.sum()), np.int64), numbered, wrong[mine], slices=1)
    level = int(each.level[place])
    if len(each.cuts) == 1:
        parts = [each.cuts[0].levels[level]]
    else:
        parts = [cut.levels[at] for cut, at in zip(each.cuts, divmod(level, len(each.cuts[1].levels)), strict=True)]
    where = tuple((cut.column, part) for cut, part in zip(each.cuts, parts, strict=True))
    return WorstSlice(
        "bonafide" if each.real else "spoof", where, n=int(share.n[0]), wrong=int(share.wrong[0]),
        clusters=int(share.clusters[0]), rate=float(share.rate[0]), low=float(share.low[0]),
        high=float(share.high[0]), elsewhere=float(wrong[~mine].mean()), p=p,
    )  # fmt: skip


def _apart(found: Iterator[tuple[WorstSlice, NDArray[np.intp]]], most: int) -> list[WorstSlice]:
    """Return the first few that do not mostly share their wrong clips with one before."""
    kept: list[tuple[WorstSlice, NDArray[np.intp]]] = []
    for one, clips in found:
        if one.rate <= one.elsewhere:
            continue
        before = (other for known, other in kept if known.label == one.label)
        if all(len(np.intersect1d(clips, other)) <= _ALIKE * len(np.union1d(clips, other)) for other in before):
            kept.append((one, clips))
        if len(kept) == most:
            break
    return [one for one, _ in kept]
