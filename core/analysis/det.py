"""Both error rates at every threshold, as the challenges' evaluation packages count them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["DET_LIMITS", "checked_scores", "count_ties", "det_curve", "deviate", "equal_error_point"]

#: Lowest and highest rate on a detection error trade-off plot.
DET_LIMITS = (5e-4, 0.97)


def checked_scores(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """Return scores as a flat float array; ``what`` names them when they are refused with ``ValueError``."""
    scores = np.asarray(values, dtype=np.float64)
    if scores.ndim != 1:
        raise ValueError(f"The {what} scores have {scores.ndim} dimensions: give a flat list.")
    if not scores.size:
        raise ValueError(f"There are no {what} scores: the figure needs both classes.")
    if not np.isfinite(scores).all():
        raise ValueError(f"The {what} scores hold values that are not finite: leave those clips out.")
    return scores


def count_ties(bonafide: ArrayLike, spoof: ArrayLike) -> int:
    """Return how many clips have a score that clips of the other class have too."""
    first, second = np.asarray(bonafide), np.asarray(spoof)
    shared = np.intersect1d(first, second)
    return int(np.isin(first, shared).sum() + np.isin(second, shared).sum()) if len(shared) else 0


def det_curve(
    bonafide: ArrayLike, spoof: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return both error rates at every threshold, as the ASVspoof evaluation packages do.

    Parameters
    ----------
    bonafide, spoof : array [shape=(n,)], [shape=(m,)]
        Scores; higher = more bona fide.

    Returns
    -------
    miss, false_alarm, thresholds : ndarray [shape=(n + m + 1,)]
        Share of bona fide rejected, share of spoofs accepted (score above the threshold), ascending thresholds.
        Where scores are tied across the classes, bona fide is counted first, which is pessimistic.

    Raises
    ------
    ValueError
        When a class is empty or a score is not finite.
    """
    first, second = checked_scores(bonafide, "bona fide"), checked_scores(spoof, "spoof")
    scores = np.concatenate([first, second])
    # Stable, and bona fide stands first: the official order of ties.
    order = np.argsort(scores, kind="stable")
    rejected = np.cumsum(order < len(first))
    spoofs_rejected = np.arange(1, len(scores) + 1) - rejected
    miss = np.concatenate([[0.0], rejected / len(first)])
    false_alarm = np.concatenate([[1.0], 1 - spoofs_rejected / len(second)])
    thresholds = scores[order]
    return miss, false_alarm, np.concatenate([[thresholds[0] - 0.001], thresholds])


def equal_error_point(bonafide: ArrayLike, spoof: ArrayLike) -> tuple[float, float]:
    """Return the equal error rate and its threshold without looking for ties."""
    miss, false_alarm, thresholds = det_curve(bonafide, spoof)
    index = int(np.argmin(np.abs(miss - false_alarm)))
    return float((miss[index] + false_alarm[index]) / 2), float(thresholds[index])


def deviate(rates: ArrayLike) -> NDArray[np.float64]:
    """Return where rates lie on the axes of a detection error trade-off plot: normal deviates of any shape.

    Martin et al., "The DET curve in assessment of detection task performance", Eurospeech 1997. Rates beyond
    ``DET_LIMITS`` lie on the edge.
    """
    from scipy.special import ndtri

    return np.asarray(ndtri(np.clip(rates, *DET_LIMITS)), dtype=float)
