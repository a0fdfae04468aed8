"""Several detectors on the same clips: how each votes, where they contradict each other, how alike they are."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from core.analysis.calibration import p_spoof
from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED, Decision

__all__ = [
    "SPLIT",
    "UNANIMOUS_BONAFIDE",
    "UNANIMOUS_SPOOF",
    "UNDECIDED",
    "cohen_kappa",
    "disputed",
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
    """Return what each detector says of each clip, and whether they agree.

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
        when all detectors say the same of the two verdicts, *split* when one says spoofed and another bona fide, and
        *undecided* otherwise: nobody contradicts, but somebody is not sure.

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
    return _pairwise(votes, lambda a, b: float((a == b).mean()))


def cohen_kappa(votes: pd.DataFrame) -> pd.DataFrame:
    """Return two detectors' agreement beyond chance: 0 is what their habits alone would give, 1 is full agreement.

    Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20, 1960.

    Returns
    -------
    DataFrame [shape=(n_detectors, n_detectors)]
        Symmetric; NaN where both detectors say one and the same thing of every clip, for then chance agrees too.
    """
    return _pairwise(votes, _kappa)


def disputed(votes: pd.DataFrame) -> pd.DataFrame:
    """Return the clips whose verdicts differ, the most disputed first.

    Most disputed is where most detectors contradict the majority; then where P(spoof) spreads most; then by path.
    """
    words = votes[voters(votes)]
    differing = votes[words.nunique(axis=1) > 1]
    minority = differing[["n_spoof", "n_bonafide"]].min(axis=1)
    order = pd.DataFrame({"minority": -minority, "spread": -differing["spread"], "path": differing.index.astype(str)})
    return differing.iloc[np.lexsort((order["path"], order["spread"], order["minority"]))]


def effective_voters(scores: pd.DataFrame, *, labels: Sequence[str] | pd.Series | None = None) -> float:
    """Return how many independent detectors the given ones amount to: 1 when all are alike, n when none is.

    The participation ratio of the eigenvalues of the scores' correlation matrix, (sum of values)^2 / sum of squares:
    Bretherton et al., "The effective number of spatial degrees of freedom of a time-varying field", Journal of
    Climate 12, 1999. With ``labels`` each class' mean is taken off first: detectors that are merely right together
    are not alike, those that err on the same clips are.

    Parameters
    ----------
    scores : DataFrame [shape=(n_clips, n_detectors)]
        Log-likelihood ratios.
    labels : sequence of str [shape=(n_clips,)], optional
        Each clip's class.

    Returns
    -------
    float
        Between 1 and n_detectors; a detector whose scores do not vary says nothing and is left out; 0 if all are.
    """
    values = scores.astype(float)
    if labels is not None:
        classes = np.asarray(labels, dtype=str)
        if len(classes) != len(values):
            raise ValueError(f"There are {len(values)} clips and {len(classes)} labels: give one label a clip.")
        values = values - values.groupby(classes).transform("mean")
    centred = values.to_numpy() - values.to_numpy().mean(axis=0)
    # What rounding leaves of a constant is not variation.
    varied = centred.std(axis=0) > 1e-9 * (1 + np.abs(scores.to_numpy(dtype=float)).max(axis=0))
    if not varied.any():
        return 0.0
    correlation = np.atleast_2d(np.corrcoef(centred[:, varied], rowvar=False))
    return float(np.trace(correlation) ** 2 / np.square(correlation).sum())


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


def _words(scores: pd.Series, decision: Decision) -> list[str]:
    return [decision.verdict(float(score)) for score in scores]


def _pairwise(votes: pd.DataFrame, measure: Callable[[pd.Series, pd.Series], float]) -> pd.DataFrame:
    names = voters(votes)
    square = [[measure(votes[a], votes[b]) for b in names] for a in names]
    return pd.DataFrame(square, index=names, columns=names, dtype=float)


def _kappa(a: pd.Series, b: pd.Series) -> float:
    from sklearn.metrics import cohen_kappa_score

    if pd.concat([a, b]).nunique() < 2:
        return float("nan")
    return float(cohen_kappa_score(a, b))
