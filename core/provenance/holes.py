"""Holes: bands that a lossy codec left out of single frames, though the bands on either side sound."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_HOLES", "hole_share"]

MOST_HOLES = 0.06
"""Share of holes from which a recording counts as coded before; counted in ``docs/provenance.md``."""

_BAND_HZ, _LOWEST_HZ, _LEAST_HZ = 350.0, 3_000.0, 1_500.0
_DEPTH_DB = 12.0


def hole_share(levels_db: NDArray[np.floating], rate_hz: int, limit_hz: float | None) -> float | None:
    """Return the share of bands that are 12 dB lower than the mean of their neighbours, among bands and frames.

    Bands of 350 Hz from 3 kHz to where the recording's own band ends. None where less than 1.5 kHz is left.

    Parameters
    ----------
    levels_db : ndarray [shape=(frames, bins)]
        Power spectra in dB.
    rate_hz : int
    limit_hz : float or None
        Where the band ends early.
    """
    step_hz = rate_hz / 2 / (levels_db.shape[1] - 1)
    top_hz = min(0.97 * limit_hz if limit_hz else np.inf, 0.45 * rate_hz)
    if top_hz < _LOWEST_HZ + _LEAST_HZ or not len(levels_db):
        return None
    inside = levels_db[:, round(_LOWEST_HZ / step_hz) : round(top_hz / step_hz)]
    width = max(4, round(_BAND_HZ / step_hz))
    n = inside.shape[1] // width
    bands = inside[:, : n * width].reshape(len(inside), n, width).mean(axis=2)
    depth = (bands[:, :-2] + bands[:, 2:]) / 2 - bands[:, 1:-1]
    return float((depth > _DEPTH_DB).mean())
