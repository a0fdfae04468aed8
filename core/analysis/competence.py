"""Competence: whether a detector separates the classes of a corpus at all.

A vote at chance is noise, and a mean that counts it is worse than one that does not.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.analysis import resampled
from core.analysis.bootstrap import interval
from core.analysis.metrics import roc_auc

__all__ = ["MOST_CLIPS", "Competence", "competence"]

MOST_CLIPS = 4_000
"""Of a larger corpus so many labelled clips are drawn."""

_CHANCE, _RESAMPLES = 0.5, 300


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
    most: int = MOST_CLIPS, resamples: int = _RESAMPLES, seed: int = 0,
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
    resamples : int
        Of the bootstrap over groups.
    seed : int
    """
    values, real = np.asarray(scores, dtype=np.float64), np.asarray(is_bonafide, dtype=bool)
    labelled = np.flatnonzero((real | np.asarray(is_spoof, dtype=bool)) & np.isfinite(values))
    if len(labelled) > most:
        labelled = np.sort(np.random.default_rng(seed).choice(labelled, most, replace=False))
    values, real, owner = values[labelled], real[labelled], np.asarray(groups)[labelled]
    n_bonafide, n_spoof = int(real.sum()), int((~real).sum())
    if not n_bonafide or not n_spoof:
        return Competence(math.nan, math.nan, math.nan, n_bonafide, n_spoof)
    low, high = interval(resampled.auc, values, real, owner, resamples=resamples, seed=seed)
    return Competence(roc_auc(values[real], values[~real]), low, high, n_bonafide, n_spoof)
