"""How the scores of several detectors become one: means, ranks, fitted weights, and which of them are worth a place."""

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.calibration import Calibration, fit_calibration, leaning, log_odds
from core.analysis.combination import Combination
from core.analysis.metrics import TiedScoresWarning, cllr, eer

__all__ = [
    "METHODS",
    "Combination",
    "chosen_shares",
    "cross_validated",
    "fit_combination",
    "fit_panel_calibration",
    "hybrid",
    "mean_eer",
    "select_unlike",
    "sweep_hybrid",
    "worth_keeping",
]

METHODS = ("mean", "rank-mean", "logistic")
_N_QUANTILES = 101


def fit_combination(method: str, scores: pd.DataFrame, is_bonafide: NDArray[np.bool_]) -> Combination:
    """Set a combination on development scores.

    Parameters
    ----------
    method : {'mean', 'rank-mean', 'logistic'}
        Equal weights of the log-likelihood ratios; equal weights of their ranks; weights by logistic regression,
        drawn towards equal ones and never below zero.
    scores : DataFrame
        One column a member, calibrated log-likelihood ratios.
    is_bonafide : ndarray of bool

    Raises
    ------
    ValueError
        When there is no such method.
    """
    equal = dict.fromkeys(scores.columns, 1 / scores.shape[1])
    if method == "mean":
        return Combination(equal)
    if method == "rank-mean":
        shares = np.linspace(0, 1, _N_QUANTILES)
        return Combination(equal, {name: np.quantile(scores[name], shares).tolist() for name in map(str, scores)})
    if method == "logistic":
        return Combination(dict(zip(scores.columns, _logistic_weights(scores.to_numpy(), is_bonafide), strict=True)))
    raise ValueError(f"There is no combination {method!r}; there are: {', '.join(METHODS)}.")


def _logistic_weights(scores: NDArray[np.float64], real: NDArray[np.bool_], *, pull: float = 0.05) -> list[float]:
    """Return weights that minimise the balanced logistic loss plus ``pull`` times their variance about the mean."""
    from scipy.optimize import minimize
    from scipy.special import expit

    share = np.where(real, 0.5 / real.sum(), 0.5 / (~real).sum())
    sign = np.where(real, 1.0, -1.0)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, bias = parameters[:-1], parameters[-1]
        margin = sign * (scores @ weights + bias)
        slope = -sign * share * expit(-margin)
        away = weights - weights.mean()
        value = float(share @ np.logaddexp(0, -margin) + pull * away @ away)
        return value, np.append(scores.T @ slope + 2 * pull * away, slope.sum())

    n = scores.shape[1]
    bounds = [(0.0, None)] * n + [(None, None)]
    fitted = minimize(loss, np.append(np.full(n, 1 / n), 0.0), jac=True, bounds=bounds, method="L-BFGS-B")
    return [float(weight) for weight in fitted.x[:-1]]


def hybrid(supervised: Sequence[str], anomaly: Sequence[str], alpha: float) -> Combination:
    """Return ``alpha`` times the mean of the supervised members plus ``1 - alpha`` times that of the one-class ones."""
    weights = {name: alpha / len(supervised) for name in supervised}
    return Combination(weights | {name: (1 - alpha) / len(anomaly) for name in anomaly})


def sweep_hybrid(
    scores: pd.DataFrame, is_bonafide: NDArray[np.bool_], supervised: Sequence[str], anomaly: Sequence[str]
) -> list[dict[str, float]]:
    """Return the equal error rate of the hybrid for alpha from 0 to 1 in tenths."""
    points = []
    for alpha in np.linspace(0, 1, 11):
        total = hybrid(supervised, anomaly, float(alpha)).combine(scores)
        points.append({"alpha": round(float(alpha), 1), "eer": eer(total[is_bonafide], total[~is_bonafide]).rate})
    return points


def fit_panel_calibration(total: NDArray[np.float64], is_bonafide: NDArray[np.bool_]) -> tuple[Calibration, float]:
    """Fit what makes a panel's summed scores [shape=(n,)] its log-likelihood ratio, and the prior of a spoof."""
    calibration = fit_calibration(total, is_bonafide)
    return calibration, leaning(calibration.llr(total), is_bonafide)


def cross_validated(
    combine: Callable[[pd.DataFrame, NDArray[np.bool_]], Combination], scores: pd.DataFrame,
    is_bonafide: NDArray[np.bool_], folds: NDArray[Any], usable: NDArray[np.bool_],
) -> NDArray[np.float64]:  # fmt: skip
    """Return each clip's fused score, its log-likelihood ratio and its prior set on the other folds.

    Parameters
    ----------
    combine : callable
        Sets a combination on scores and labels, as ``fit_combination`` does.
    scores, is_bonafide
        As for ``fit_combination``.
    folds : ndarray [shape=(n,)]
        A fold's clips share no page with those of the others.
    usable : ndarray of bool [shape=(n,)]
        The rows that anything may be fitted to.
    """
    fused = np.zeros(len(scores))
    for fold in np.unique(folds):
        held_out = folds == fold
        rest = usable & ~held_out
        combination = combine(scores[rest], is_bonafide[rest])
        calibration, prior = fit_panel_calibration(combination.combine(scores[rest]), is_bonafide[rest])
        fused[held_out] = calibration.llr(combination.combine(scores[held_out])) + log_odds(prior)
    return fused


