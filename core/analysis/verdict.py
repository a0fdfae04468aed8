"""The verdict in words: spoofed, bona fide, or not sure, with the error rates it was set for."""

import math
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict

__all__ = ["BONAFIDE", "MAX_FALSE_ALARM", "MAX_MISS", "NOT_SURE", "PARTLY", "SPOOFED", "Decision", "fit_decision"]

SPOOFED: Final = "probably spoofed"
BONAFIDE: Final = "probably bona fide"
NOT_SURE: Final = "not sure"
PARTLY: Final = "probably spoofed in part"
"""The verdict of a clip in which only a short part is marked; where it is, its note states."""

#: Largest share of bona fide clips called *probably spoofed*, and of spoofs called *probably bona fide*.
MAX_FALSE_ALARM, MAX_MISS = 0.05, 0.15

# The log odds of 0.65: where no thresholds were set, P(spoof) between 0.35 and 0.65 is *not sure*.
_UNSET = math.log(0.65 / 0.35)


class Decision(BaseModel):
    """Two thresholds on the log-likelihood ratio; between them the answer is *not sure*.

    Attributes
    ----------
    spoof_below, bonafide_above : float
        A score below the first is called spoofed, above the second bona fide.
    false_alarm_rate, miss_rate : float or None
        Share of bona fide clips called spoofed, and of spoofs called bona fide, where the thresholds were set.
    not_sure_rate : float or None
        Share of clips left undecided there (both classes counted alike).
    basis : str
        The data that the thresholds were set on.
    """

    model_config = ConfigDict(extra="forbid")
    spoof_below: float = -_UNSET
    bonafide_above: float = _UNSET
    false_alarm_rate: float | None = None
    miss_rate: float | None = None
    not_sure_rate: float | None = None
    basis: str = "P(spoof) between 0.35 and 0.65; no error rate is known"

    def verdict(self, score: float) -> Literal["probably spoofed", "probably bona fide", "not sure"]:
        """Return the words for a calibrated score."""
        if score < self.spoof_below:
            return SPOOFED
        return BONAFIDE if score > self.bonafide_above else NOT_SURE


def fit_decision(
    llr: ArrayLike, is_bonafide: ArrayLike, *, basis: str, max_false_alarm: float = MAX_FALSE_ALARM,
    max_miss: float = MAX_MISS,
) -> Decision:  # fmt: skip
    """Set the thresholds so that at most the stated shares of each class are called the other.

    False alarms are this field's dominant and dearer error, hence the smaller share.

    Parameters
    ----------
    llr : array [shape=(n,)]
        Calibrated scores of clips that the detector was not trained on.
    is_bonafide : array of bool [shape=(n,)]
    basis : str
        What the clips are, for the card.
    max_false_alarm, max_miss : float
        Largest share of bona fide clips called spoofed, and of spoofs called bona fide.
    """
    llr = np.asarray(llr, dtype=float)
    truth = np.asarray(is_bonafide, dtype=bool)
    # A clip's own score, on the safe side: between two clips' scores the rate could pass its limit.
    low = float(np.quantile(llr[truth], max_false_alarm, method="lower"))
    high = float(np.quantile(llr[~truth], 1 - max_miss, method="higher"))
    if low > high:
        # Both errors stay below their limits anywhere between the two: there is no need to be unsure.
        low = high = (low + high) / 2
    called_spoof, called_bonafide = llr < low, llr > high
    unsure = ~called_spoof & ~called_bonafide
    return Decision(
        spoof_below=low,
        bonafide_above=high,
        false_alarm_rate=float(called_spoof[truth].mean()),
        miss_rate=float(called_bonafide[~truth].mean()),
        not_sure_rate=float((unsure[truth].mean() + unsure[~truth].mean()) / 2),
        basis=basis,
    )
