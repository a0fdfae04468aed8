"""The field's figures of merit, as the challenges compute them; scores are higher for bona fide everywhere."""

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.analysis.det import checked_scores, count_ties, det_curve, equal_error_point
from core.analysis.format import rate as percent
from core.analysis.tandem import AsvErrorRates, asv_error_rates, min_tdcf_2019, min_tdcf_2021

__all__ = [
    "AsvErrorRates",
    "EqualErrorRate",
    "ThresholdReport",
    "TiedScoresWarning",
    "act_dcf",
    "asv_error_rates",
    "cllr",
    "det_curve",
    "eer",
    "min_dcf",
    "min_tdcf_2019",
    "min_tdcf_2021",
    "report_of_counts",
    "roc_auc",
    "threshold_report",
]

# ASVspoof 5, track 1 (evaluation plan): prior of a spoof, cost of rejecting speech, cost of accepting a spoof.
PRIOR_SPOOF = 0.05
COST_MISS = 1.0
COST_FALSE_ALARM = 10.0
LLR_THRESHOLD = -math.log(COST_MISS * (1 - PRIOR_SPOOF) / (COST_FALSE_ALARM * PRIOR_SPOOF))
"""Where a calibrated log-likelihood ratio is cut at those costs, -0.6419."""


class TiedScoresWarning(UserWarning):
    """Bona fide and spoofed clips share scores, so that a figure depends on how the ties are read."""


@dataclass(frozen=True)
class EqualErrorRate:
    """Where as large a share of bona fide clips is rejected as of spoofs is accepted.

    Attributes
    ----------
    rate : float
        0 (perfect) to 1 (turned round); 0.5 is chance.
    threshold : float
        Accepted as bona fide is what scores higher.
    ties : int
        Clips whose score clips of the other class have too.
    """

    rate: float
    threshold: float
    ties: int


def eer(bonafide: ArrayLike, spoof: ArrayLike) -> EqualErrorRate:
    """Return the equal error rate by the ASVspoof algorithm: no interpolation, no convex hull.

    Ties across the classes are read pessimistically (constant scores give 100 %), and warned of with the figure
    that the other reading would give.

    Parameters
    ----------
    bonafide, spoof : array [shape=(n,)], [shape=(m,)]
        Scores; higher = more bona fide.

    Raises
    ------
    ValueError
        When a class is empty or a score is not finite.

    Warns
    -----
    TiedScoresWarning
        When bona fide and spoofed clips share scores.
    """
    rate, threshold = equal_error_point(bonafide, spoof)
    ties = count_ties(bonafide, spoof)
    if ties:
        # Both classes and the sign turned round: spoofs are counted first, the optimistic reading.
        other, _ = equal_error_point(-np.asarray(spoof, dtype=float), -np.asarray(bonafide, dtype=float))
        warnings.warn(
            f"{ties} clips share scores across the classes: the equal error rate is {percent(rate, digits=2)} as the "
            f"challenges count ties, {percent(other, digits=2)} the other way.",
            TiedScoresWarning,
            stacklevel=2,
        )
    return EqualErrorRate(rate, threshold, ties)


def min_dcf(bonafide: ArrayLike, spoof: ArrayLike) -> float:
    """Return the normalised detection cost of ASVspoof 5 (track 1) at its best threshold.

    ``min [C_miss (1 - pi) P_miss + C_fa pi P_fa] / min(C_miss (1 - pi), C_fa pi)`` with pi = 0.05, C_miss = 1,
    C_fa = 10; 1 = useless.

    Parameters
    ----------
    bonafide, spoof : array [shape=(n,)], [shape=(m,)]
        Scores; higher = more bona fide.
    """
    miss, false_alarm, _ = det_curve(bonafide, spoof)
    return float(_cost(miss, false_alarm).min())


def act_dcf(bonafide: ArrayLike, spoof: ArrayLike) -> float:
    """Return that cost at the fixed threshold for log-likelihood ratios, -0.6419; can exceed 1.

    Parameters
    ----------
    bonafide, spoof : array [shape=(n,)], [shape=(m,)]
        Calibrated log-likelihood ratios; higher = more bona fide.
    """
    miss = (checked_scores(bonafide, "bona fide") < LLR_THRESHOLD).mean(keepdims=True)
    false_alarm = (checked_scores(spoof, "spoof") >= LLR_THRESHOLD).mean(keepdims=True)
    return float(_cost(miss, false_alarm)[0])