def mean_eer(score: NDArray[np.float64], is_bonafide: NDArray[np.bool_], parts: NDArray[np.object_]) -> float:
    """Return the mean over the corpus' parts of the equal error rate, so that no part outvotes another."""
    with warnings.catch_warnings():
        # Bounded scores tie at the bound: where members are compared, that needs no telling.
        warnings.simplefilter("ignore", TiedScoresWarning)
        rates = [eer(score[here & is_bonafide], score[here & ~is_bonafide]).rate for here in _masks(parts)]
    return float(np.mean(rates))


def _masks(parts: NDArray[np.object_]) -> list[NDArray[np.bool_]]:
    return [parts == part for part in sorted(set(parts))]


def select_unlike(
    scores: pd.DataFrame, is_bonafide: NDArray[np.bool_], parts: NDArray[np.object_], *, most: int,
    families: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Choose members one by one: each time the one that makes the mean of all chosen best.

    A detector that errs where the chosen ones err adds nothing to their mean, however good it is alone; one that errs
    elsewhere does. So good and unlike are weighed by what they are wanted for.

    Parameters
    ----------
    scores : DataFrame
        One column a candidate, calibrated log-likelihood ratios on development clips.
    is_bonafide, parts : ndarray
    most : int
        Members at most; it ends earlier when no candidate makes the mean better.
    families : mapping of str to str, optional
        Of each candidate; no two members are of one.

    Returns
    -------
    list of dict
        In the order of choice: member, eer (mean over parts) and cllr of the mean so far, and the mean correlation of
        its errors with those of the members before it.
    """
    chosen: list[str] = []
    steps: list[dict[str, Any]] = []
    family = families or {name: name for name in map(str, scores.columns)}
    while len(chosen) < most:
        taken = {family[name] for name in chosen}
        figures = {
            name: _figures(scores[[*chosen, name]].mean(axis=1).to_numpy(), is_bonafide, parts)
            for name in map(str, scores.columns)
            if name not in chosen and family[name] not in taken
        }
        if not figures:
            break
        best = min(figures, key=lambda name: sum(figures[name]))
        if steps and sum(figures[best]) >= steps[-1]["eer"] + steps[-1]["cllr"]:
            break
        alike = [_likeness(scores, best, member, is_bonafide) for member in chosen]
        chosen.append(best)
        steps.append({
            "member": best, "eer": figures[best][0], "cllr": figures[best][1],
            "likeness": float(np.mean(alike)) if alike else 0.0,
        })  # fmt: skip
    return steps


def chosen_shares(
    scores: pd.DataFrame, is_bonafide: NDArray[np.bool_], parts: NDArray[np.object_], groups: NDArray[np.object_], *,
    most: int, families: Mapping[str, str] | None = None, resamples: int = 40, seed: int = 0,
) -> dict[str, float]:  # fmt: skip
    """Return how often each candidate is chosen when the choice is made again on resampled development data.

    One choice hinges on a few clips; a member that most resamples want does not. Groups are drawn, not clips (bagging,
    Breiman 1996).

    Parameters
    ----------
    scores, is_bonafide, parts
        As for ``select_unlike``.
    groups : ndarray [shape=(n,)]
        What each clip shares with others: its page, or its speaker or source.
    most : int
        Members of one choice at most.
    families : mapping of str to str, optional
        Of each candidate; no two members of one choice are of one.
    resamples, seed : int

    Returns
    -------
    dict of str to float
        Share of the resamples in which a candidate was chosen, the most wanted first; those never chosen are left out.
    """
    rng = np.random.default_rng(seed)
    rows_of = pd.Series(range(len(groups))).groupby(groups).apply(list).tolist()
    counts: Counter[str] = Counter()
    for _ in range(resamples):
        drawn = np.concatenate([rows_of[i] for i in rng.integers(len(rows_of), size=len(rows_of))])
        steps = select_unlike(scores.iloc[drawn], is_bonafide[drawn], parts[drawn], most=most, families=families)
        counts.update(str(step["member"]) for step in steps)
    return {name: count / resamples for name, count in counts.most_common()}


def worth_keeping(
    scores: pd.DataFrame, is_bonafide: NDArray[np.bool_], parts: NDArray[np.object_], weights: Mapping[str, float], *,
    least: float = 0.0,
) -> dict[str, float]:  # fmt: skip
    """Return the weights of those members without whom the weighted mean is worse; the least useful go first.

    Parameters
    ----------
    scores, is_bonafide, parts
        As for ``select_unlike``.
    weights : mapping of str to float
        Of the members.
    least : float
        By how much it must be worse: equal error rate (0 to 1, the mean over parts) and Cllr together.

    Returns
    -------
    dict of str to float
        Of those that are left, summing to 1.
    """

    def cost(some: Mapping[str, float]) -> float:
        total = sum(some.values())
        return sum(_figures(Combination({n: w / total for n, w in some.items()}).combine(scores), is_bonafide, parts))

    kept = dict(weights)
    while len(kept) > 1:
        without = {name: cost({n: w for n, w in kept.items() if n != name}) for name in kept}
        useless = min(without, key=lambda name: without[name])
        if without[useless] > cost(kept) + least:
            break
        del kept[useless]
    total = sum(kept.values())
    return {name: weight / total for name, weight in kept.items()}


def _figures(score: NDArray[np.float64], real: NDArray[np.bool_], parts: NDArray[np.object_]) -> tuple[float, float]:
    llr = np.asarray(fit_calibration(score, real).llr(score))
    return mean_eer(score, real, parts), cllr(llr[real], llr[~real])


def _likeness(scores: pd.DataFrame, one: str, other: str, real: NDArray[np.bool_]) -> float:
    """Return the correlation of two detectors' scores within a class, the mean of both classes."""
    return float(np.mean([scores.loc[here, [one, other]].corr().fillna(0.0).iloc[0, 1] for here in (real, ~real)]))
