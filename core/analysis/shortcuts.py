"""Shortcuts: how well one measured figure alone (length, silence, level, codec ...) separates the classes of a corpus.

Where it does, a detector need not know anything of speech to do well on the corpus, and one that was trained on it
may have learnt nothing else. Müller et al., "Speech is silver, silence is golden" (ASVspoof workshop 2021), found that
the length of the silence at the start did in ASVspoof 2019.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from core.analysis import resampled
from core.analysis.bootstrap import intervals
from core.analysis.format import figure
from core.analysis.metrics import roc_auc
from core.analysis.tables import interval_groups

__all__ = ["MOST_CLIPS", "NOTICED", "SOLVED", "WORDS", "Shortcut", "find_shortcuts", "shortcut_groups"]

SOLVED, NOTICED = 0.75, 0.6
"""A figure solves a corpus where its AUC surely (by its 95 % interval) lies over the first, and is noticed over 0.6."""

MOST_CLIPS = 5_000
"""Of a larger corpus so many clips are drawn."""

WORDS = {
    "seconds": "length", "level_dbfs": "level", "snr_db": "signal-to-noise ratio", "bandwidth_hz": "bandwidth",
    "silence_share": "share of silence", "leading_silence_s": "silence at the start",
    "trailing_silence_s": "silence at the end", "codec": "codec", "sample_rate": "sample rate", "dc": "DC offset",
    "pitch_range_st": "pitch range", "energy_sd_db": "variation of energy", "speaking_rate": "speaking rate",
}  # fmt: skip
"""What the measured columns are called."""

_FOLDS, _BINS, _FEWEST = 5, 12, 2
# By how much a figure that is read by ranges has to be better than one that is read by a threshold.
_BETTER = 0.05
_RESAMPLES = 400

Score = NDArray[np.float64]


@dataclass(frozen=True)
class Shortcut:
    """How well one figure separates the classes, by what was learnt of it on other speakers and sources.

    Attributes
    ----------
    name : str
        Of the column.
    auc, low, high : float
        Area under the ROC curve, out of fold, and its 95 % interval over groups of clips; 0.5 is chance.
    eer : float
        Equal error rate, out of fold.
    how : str
        ``higher is bona fide``, ``higher is spoof``, ``by range`` or ``by value``.
    n : int
        Clips of which it is known.
    """

    name: str
    auc: float
    low: float
    high: float
    eer: float
    how: str
    n: int

    @property
    def weight(self) -> str:
        """``solved``, ``noticed``, or ``quiet``."""
        return "solved" if self.low > SOLVED else "noticed" if self.low > NOTICED else "quiet"

    @property
    def sentence(self) -> str:
        """What it means, in one sentence; "" where it is quiet."""
        what, auc = WORDS.get(self.name, self.name), figure(self.auc, (self.low, self.high))
        if self.weight == "solved":
            return (
                f"This corpus can be solved by {what} alone ({self.how}): it separates the classes with an AUC of "
                f"{auc}, without any detector. What detectors score on it may be that."
            )
        if self.weight == "noticed":
            return f"The classes differ in {what} ({self.how}): AUC {auc} by it alone."
        return ""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values; what is not known is None."""
        figures = {name: getattr(self, name) for name in ("auc", "low", "high", "eer")}
        known = {name: value if math.isfinite(value) else None for name, value in figures.items()}
        text = {"how": self.how, "weight": self.weight, "sentence": self.sentence}
        return {"name": self.name, **known, **text, "n": self.n}


def find_shortcuts(
    columns: Mapping[str, ArrayLike], is_bonafide: ArrayLike, groups: ArrayLike, *,
    most: int = MOST_CLIPS, resamples: int = _RESAMPLES, seed: int = 0,
) -> list[Shortcut]:  # fmt: skip
    """Return how well each figure alone separates the classes, the best first.

    Groups are split into five parts. A figure is read by what the other four parts show of it: numbers by a threshold,
    whichever side is bona fide, and by the share of bona fide clips in each of twelve ranges, where that is clearly
    better; words by the share of bona fide clips that have them.

    Parameters
    ----------
    columns : mapping of str to array [shape=(n,)]
        Numbers (NaN: not known) or words.
    is_bonafide : array of bool [shape=(n,)]
    groups : array [shape=(n,)]
        What clips share: their speaker or source (``core.analysis.tables.interval_groups``).
    most : int
        Clips that are drawn where there are more.
    resamples : int
        Of the bootstrap over groups.
    seed : int

    Returns
    -------
    list of Shortcut
        None where a class comes from fewer than two groups. Columns that hold one value only are left out.
    """
    real = np.asarray(is_bonafide, dtype=bool)
    drawn = _draw(real, most, np.random.default_rng(seed))
    real, owner = real[drawn], pd.factorize(np.asarray(groups)[drawn])[0]
    if min(len(np.unique(owner[real])), len(np.unique(owner[~real]))) < _FEWEST:
        return []
    fold = np.random.default_rng(seed).permutation(int(owner.max()) + 1)[owner] % _FOLDS
    found = []
    for name, column in columns.items():
        values = np.asarray(column)[drawn]
        if (shortcut := _shortcut(name, values, real, owner, fold, resamples)) is not None:
            found.append(shortcut)
    return sorted(found, key=lambda each: (-each.low, -each.auc, each.name))


