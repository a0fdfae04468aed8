"""Which points of a plane lie in a region that somebody drew."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Window", "inside"]


class Window(NamedTuple):
    """A rectangle of a map: from ``left`` to ``right`` and from ``bottom`` to ``top``."""

    left: float
    right: float
    bottom: float
    top: float

    def holds(self, plane: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Return which points [shape=(n, 2)] lie in it, its edges included."""
        x, y = plane[:, 0], plane[:, 1]
        return (x >= self.left) & (x <= self.right) & (y >= self.bottom) & (y <= self.top)


def inside(plane: NDArray[np.floating], xs: Sequence[float], ys: Sequence[float]) -> NDArray[np.bool_]:
    """Return which points [shape=(n, 2)] lie in a polygon, by the even-odd rule.

    Parameters
    ----------
    plane : ndarray [shape=(n, 2)]
    xs, ys : sequence of float
        The corners; two of them are the opposite corners of a box.

    Raises
    ------
    ValueError
        When there are fewer than two corners, or not as many of both.
    """
    if len(xs) != len(ys) or len(xs) < 2:
        raise ValueError(f"A region has two corners (a box) or more, each with x and y, not {len(xs)} and {len(ys)}.")
    within = Window(min(xs), max(xs), min(ys), max(ys)).holds(plane)
    if len(xs) == 2:
        return within
    at = np.flatnonzero(within)
    x, y, odd = plane[at, 0], plane[at, 1], np.zeros(len(at), bool)
    for left, below, right, above in zip(xs, ys, np.roll(xs, -1), np.roll(ys, -1), strict=True):
        if below != above:
            crosses = (below > y) != (above > y)
            odd ^= crosses & (x < left + (y - below) * (right - left) / (above - below))
    found = np.zeros(len(plane), bool)
    found[at[odd]] = True
    return found
