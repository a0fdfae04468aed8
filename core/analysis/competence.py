"""Competence: whether a detector separates the classes of a corpus at all.

A vote at chance is noise, and a mean that counts it is worse than one that does not.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.analysis.bootstrap import Groups

__all__ = ["MOST_CLIPS", "Competence", "competence"]

MOST_CLIPS = 4_000
"""Of a larger corpus so many labelled clips are drawn."""

_CHANCE, _Z = 0.5, 1.959964


@dataclass(frozen=True)
class Competence:
    """How well a detector separates the labelled clips of a corpus.

    Attributes
    ----------
    auc, low, high : float
        Area under the ROC curve and its 95 % interval over speakers and sources; NaN where it is not known.
    n_bonafide, n_spoof : int
        Labelled clips that it rests on.
    """

    auc: float
    low: float
    high: float
    n_bonafide: int
    n_spoof: int

    @property
    def is_known(self) -> bool:
        """Whether there are labels of both classes from more than one speaker or source each."""
        return math.isfinite(self.low)

    @property
    def is_at_chance(self) -> bool:
        """Whether the interval holds chance, or lies below it."""
        return self.is_known and self.low <= _CHANCE


def competence(
    scores: ArrayLike, is_bonafide: ArrayLike, is_spoof: ArrayLike, groups: ArrayLike, *,
    most: int = MOST_CLIPS, seed: int = 0,
) -> Competence:  # fmt: skip
    """Return how well scores separate the classes of labelled clips.

    Parameters
    ----------
    scores : array [shape=(n,)]
        Higher = more bona fide.
    is_bonafide, is_spoof : array of bool [shape=(n,)]
        A clip may be neither: its label is not known.
    groups : array [shape=(n,)]
        What clips share: their speaker or source.
    most : int
        Clips that are drawn where more are labelled.
    seed : int
        Of that draw.
    """
    values, real = np.asarray(scores, dtype=np.float64), np.asarray(is_bonafide, dtype=bool)
    labelled = np.flatnonzero((real | np.asarray(is_spoof, dtype=bool)) & np.isfinite(values))
    if len(labelled) > most:
        labelled = np.sort(np.random.default_rng(seed).choice(labelled, most, replace=False))
    values, real, owner = values[labelled], real[labelled], np.asarray(groups)[labelled]
    n_bonafide, n_spoof = int(real.sum()), int((~real).sum())
    if not n_bonafide or not n_spoof:
        return Competence(math.nan, math.nan, math.nan, n_bonafide, n_spoof)
    auc, low, high = _area(values, real, Groups.of(owner, real))
    return Competence(auc, low, high, n_bonafide, n_spoof)


def _area(values: NDArray[np.float64], real: NDArray[np.bool_], groups: Groups) -> tuple[float, float, float]:
    """Return the area and its 95 % interval: each clip's placement among the other class, summed by cluster.

    Obuchowski, "Nonparametric analysis of clustered ROC curve data", Biometrics 53, 1997. NaN for the interval where a
    class comes from fewer than two groups.
    """
    one, other = np.sort(values[real]), np.sort(values[~real])
    placed = np.empty(len(values))
    for of, against in ((real, other), (~real, one)):
        below = np.searchsorted(against, values[of], "left") + np.searchsorted(against, values[of], "right")
        placed[of] = below / (2 * len(against))
    placed[~real] = 1 - placed[~real]
    auc = float(placed[real].mean())
    if groups.fewest < 2:
        return auc, math.nan, math.nan
    weight = np.where(real, 1 / len(one), 1 / len(other))
    sums = np.bincount(groups.owner, (placed - auc) * weight)
    spread = _Z * math.sqrt(len(sums) / (len(sums) - 1) * float(np.square(sums).sum()))
    return auc, max(auc - spread, 0.0), min(auc + spread, 1.0)
