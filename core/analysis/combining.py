"""Several voters made one: by votes, by means of scores, by a model of their errors; arrays in and out.

Votes are int8 [shape=(n_clips, n_voters)]: 1 bona fide, 0 spoof, -1 not sure.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import fit_calibration
from core.analysis.voters import BONAFIDE_VOTE, SPOOF_VOTE

__all__ = [
    "COPIES_WIN",
    "DawidSkene",
    "calibrated_sum",
    "dawid_skene",
    "majority",
    "margins",
    "times_as_often",
]

#: What anyone who reads a Dawid-Skene estimate has to know.
COPIES_WIN = (
    "Dawid-Skene takes voters for independent witnesses: copies of one detector agree with each other, are taken for "
    "reliable because of it, and win."
)
_MOST_FITTED = 200_000


def majority(votes: NDArray[np.int8], weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Return the share of bona fide among the votes cast, less one half [shape=(n,)]: over 0 is bona fide, 0 is a tie.

    Parameters
    ----------
    votes : ndarray of int8 [shape=(n, d)]
    weights : ndarray [shape=(d,)], optional
        Of the voters; equal ones without it. Those of ``core.analysis.voters.opinions`` count copies once.
    """
    each = np.ones(votes.shape[1]) if weights is None else weights
    real, fake = (votes == BONAFIDE_VOTE) @ each, (votes == SPOOF_VOTE) @ each
    cast = real + fake
    share = np.divide(real, cast, out=np.full(len(votes), 0.5), where=cast > 0)
    # What rounding leaves of a tie is none.
    return np.asarray(np.round(share - 0.5, 9))


def margins(scores: NDArray[np.float64], cuts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far scores [shape=(n, d)] lie above each voter's threshold [shape=(d,)], in its standard deviations.

    So scores of any scale can be averaged, and the mean has the threshold 0.
    """
    spread = scores.std(axis=0) if len(scores) else np.ones(scores.shape[1])
    return (scores - cuts) / np.where(spread > 0, spread, 1.0)


def calibrated_sum(
    scores: NDArray[np.float64], real: NDArray[np.bool_], halves: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the sum of calibrated log-likelihood ratios [shape=(n,)], each half calibrated on the other.

    Parameters
    ----------
    scores : ndarray [shape=(n, d)]
        Higher = more bona fide.
    real : ndarray of bool [shape=(n,)]
    halves : ndarray of bool [shape=(n,)]
        Two parts that share no speaker; each needs both classes.
    """
    total = np.zeros(len(scores))
    rng = np.random.default_rng(0)
    for half in (halves, ~halves):
        rest = np.flatnonzero(~half)
        rest = rest if len(rest) <= _MOST_FITTED else rng.choice(rest, _MOST_FITTED, replace=False)
        for column in scores.T:
            total[half] += fit_calibration(column[rest], real[rest]).llr(column[half])
    return total


@dataclass(frozen=True)
class DawidSkene:
    """What the votes alone suggest of clips and voters.

    Attributes
    ----------
    p_bonafide : ndarray [shape=(n,)]
        Probability that a clip is bona fide.
    prior : float
        Share of bona fide clips.
    true_bonafide, true_spoof : ndarray [shape=(d,)]
        Estimated share of the bona fide clips that a voter calls so, and of the spoofs.
    """

    p_bonafide: NDArray[np.float64]
    prior: float
    true_bonafide: NDArray[np.float64]
    true_spoof: NDArray[np.float64]


def dawid_skene(votes: NDArray[np.int8], *, rounds: int = 200, tolerance: float = 1e-7) -> DawidSkene:
    """Estimate truth and each voter's error rates from votes alone, by expectation maximisation.

    Dawid and Skene, "Maximum likelihood estimation of observer error-rates using the EM algorithm", Applied Statistics
    28, 1979. It starts from the majority, which also settles which class is which. See ``COPIES_WIN``.

    Parameters
    ----------
    votes : ndarray of int8 [shape=(n, d)]
        *Not sure* counts as no vote.
    rounds, tolerance : int, float
        It ends when no probability moves by more.
    """
    patterns, owner, counts = np.unique(votes, axis=0, return_inverse=True, return_counts=True)
    says_real, says_fake = (patterns == vote for vote in (BONAFIDE_VOTE, SPOOF_VOTE))
    p = np.clip(majority(patterns) + 0.5, 0.01, 0.99)
    prior, real_rate, fake_rate = 0.5, np.empty(0), np.empty(0)
    for _ in range(rounds):
        real, fake = counts * p, counts * (1 - p)
        prior = float(real.sum() / counts.sum())
        # One vote more of each kind, so that no rate is 0 or 1.
        real_rate = (real @ says_real + 1) / (real @ (says_real | says_fake) + 2)
        fake_rate = (fake @ says_fake + 1) / (fake @ (says_real | says_fake) + 2)
        odds = np.log(prior) - np.log1p(-prior) if 0 < prior < 1 else 0.0
        llr = says_real @ np.log(real_rate / (1 - fake_rate)) + says_fake @ np.log((1 - real_rate) / fake_rate)
        new = 1 / (1 + np.exp(-np.clip(llr + odds, -500, 500)))
        moved, p = float(np.abs(new - p).max(initial=0)), new
        if moved < tolerance:
            break
    return DawidSkene(p[owner.ravel()], prior, real_rate, fake_rate)


def times_as_often(wrong: NDArray[np.bool_], labels: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return how many times as often two voters err together as independent ones would [shape=(d, d)].

    Errors are counted within each class, since one class may be harder for all. 1 is independence; NaN where
    independent errors would never meet.

    Parameters
    ----------
    wrong : ndarray of bool [shape=(n, d)]
    labels : ndarray of int8 [shape=(n,)]
        1 bona fide, 0 spoof; others are left out.
    """
    d = wrong.shape[1]
    met, expected = np.zeros((d, d)), np.zeros((d, d))
    for label in (1, 0):
        errors = wrong[labels == label].astype(np.float32)
        if len(errors):
            met += errors.T @ errors
            expected += np.outer(errors.sum(axis=0), errors.sum(axis=0)) / len(errors)
    return np.divide(met, expected, out=np.full((d, d), np.nan), where=expected > 0)
