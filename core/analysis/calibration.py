"""From a detector's raw output to a log-likelihood ratio, and from that to a probability of spoof."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["MOST_BELOW_ZERO", "Calibration", "fit_calibration", "leaning", "p_spoof"]

#: Share of bona fide clips that a panel may score below 0, where P(spoof) is over 0.5.
MOST_BELOW_ZERO = 0.08


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


def p_spoof(llr: ArrayLike) -> NDArray[np.float64]:
    """Return the probability of spoof at a prior of 0.5: ``1 / (1 + exp(llr))``, of any shape."""
    return np.asarray(np.exp(-np.logaddexp(0.0, np.asarray(llr, dtype=float))))


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


def leaning(
    calibration: Calibration, raw: ArrayLike, is_bonafide: ArrayLike, *, most: float = MOST_BELOW_ZERO
) -> Calibration:
    """Return a calibration that leans to bona fide as far as needed: its intercept is raised, or it stays.

    A false alarm may cost a person their name, and a reader takes P(spoof) over 0.5 for one, whatever the verdict is.
    What is added is the log odds of a prior: P(spoof) is then that of a spoof being a little less likely than not
    before the clip is scored.

    Parameters
    ----------
    calibration : Calibration
    raw : array [shape=(n,)]
        What ``calibration`` was fitted to.
    is_bonafide : array of bool [shape=(n,)]
    most : float
        Share of the bona fide clips that may score below 0.
    """
    real = calibration.llr(raw)[np.asarray(is_bonafide, dtype=bool)]
    # A clip's own score, not a value between two of them: then at most ``most`` lie below.
    added = max(0.0, -float(np.quantile(real, most, method="lower")))
    return Calibration(calibration.slope, calibration.intercept + added)
