"""What a step stands out from: longer stretches around it, and the recording's other steps.

Recordings differ from each other more than a copy differs from its original: a room, a microphone or a codec moves all
cells of a recording. Seen beside the rest of its recording, a step tells more than by itself.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.timeline.smoothing import smoothed

__all__ = ["CONTEXT", "in_context"]

_AROUND_S = (0.34, 0.5, 0.98)
_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)

CONTEXT: tuple[str, ...] = (*(f"{span:g} s" for span in _AROUND_S), *(f"quantile {share:g}" for share in _QUANTILES))


def in_context(over_time: ArrayLike, *, smooth_s: float, hop_s: float) -> NDArray[np.float64]:
    """Return what each step of a recording is seen beside [shape=(len(CONTEXT), steps)].

    Per stretch around the step: how far its mean lies above the step's own smoothed value. Per quantile: that of all
    smoothed steps of the recording. NaN where nothing is scored.

    Parameters
    ----------
    over_time : array [shape=(steps,)]
        Mean of each step's cells; NaN in digital silence.
    smooth_s : float
        Over which a step's own value is smoothed, in seconds.
    hop_s : float
        Length of a step.
    """
    own = smoothed(over_time, round(smooth_s / hop_s))
    rows = [smoothed(over_time, round(span / hop_s)) - own for span in _AROUND_S]
    known = own[~np.isnan(own)]
    quantiles = np.quantile(known, _QUANTILES) if known.size else np.full(len(_QUANTILES), np.nan)
    rows += [np.where(np.isnan(own), np.nan, quantile) for quantile in quantiles]
    return np.stack(rows)
