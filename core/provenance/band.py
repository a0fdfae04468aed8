"""The band of a recording: where its spectrum ends in a steep edge, below what its sample rate could hold."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEAST_DROP_DB", "band_limit"]

LEAST_DROP_DB = 24.0
"""A steeper edge than speech has by itself; counted in ``docs/provenance.md``."""

LOWEST_HZ = 2_500.0
# Every recording ends somewhere below half its sample rate, where its converter's filter does.
_NEAR_NYQUIST = 0.93
_BELOW_HZ, _GAP_HZ = 700.0, 120.0
_HIGH_SHARE, _ALIKE_DB = 90.0, 3.0


def band_limit(levels_db: NDArray[np.floating], rate_hz: int) -> tuple[float | None, float]:
    """Return where the band ends in hertz, None where it does not end early, and by how many dB it drops there.

    At an edge all that lies above is lower than what lies just below it, by as much as is returned.

    Parameters
    ----------
    levels_db : ndarray [shape=(frames, bins)]
        Power spectra in dB.
    rate_hz : int
    """
    if not len(levels_db):
        return None, 0.0
    upper = np.percentile(levels_db, _HIGH_SHARE, axis=0)
    step_hz = rate_hz / 2 / (len(upper) - 1)
    wide, gap = max(2, round(_BELOW_HZ / step_hz)), max(1, round(_GAP_HZ / step_hz))
    # The loudest of all that lies above, without the last bins, where a converter's filter ends.
    last = round(len(upper) * 0.985)
    loudest = np.maximum.accumulate(_smooth(upper)[:last][::-1])[::-1]
    edges = range(round(LOWEST_HZ / step_hz), round(_NEAR_NYQUIST * (len(upper) - 1)))
    if not edges:
        return None, 0.0
    places = np.array(edges)
    below = np.lib.stride_tricks.sliding_window_view(upper, wide - gap)[places - wide]
    drops = np.median(below, axis=1) - loudest[np.minimum(places + gap, last - 1)]
    # The drop is nearly as large for a while above the edge: the first place counts.
    drop = float(drops.max())
    first = edges[int(np.argmax(drops >= drop - _ALIKE_DB))]
    return ((first + gap / 2) * step_hz if drop >= LEAST_DROP_DB else None), drop


def _smooth(levels: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the mean of each three neighbours: a single bin is no band."""
    padded = np.pad(levels, 1, mode="edge")
    return (padded[:-2] + padded[1:-1] + padded[2:]) / 3
