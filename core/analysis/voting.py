"""Several detectors on the same clips: how each votes, where they contradict each other, how many they amount to.

Arrays in and out, whatever their length; what two voters have in common is counted by ``core.analysis.voters``.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.analysis.verdict import Decision
from core.analysis.voters import BONAFIDE_VOTE, NO_VOTE, SPOOF_VOTE, correlation, opinions

__all__ = ["by_dispute", "effective_voters", "spread", "votes_of"]

Scores = Sequence[NDArray[np.float64]]


def votes_of(scores: Scores, decisions: Sequence[Decision]) -> NDArray[np.int8]:
    """Return each detector's vote on each clip [shape=(n, d), int8], as ``core.analysis.voters`` has them.

    Parameters
    ----------
    scores : sequence of ndarray [each of shape=(n,)]
        Log-likelihood ratios, a detector each; higher = more bona fide.
    decisions : sequence of Decision
        Each detector's thresholds.

    Raises
    ------
    ValueError
        When there is no detector, one lacks a decision, or a score is not finite.
    """
    if not scores:
        raise ValueError("A vote needs at least one detector: there are no scores.")
    # A detector's votes lie one after the other: they are written and compared detector by detector.
    votes = np.full((len(scores), len(scores[0])), NO_VOTE, dtype=np.int8)
    for number, (own, llr, rule) in enumerate(zip(votes, scores, decisions, strict=True), start=1):
        if not np.isfinite(llr).all():
            raise ValueError(f"Detector {number} has scores that are missing or not finite: leave those clips out.")
        own[llr > rule.bonafide_above] = BONAFIDE_VOTE
        own[llr < rule.spoof_below] = SPOOF_VOTE
    return votes.T


def spread(scores: Scores) -> NDArray[np.float64]:
    """Return the largest less the smallest P(spoof) of each clip [shape=(n,)]."""
    low, high = np.array(scores[0], dtype=float), np.array(scores[0], dtype=float)
    for llr in scores[1:]:
        np.minimum(low, llr, out=low)
        np.maximum(high, llr, out=high)
    return p_spoof(low) - p_spoof(high)


def by_dispute(spreads: NDArray[np.float64], votes: NDArray[np.int8]) -> NDArray[np.intp]:
    """Return the places of all clips from the most to the least disputed [shape=(n,)].

    Most disputed is where P(spoof) spreads most; then where most detectors contradict the majority; then the first.
    """
    minority = np.minimum((votes == SPOOF_VOTE).sum(axis=1), (votes == BONAFIDE_VOTE).sum(axis=1))
    # A number of two bytes is sorted by its digits, which costs next to nothing.
    return np.lexsort((-minority.astype(np.int16), -spreads))


def effective_voters(scores: Scores, classes: NDArray[np.integer] | None = None) -> float:
    """Return how many independent detectors the given ones amount to: 1 when all are alike, n when none is.

    Copies of a detector do not change it: see ``core.analysis.voters.opinions``. With classes each one's mean is
    taken off first: detectors that are merely right together are not alike, those that err on the same clips are.

    Parameters
    ----------
    scores : sequence of ndarray [each of shape=(n,)]
        Log-likelihood ratios, a detector each.
    classes : ndarray of int [shape=(n,)], optional
        Each clip's class, counted from 0.

    Returns
    -------
    float
        Between 1 and the number of detectors; one whose scores do not vary is left out; 0 if all are.
    """
    rows = np.array(scores, dtype=float)
    if classes is not None:
        if len(classes) != rows.shape[1]:
            raise ValueError(f"There are {rows.shape[1]} clips and {len(classes)} classes: give one class a clip.")
        clips = np.maximum(np.bincount(classes), 1)
        for row in rows:
            row -= (np.bincount(classes, row) / clips)[classes]
    return opinions(correlation(rows.T)).number
