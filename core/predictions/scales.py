"""What kind of numbers a file's scores are, and where its votes are cut."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.analysis.format import rate
from core.analysis.verdict import Decision
from core.analysis.voters import BONAFIDE_VOTE, NO_VOTE, SPOOF_VOTE

__all__ = ["WORDS", "Cut", "Kind", "cut", "kind_of", "vote"]

Kind = Literal["votes", "probabilities", "signed", "positive", "constant"]
#: The kinds in words.
WORDS: dict[Kind, str] = {
    "votes": "votes (two values)",
    "probabilities": "probabilities (all between 0 and 1)",
    "signed": "log-likelihood ratios, logits or the like (on both sides of 0)",
    "positive": "another scale (all on one side of 0)",
    "constant": "one value for all clips",
}


@dataclass(frozen=True)
class Cut:
    """Where scores, higher = more bona fide, become votes.

    Attributes
    ----------
    spoof_below, bonafide_above : float
        Below the one the vote is spoof, above the other bona fide. Between them, and on them, it is *not sure* where
        they differ, and spoof where they are one.
    how : str
        What set them, in words.
    """

    spoof_below: float
    bonafide_above: float
    how: str


def kind_of(scores: NDArray[np.float64]) -> Kind:
    """Return what kind of numbers finite scores [shape=(n,)] are."""
    low, high = float(scores.min()), float(scores.max())
    if low == high:
        return "constant"
    if not ((scores > low) & (scores < high)).any():
        return "votes"
    if low >= 0 and high <= 1:
        return "probabilities"
    return "signed" if low < 0 < high else "positive"


def cut(
    scores: NDArray[np.float64], *, kind: Kind, sign: int, decision: Decision | None = None,
    at_eer: float | None = None, share: float | None = None,
) -> Cut:  # fmt: skip
    """Return where a detector's votes are cut: by its own thresholds, by labels, by its scale, or by rank.

    Parameters
    ----------
    scores : ndarray [shape=(n,)]
        Finite, higher = more bona fide.
    kind : str
        Of the numbers as they are in the file.
    sign : {1, -1}
        What turned the file's numbers into ``scores``.
    decision : Decision, optional
        Thresholds that the detector brings.
    at_eer : float, optional
        Where the labelled clips have their equal error rate.
    share : float, optional
        Share of bona fide clips that others see, for scores that have no threshold of their own; one half without.
    """
    if decision is not None:
        return Cut(decision.spoof_below, decision.bonafide_above, "its own thresholds")
    if kind == "votes":
        middle = float(scores.min() + scores.max()) / 2
        return Cut(middle, middle, "two values: each is a vote")
    if at_eer is not None:
        return Cut(at_eer, at_eer, f"at its equal error rate on the labels ({sign * at_eer:.6g} in the file)")
    if kind in ("probabilities", "signed"):
        at = 0.5 if kind == "probabilities" else 0.0
        return Cut(sign * at, sign * at, f"at {at:g}, by its scale")
    part = 0.5 if share is None else share
    at = float(np.quantile(scores, 1 - part))
    why = "the median" if share is None else "the share that the others vote bona fide"
    return Cut(at, at, f"by rank: the upper {rate(part)} are bona fide ({why})")


def vote(scores: NDArray[np.float64], at: Cut) -> NDArray[np.int8]:
    """Return votes [shape=(n,), int8]: 1 bona fide, 0 spoof, -1 not sure or no score."""
    votes = np.full(len(scores), NO_VOTE, dtype=np.int8)
    votes[scores > at.bonafide_above] = BONAFIDE_VOTE
    votes[scores <= at.spoof_below if at.spoof_below == at.bonafide_above else scores < at.spoof_below] = SPOOF_VOTE
    return votes
