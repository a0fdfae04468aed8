"""Several detectors on the same clips: how each votes, where they contradict each other, how alike they are."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED, Decision
from core.analysis.voters import correlation, opinions

__all__ = [
    "SPLIT",
    "UNANIMOUS_BONAFIDE",
    "UNANIMOUS_SPOOF",
    "UNDECIDED",
    "by_dispute",
    "cohen_kappa",
    "effective_voters",
    "pairwise_agreement",
    "vote_table",
    "voters",
]

UNANIMOUS_SPOOF = "unanimous spoof"
UNANIMOUS_BONAFIDE = "unanimous bona fide"
SPLIT = "split"
UNDECIDED = "undecided"

_SUMMARY = ("n_spoof", "n_bonafide", "n_not_sure", "state", "spread")


def vote_table(scores: pd.DataFrame, decisions: Mapping[str, Decision]) -> pd.DataFrame:
    """Return each detector's verdict on each clip, and whether they agree.

    Parameters
    ----------
    scores : DataFrame [shape=(n_clips, n_detectors)]
        Log-likelihood ratios (higher = more bona fide), one row a path, one column a detector.
    decisions : mapping of str to Decision
        Each detector's thresholds.

    Returns
    -------
    DataFrame
        The rows of ``scores`` with one column a detector (the verdict's words), ``n_spoof``, ``n_bonafide``,
        ``n_not_sure`` (votes), ``state`` and ``spread`` (largest minus smallest P(spoof)). The state is *unanimous*
        when all detectors give the same of the two verdicts, *split* when one gives spoofed and another bona fide,
        and *undecided* otherwise: none contradicts another, but at least one is not sure.

    Raises
    ------
    ValueError
        When there is no detector, one lacks a decision or bears the name of another column, or a score is not finite.
    """
    _check(scores, decisions)
    votes = pd.DataFrame({name: _words(scores[name], decisions[name]) for name in scores.columns}, index=scores.index)
    n_spoof, n_bonafide, n_not_sure = ((votes == word).sum(axis=1) for word in (SPOOFED, BONAFIDE, NOT_SURE))
    every = scores.shape[1]
    state = np.select(
        [n_spoof == every, n_bonafide == every, (n_spoof > 0) & (n_bonafide > 0)],
        [UNANIMOUS_SPOOF, UNANIMOUS_BONAFIDE, SPLIT],
        default=UNDECIDED,
    )
    probability = p_spoof(scores.to_numpy())
    spread = probability.max(axis=1) - probability.min(axis=1)
    return votes.assign(n_spoof=n_spoof, n_bonafide=n_bonafide, n_not_sure=n_not_sure, state=state, spread=spread)


def voters(votes: pd.DataFrame) -> list[str]:
    """Return the detectors of a vote table, in its order."""
    return [name for name in votes.columns if name not in _SUMMARY]


def pairwise_agreement(votes: pd.DataFrame) -> pd.DataFrame:
    """Return the share of clips on which two detectors give the same verdict, *not sure* being one of three.

    Returns
    -------
    DataFrame [shape=(n_detectors, n_detectors)]
        Symmetric, with 1 on the diagonal; NaN without clips.
    """
    return _square(_agreement(votes)[0], votes)


def cohen_kappa(votes: pd.DataFrame) -> pd.DataFrame:
    """Return two detectors' agreement beyond chance: 0 is what their habits alone would give, 1 is full agreement.

    Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20, 1960.

    Returns
    -------
    DataFrame [shape=(n_detectors, n_detectors)]
        Symmetric; NaN where both detectors give one and the same answer for every clip, for then chance agrees too.
    """
    share, answers = _agreement(votes)
    # Whole numbers first, so that a chance of exactly 1 is found as such.
    n = len(votes)
    habits = answers.sum(axis=1)
    chance = np.einsum("ak,bk->ab", habits, habits)
    with np.errstate(invalid="ignore", divide="ignore"):
        kappa = np.where(chance < n * n, (share - chance / n**2) / (1 - chance / n**2), np.nan)
    return _square(kappa, votes)


def by_dispute(votes: pd.DataFrame) -> pd.Index:
    """Return the index of a vote table from the most to the least disputed clip.

    Most disputed is where P(spoof) spreads most; then where most detectors contradict the majority; then by path.
    """
    minority = votes[["n_spoof", "n_bonafide"]].min(axis=1)
    order = pd.DataFrame({"spread": -votes["spread"], "minority": -minority, "path": votes.index.astype(str)})
    return votes.index[np.lexsort((order["path"], order["minority"], order["spread"]))]


def effective_voters(scores: pd.DataFrame, *, labels: Sequence[str] | pd.Series | None = None) -> float:
    """Return how many independent detectors the given ones amount to: 1 when all are alike, n when none is.

    Copies of a detector do not change it: see ``core.analysis.voters.opinions``. With ``labels`` each class' mean is
    taken off first: detectors that are merely right together are not alike, those that err on the same clips are.

    Parameters
    ----------
    scores : DataFrame [shape=(n_clips, n_detectors)]
        Log-likelihood ratios.
    labels : sequence of str [shape=(n_clips,)], optional
        Each clip's class.

    Returns
    -------
    float
        Between 1 and n_detectors; a detector whose scores do not vary is left out; 0 if all are.
    """
    values = scores.astype(float)
    if labels is not None:
        classes = np.asarray(labels, dtype=str)
        if len(classes) != len(values):
            raise ValueError(f"There are {len(values)} clips and {len(classes)} labels: give one label a clip.")
        values = values - values.groupby(classes).transform("mean")
    return opinions(correlation(values.to_numpy())).number


def _check(scores: pd.DataFrame, decisions: Mapping[str, Decision]) -> None:
    if scores.shape[1] == 0:
        raise ValueError("A vote needs at least one detector: the scores have no column.")
    for name in scores.columns:
        if name in _SUMMARY:
            raise ValueError(f"A detector cannot be called {name!r}: the vote table has a column of that name.")
        if name not in decisions:
            raise ValueError(f"{name} has no decision, only {', '.join(decisions) or 'no detector'} has.")
        if not np.isfinite(scores[name].to_numpy(dtype=float)).all():
            raise ValueError(f"{name} has scores that are missing or not finite: leave those clips out first.")


def _words(scores: pd.Series, decision: Decision) -> NDArray[np.object_]:
    llr = scores.to_numpy(dtype=float)
    return np.select(
        [llr < decision.spoof_below, llr > decision.bonafide_above], [SPOOFED, BONAFIDE], NOT_SURE
    ).astype(object)  # fmt: skip


def _agreement(votes: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the share of equal answers [shape=(d, d)], and who gave which: 1 or 0 [shape=(d, n, 3)]."""
    words = votes[voters(votes)].to_numpy(dtype=object).T
    answers = np.stack([words == word for word in (SPOOFED, BONAFIDE, NOT_SURE)], axis=2).astype(float)
    same = np.einsum("ank,bnk->ab", answers, answers, optimize=True)
    return same / len(votes) if len(votes) else np.full_like(same, np.nan), answers


def _square(values: NDArray[np.float64], votes: pd.DataFrame) -> pd.DataFrame:
    names = voters(votes)
    return pd.DataFrame(values, index=names, columns=names, dtype=float)
