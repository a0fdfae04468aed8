"""How far a map can be trusted: what it invents, what it loses, and whether it comes out the same again."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.analysis.neighbours import nearest, overlap
from core.analysis.space import MOST_FITTED, drawn

__all__ = ["NEIGHBOURS", "Honesty", "Stability", "measure_honesty", "measure_stability"]

#: Neighbours of a clip that are looked at.
NEIGHBOURS = 15
_ASKED = 500


@dataclass(frozen=True)
class Honesty:
    """What of the neighbourhoods in the space is on the map, by clips drawn at random.

    Attributes
    ----------
    trustworthiness : float
        0 to 1: 1 where all neighbours on the map are neighbours in the space; each that is not costs the more, the
        farther it is there. About one half for points scattered at random.
    kept : float
        Share of a clip's ``neighbours`` nearest clips in the space that are among as many nearest on the map.
    by_chance : float
        What ``kept`` would be on a map scattered at random.
    neighbours, asked, among : int
        Neighbours that were looked at, of how many clips, among how many.
    """

    trustworthiness: float
    kept: float
    by_chance: float
    neighbours: int
    asked: int
    among: int


@dataclass(frozen=True)
class Stability:
    """How alike two maps of the same clips are.

    Attributes
    ----------
    neighbours_shared : float
        Share of a clip's nearest clips on one map that are among as many nearest on the other.
    disparity : float
        Procrustes disparity, 0 to 1: what is left of the squared distances when one map is moved, turned, mirrored and
        scaled onto the other; 0 for the same map.
    neighbours, asked, among : int
    """

    neighbours_shared: float
    disparity: float
    neighbours: int
    asked: int
    among: int


def measure_honesty(points: ArrayLike, plane: ArrayLike, *, k: int = NEIGHBOURS, seed: int = 0) -> Honesty | None:
    """Compare neighbours on a map with neighbours in the space; None for fewer than three clips.

    Venna and Kaski, "Neighborhood preservation in nonlinear projection methods: an experimental study", ICANN 2001.

    Parameters
    ----------
    points : array [shape=(n_clips, d)]
        In the space.
    plane : array [shape=(n_clips, 2)]
    k : int
        Neighbours that are looked at; fewer where there are few clips.
    seed : int
        Of the draw: at most 500 clips are asked for their neighbours among at most 20,000.
    """
    high, low, asked = _some(points, plane, seed)
    k = min(k, (len(high) - 1) // 2)
    if k < 1:
        return None
    in_space, on_map = nearest(high, asked, k), nearest(low, asked, k)
    return Honesty(
        _trustworthiness(high, asked, on_map, in_space), float(overlap(in_space, on_map).mean()),
        k / (len(high) - 1), k, len(asked), len(high),
    )  # fmt: skip


def measure_stability(first: ArrayLike, second: ArrayLike, *, k: int = NEIGHBOURS, seed: int = 0) -> Stability | None:
    """Compare two maps [shape=(n_clips, 2)] of the same clips; None for fewer than three clips, or all on one point.

    Procrustes: Gower, "Generalized Procrustes analysis", Psychometrika 40, 1975.
    """
    one, other, asked = _some(first, second, seed)
    k = min(k, (len(one) - 1) // 2)
    if k < 1 or not np.ptp(one, axis=0).any() or not np.ptp(other, axis=0).any():
        return None
    from scipy.spatial import procrustes

    shared = float(overlap(nearest(one, asked, k), nearest(other, asked, k)).mean())
    return Stability(shared, float(procrustes(one, other)[2]), k, len(asked), len(one))


def _some(
    first: ArrayLike, second: ArrayLike, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.intp]]:
    one, other = np.asarray(first, np.float32), np.asarray(second, np.float32)
    if len(one) != len(other):
        raise ValueError(f"{len(one)} points and {len(other)} others cannot be compared: give the same clips twice.")
    at = drawn(len(one), MOST_FITTED, seed=seed)
    return one[at], other[at], drawn(len(at), _ASKED, seed=seed)


def _trustworthiness(
    high: NDArray[np.float32], asked: NDArray[np.intp], on_map: NDArray[np.intp], in_space: NDArray[np.intp]
) -> float:
    """Return equation (1) of Venna and Kaski over the clips that are asked."""
    n, k = len(high), on_map.shape[1]
    invented = ~(on_map[:, :, np.newaxis] == in_space[:, np.newaxis, :]).any(axis=2)
    penalty = 0.0
    for row, at in enumerate(asked):
        strangers = on_map[row, invented[row]]
        if len(strangers):
            distances = np.linalg.norm(high - high[at], axis=1)
            distances[at] = -1.0
            # The clip itself has rank 0, its nearest neighbour rank 1.
            ranks = np.searchsorted(np.sort(distances), distances[strangers], side="left")
            penalty += float(np.maximum(ranks - k, 0).sum())
    return 1.0 - penalty * 2.0 / (len(asked) * k * (2 * n - 3 * k - 1))