def shortcut_groups(frame: pd.DataFrame) -> NDArray[np.object_]:
    """Return what the clips of a manifest share [shape=(n,)]: their page, else speaker or source."""
    groups = interval_groups(frame)
    if "page" not in frame.columns:
        return groups
    page = frame["page"].astype(str)
    return np.where(page.isin(["", "-", "nan"]), groups, "page:" + page.astype(object))


def _draw(real: NDArray[np.bool_], most: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the places of at most ``most`` clips; half of them are of the smaller class, or all of it."""
    if len(real) <= most:
        return np.arange(len(real))
    bonafide, spoof = np.flatnonzero(real), np.flatnonzero(~real)
    few = min(len(bonafide), len(spoof), most // 2)
    sizes = (few, most - few) if len(bonafide) <= len(spoof) else (most - few, few)
    kept = [
        rng.choice(rows, min(size, len(rows)), replace=False)
        for rows, size in zip((bonafide, spoof), sizes, strict=True)
    ]
    return np.sort(np.concatenate(kept))


def _shortcut(
    name: str, values: NDArray[Any], real: NDArray[np.bool_], owner: NDArray[np.intp], fold: NDArray[np.intp],
    resamples: int,
) -> Shortcut | None:  # fmt: skip
    if values.dtype.kind in "fiub":
        numbers = values.astype(np.float64)
        known = np.isfinite(numbers)
        codes = None
    else:
        words, known = pd.Series(values).astype(str), np.ones(len(values), bool)
        codes, numbers = pd.factorize(words)[0], np.zeros(len(values))
    if not known.any() or (np.ptp(numbers[known]) == 0 if codes is None else codes.max() == 0):
        return None
    if codes is not None:
        score, how = _by_class_rate(codes, real, fold), "by value"
    else:
        # What is not known of a clip is a value of its own to a range, and the middle to a threshold.
        score, higher = _by_threshold(numbers, known, real, fold)
        how = "higher is bona fide" if higher else "higher is spoof"
        ranges = _by_range(numbers, known, real, fold)
        if roc_auc(ranges[real], ranges[~real]) > roc_auc(score[real], score[~real]) + _BETTER:
            score, how = ranges, "by range"
    measures = {"auc": resampled.auc}
    low, high = intervals(measures, score, real, owner, resamples=resamples)["auc"]
    auc, eer = roc_auc(score[real], score[~real]), _eer(score, real)
    return Shortcut(name, auc, low, high, eer, how, int(known.sum()))


def _eer(score: Score, real: NDArray[np.bool_]) -> float:
    """Return the equal error rate, half of the ties on either side: many clips share a value here."""
    order = np.unique(score)
    alarms = np.searchsorted(np.sort(score[real]), order, "left") / real.sum()
    misses = 1 - np.searchsorted(np.sort(score[~real]), order, "left") / (~real).sum()
    # The curve is followed between two thresholds, where it crosses the diagonal.
    alarms, misses = np.append(alarms, 1.0), np.append(misses, 0.0)
    at = int(np.argmax(alarms >= misses))
    if at == 0:
        return float(alarms[0] + misses[0]) / 2
    before, after = misses[at - 1] - alarms[at - 1], alarms[at] - misses[at]
    share = before / (before + after) if before + after > 0 else 0.0
    return float(alarms[at - 1] + share * (alarms[at] - alarms[at - 1]))


def _by_threshold(
    numbers: Score, known: NDArray[np.bool_], real: NDArray[np.bool_], fold: NDArray[np.intp]
) -> tuple[Score, bool]:
    """Return each clip's rank among the clips of other folds, turned so that bona fide ones are higher there."""
    score, turned = np.full(len(numbers), 0.5), 0.0
    for part in range(_FOLDS):
        inside, outside = known & (fold == part), known & (fold != part)
        if not (real & outside).any() or not (~real & outside).any():
            continue
        theirs = np.sort(numbers[outside])
        below = np.searchsorted(theirs, numbers[inside], "left") + np.searchsorted(theirs, numbers[inside], "right")
        rank = below / (2 * len(theirs))
        up = roc_auc(numbers[outside & real], numbers[outside & ~real]) >= 0.5
        score[inside] = rank if up else 1 - rank
        turned += 1 if up else -1
    return score, turned >= 0


def _by_range(
    numbers: Score, known: NDArray[np.bool_], real: NDArray[np.bool_], fold: NDArray[np.intp]
) -> Score:  # fmt: skip
    """Return how often clips of other folds whose figure lies in the same range are bona fide."""
    edges = np.unique(np.quantile(numbers[known], np.linspace(0, 1, _BINS + 1)[1:-1]))
    codes = np.where(known, np.searchsorted(edges, numbers, "right"), len(edges) + 1)
    return _by_class_rate(codes, real, fold)


def _by_class_rate(codes: NDArray[np.intp], real: NDArray[np.bool_], fold: NDArray[np.intp]) -> Score:
    """Return the share of bona fide clips among those of other folds that have the same value, drawn to the mean."""
    n_codes = int(codes.max()) + 1
    score = np.empty(len(codes))
    for part in range(_FOLDS):
        inside, outside = fold == part, fold != part
        # Each class weighs the same, and a value that few clips have says little.
        weight = np.where(real, 0.5 / max(1, (real & outside).sum()), 0.5 / max(1, (~real & outside).sum()))
        total = np.bincount(codes[outside], weight[outside], n_codes)
        bonafide = np.bincount(codes[outside], (weight * real)[outside], n_codes)
        prior = 2 / max(1, outside.sum())
        score[inside] = ((bonafide + 0.5 * prior) / (total + prior))[codes[inside]]
    return score
