"""From a detector's raw output to a log-likelihood ratio, and from that and a prior to a probability of spoof."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["EVEN", "MOST_BELOW_ZERO", "Calibration", "fit_calibration", "leaning", "log_odds", "p_spoof"]

#: The prior of a spoof that favours neither class: a detector's score is its log-likelihood ratio.
EVEN = 0.5
#: Share of bona fide clips that a panel may score below 0, where P(spoof) is over 0.5.
MOST_BELOW_ZERO = 0.06


@dataclass(frozen=True)
class Calibration:
    """An affine map: ``llr = slope * raw + intercept``; higher = more bona fide."""

    slope: float
    intercept: float

    def llr(self, raw: ArrayLike) -> NDArray[np.float64]:
        """Return the log-likelihood ratio (natural logarithm) of raw outputs of any shape."""
        return np.asarray(raw, dtype=float) * self.slope + self.intercept

    def to_json(self) -> dict[str, float]:
        """Return slope and intercept as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Calibration":
        """Read what ``to_json`` wrote."""
        return cls(slope=float(value["slope"]), intercept=float(value["intercept"]))


def p_spoof(score: ArrayLike) -> NDArray[np.float64]:
    """Return the probability of spoof, ``1 / (1 + exp(score))``, of any shape.

    Parameters
    ----------
    score : array
        Log odds of bona fide: a log-likelihood ratio plus ``log_odds`` of a prior, which adds nothing at 0.5.
    """
    return np.asarray(np.exp(-np.logaddexp(0.0, np.asarray(score, dtype=float))))


def log_odds(prior: float) -> float:
    """Return the log odds of bona fide at a prior of a spoof, between 0 and 1: what a score adds to its evidence."""
    return math.log1p(-prior) - math.log(prior)


def fit_calibration(raw: ArrayLike, is_bonafide: ArrayLike) -> Calibration:
    """Fit the affine map by logistic regression, both classes weighing the same.

    Brümmer and du Preez, "Application-independent evaluation of speaker detection", Computer Speech & Language 2006.
    With balanced classes the fitted log odds are the log-likelihood ratio.

    Parameters
    ----------
    raw : array [shape=(n,)]
        Raw outputs of clips that the detector was not trained on.
    is_bonafide : array of bool [shape=(n,)]

    Raises
    ------
    ValueError
        When a class is missing or an output is not finite.
    """
    from sklearn.linear_model import LogisticRegression

    scores = np.asarray(raw, dtype=float)
    truth = np.asarray(is_bonafide, dtype=bool)
    if not np.isfinite(scores).all():
        raise ValueError("Calibration needs finite scores.")
    if truth.all() or not truth.any():
        raise ValueError("Calibration needs both bona fide and spoofed clips.")
    # Standardised so that the optimiser meets the same problem whatever the detector's scale.
    mean, spread = scores.mean(), scores.std() or 1.0
    model = LogisticRegression(C=1e4, class_weight="balanced")
    model.fit(((scores - mean) / spread)[:, None], truth)
    slope = float(model.coef_[0, 0]) / spread
    return Calibration(slope=slope, intercept=float(model.intercept_[0]) - slope * mean)


def leaning(llr: ArrayLike, is_bonafide: ArrayLike, *, most: float = MOST_BELOW_ZERO) -> float:
    """Return the prior of a spoof, 0.5 or less, at which few enough bona fide clips have P(spoof) over 0.5.

    A false alarm may cost a person their name, and a reader takes P(spoof) over 0.5 for one, whatever the verdict is.
    So a spoof is taken to be a little less likely than not before the clip is scored, where that is needed.

    Parameters
    ----------
    llr : array [shape=(n,)]
        Log-likelihood ratios.
    is_bonafide : array of bool [shape=(n,)]
    most : float
        Share of the bona fide clips that may score below 0, the log odds of the prior added.
    """
    real = np.asarray(llr, dtype=float)[np.asarray(is_bonafide, dtype=bool)]
    # A clip's own score, not a value between two of them: then at most ``most`` lie below.
    needed = max(0.0, -float(np.quantile(real, most, method="lower")))
    # Down to the four digits that are written: no rounding brings that clip below 0.
    return math.floor(1e4 / (1 + math.exp(needed))) / 1e4
