"""The polarity gate: no detector is kept whose scores do not rise from spoofs to bona fide speech."""

import numpy as np
from numpy.typing import ArrayLike

from core.analysis.metrics import roc_auc
from core.errors import PolarityError

__all__ = ["check_polarity"]


def check_polarity(raw: ArrayLike, is_bonafide: ArrayLike, *, slope: float = 1.0) -> float:
    """Return the area under the ROC curve of bona fide over spoof, which must exceed one half.

    Parameters
    ----------
    raw : array [shape=(n,)]
        Raw outputs on development data; higher = more bona fide.
    is_bonafide : array of bool [shape=(n,)]
    slope : float
        Of the calibration that was fitted on them; it must be positive, too.

    Raises
    ------
    PolarityError
        When the outputs are not finite or are all the same (the detector has learnt nothing), or when it scores
        spoofs higher than bona fide speech.
    """
    scores = np.asarray(raw, dtype=float)
    if not np.isfinite(scores).all():
        raise PolarityError(
            f"{int((~np.isfinite(scores)).sum())} of {scores.size} outputs on the development data are not finite: "
            "the training diverged; lower the learning rate and train again."
        )
    if np.ptp(scores) == 0:
        raise PolarityError(
            f"This detector has learnt nothing: it outputs one value, {scores.flat[0]:.4g}, for all {scores.size} "
            "clips of the development data. Check its front-end and pooling (a mean over features whose mean was "
            "removed is constant), or train it longer."
        )
    real = np.asarray(is_bonafide, dtype=bool)
    auc = roc_auc(scores[real], scores[~real])
    if auc <= 0.5 or slope <= 0:
        raise PolarityError(
            f"This detector scores spoofs higher than bona fide speech on the development data (AUC {auc:.3f}, slope "
            f"of the calibration {slope:+.3g}): its polarity is reversed; turn its sign or train it again."
        )
    return auc