def _cost(miss: NDArray[np.float64], false_alarm: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = COST_MISS * (1 - PRIOR_SPOOF), COST_FALSE_ALARM * PRIOR_SPOOF
    result: NDArray[np.float64] = (weights[0] * miss + weights[1] * false_alarm) / min(weights)
    return result


def cllr(bonafide: ArrayLike, spoof: ArrayLike) -> float:
    """Return the cost of the log-likelihood ratios in bits: 0 = perfect, 1 = no information, more = misleading.

    Brümmer and du Preez, "Application-independent evaluation of speaker detection", 2006:
    ``(mean log2(1 + e^-s) over bona fide + mean log2(1 + e^s) over spoof) / 2``.

    Parameters
    ----------
    bonafide, spoof : array [shape=(n,)], [shape=(m,)]
        Calibrated log-likelihood ratios; higher = more bona fide.
    """
    first, second = checked_scores(bonafide, "bona fide"), checked_scores(spoof, "spoof")
    # logaddexp does not overflow where the literal formula does.
    total = np.logaddexp(0, -first).mean() + np.logaddexp(0, second).mean()
    return float(total / (2 * math.log(2)))


def roc_auc(bonafide: ArrayLike, spoof: ArrayLike) -> float:
    """Return the chance that a bona fide clip scores higher than a spoof; ties count half (Mann-Whitney).

    Parameters
    ----------
    bonafide, spoof : array [shape=(n,)], [shape=(m,)]
        Scores; higher = more bona fide.
    """
    first, second = np.sort(checked_scores(bonafide, "bona fide")), checked_scores(spoof, "spoof")
    # Each spoof is beaten by the bona fide clips above it, and half by those that equal it.
    below, up_to = np.searchsorted(first, second, "left"), np.searchsorted(first, second, "right")
    return float(1 - (below + up_to).mean() / (2 * len(first)))


@dataclass(frozen=True)
class ThresholdReport:
    """What happens at one threshold. The positive class is spoof: a score below the threshold is called spoof.

    Attributes
    ----------
    threshold : float
    tp, fp, fn, tn : int
        Spoofs called spoof, bona fide called spoof, spoofs called bona fide, bona fide called bona fide.
    accuracy, precision, recall, f1 : float
        Shares, 0 to 1; NaN where nothing was there to divide by.
    false_alarm_rate, miss_rate : float
        Share of bona fide called spoof, of spoofs called bona fide. (The challenges' detection costs count the other
        class as the target, and so name these two the other way round.)
    """

    threshold: float
    tp: int
    fp: int
    fn: int
    tn: int
    accuracy: float
    precision: float
    recall: float
    f1: float
    false_alarm_rate: float
    miss_rate: float


def threshold_report(scores: ArrayLike, is_bonafide: ArrayLike, threshold: float) -> ThresholdReport:
    """Return confusion counts and rates at a threshold.

    Parameters
    ----------
    scores : array [shape=(n,)]
        Higher = more bona fide; below the threshold is called spoof, as in the challenges' actDCF.
    is_bonafide : array of bool [shape=(n,)]
    threshold : float
        In the scores' own unit.

    Raises
    ------
    ValueError
        When there are no scores, or one is not finite.
    """
    values, real = checked_scores(scores, "given"), np.asarray(is_bonafide, dtype=bool)
    if real.shape != values.shape:
        raise ValueError(f"There are {len(values)} scores but {len(real)} labels: give one label a score.")
    called = values < threshold
    tp, fp = int((called & ~real).sum()), int((called & real).sum())
    fn, tn = int((~called & ~real).sum()), int((~called & real).sum())
    return report_of_counts(threshold, tp=tp, fp=fp, fn=fn, tn=tn)


def report_of_counts(threshold: float, *, tp: int, fp: int, fn: int, tn: int) -> ThresholdReport:
    """Return the rates that four counts give."""
    return ThresholdReport(
        threshold=float(threshold), tp=tp, fp=fp, fn=fn, tn=tn,
        accuracy=_share(tp + tn, tp + fp + fn + tn), precision=_share(tp, tp + fp), recall=_share(tp, tp + fn),
        f1=_share(2 * tp, 2 * tp + fp + fn), false_alarm_rate=_share(fp, fp + tn), miss_rate=_share(fn, fn + tp),
    )  # fmt: skip


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
