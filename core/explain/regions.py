"""The few boxes of the spectrogram where evidence for spoof is densest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.edit import HOP

__all__ = ["Region", "find_regions"]

_MOST = 3
# A box must hold twice the evidence of its area at least, and enough of it to be worth naming.
_LEAST_PRICE = 2.0
_LEAST_SHARE = 0.05
_FRAMES, _BINS = 10, 8
_CELL_S, _CELL_HZ = _FRAMES * HOP / SAMPLE_RATE, 250.0


@dataclass(frozen=True)
class Region:
    """A box of the spectrogram.

    Attributes
    ----------
    start_s, end_s : float
    low_hz, high_hz : float
        0 to 8000 where the map has no frequency axis.
    share : float
        Of all evidence for spoof in the clip, what lies in the box, in [0, 1].
    """

    start_s: float
    end_s: float
    low_hz: float
    high_hz: float
    share: float


def find_regions(
    attribution: NDArray[np.floating], *, duration_s: float, has_frequency: bool = True, scored: float = 1.0
) -> tuple[Region, ...]:
    """Return up to three boxes that hold much more of the positive attribution than their area.

    On a grid of 0.1 s by 250 Hz, each box is the rectangle of largest excess: its share of the evidence less a
    price times its share of the area (the maximum-sum rectangle; Kadane's algorithm for each pair of rows, after
    Bentley, "Programming pearls", CACM 1984). The price is half the density that half of what is left exceeds, so
    that a box does not reach over empty cells, and at least 2. Boxes do not overlap, and each holds at least 5 % of
    the evidence.

    Parameters
    ----------
    attribution : ndarray [shape=(257, frames)]
        Positive = evidence for spoof.
    duration_s : float
        Where the clip ends.
    has_frequency : bool
        Without, boxes are times alone and span all frequencies.
    scored : float
        Share of the clip that is no long digital silence. That holds no evidence, and beside it all that sounds would
        be dense.

    Returns
    -------
    tuple of Region
        The one with the largest share first.
    """
    positive = np.maximum(np.asarray(attribution, dtype=np.float64), 0)
    total = positive.sum()
    if total <= 0:
        return ()
    mass = _coarse(positive / total, has_frequency)
    area = np.full_like(mass, 1 / (mass.size * scored))
    taken = np.zeros(mass.shape, dtype=bool)
    found: list[Region] = []
    while len(found) < _MOST and mass.any():
        # No later box may reach over an earlier one.
        excess = np.where(taken, -1.0, mass - _price(mass / area) * area)
        rows, columns = _heaviest(excess)
        share = float(mass[rows, columns].sum())
        if excess[rows, columns].sum() <= 0 or share < _LEAST_SHARE:
            break
        found.append(_region(rows, columns, share, duration_s, has_frequency))
        taken[rows, columns] = True
        mass[rows, columns] = 0.0
    return tuple(sorted(found, key=lambda region: -region.share))


def _coarse(mass: NDArray[np.float64], has_frequency: bool) -> NDArray[np.float64]:
    starts = np.arange(0, mass.shape[1], _FRAMES)
    coarse = np.add.reduceat(mass, starts, axis=1)
    if not has_frequency:
        return coarse.sum(axis=0, keepdims=True)
    # The last bin, 8 kHz itself, goes with the row below it.
    return np.add.reduceat(coarse, np.arange(0, mass.shape[0] - 1, _BINS), axis=0)


def _price(density: NDArray[np.float64]) -> float:
    """Return the price of area: half the density that half of what is left exceeds, and at least 2."""
    ranked = np.sort(density, axis=None)
    half = ranked[np.searchsorted(np.cumsum(ranked), ranked.sum() / 2)]
    return max(_LEAST_PRICE, float(half) / 2)


def _heaviest(excess: NDArray[np.float64]) -> tuple[slice, slice]:
    """Return the rows and columns of the rectangle whose sum is largest."""
    n_rows, n_columns = excess.shape
    low, high = np.triu_indices(n_rows)
    cumulated = np.vstack([np.zeros(n_columns), np.cumsum(excess, axis=0)])
    strips = cumulated[high + 1] - cumulated[low]
    running = np.full(len(low), -np.inf)
    begun = np.zeros(len(low), dtype=int)
    best, best_box = -np.inf, (0, 0, 0)
    for column in range(n_columns):
        fresh = running <= 0
        begun[fresh] = column
        running = np.where(fresh, 0, running) + strips[:, column]
        at = int(running.argmax())
        if running[at] > best:
            best, best_box = running[at], (at, int(begun[at]), column)
    pair, first, last = best_box
    return slice(int(low[pair]), int(high[pair]) + 1), slice(first, last + 1)


def _region(rows: slice, columns: slice, share: float, duration_s: float, has_frequency: bool) -> Region:
    # Frame i is centred at i * 10 ms: a cell begins half a frame before its first centre.
    half = HOP / SAMPLE_RATE / 2
    start = max(0.0, columns.start * _CELL_S - half)
    end = min(duration_s, columns.stop * _CELL_S - half)
    low, high = (rows.start * _CELL_HZ, rows.stop * _CELL_HZ) if has_frequency else (0.0, SAMPLE_RATE / 2)
    return Region(start, max(end, start), low, high, share)
