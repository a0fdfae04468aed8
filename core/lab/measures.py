"""How well a map finds a place that is known: the standard measures, as pure functions of map and mask."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Measured",
    "area_share",
    "cells_of",
    "localisation_eer",
    "mass_accuracy",
    "measure",
    "pointing_game",
    "rank_accuracy",
    "top_precision",
]

CELL_BINS, CELL_FRAMES = 16, 10
"""Bins and frames of a coarse cell: 500 Hz by 0.1 s."""
_TOP = 3

Map = NDArray[np.floating]
Mask = NDArray[np.bool_]


class Measured(NamedTuple):
    """What the measures give for one map; each is 0 to 1 but the factor.

    Attributes
    ----------
    mass : float
        NaN, as ``factor`` is, where the map holds no evidence for spoof at all.
    factor : float
        ``mass`` by the place's share of the area: 1 is chance.
    rank, pointing, top3, eer : float
    """

    mass: float
    factor: float
    rank: float
    pointing: float
    top3: float
    eer: float


def measure(attribution: Map, place: Mask) -> Measured:
    """Return all measures of one map.

    Parameters
    ----------
    attribution : ndarray [shape=(bins, frames)]
        Positive = evidence for spoof.
    place : ndarray of bool [shape=(bins, frames)]
        Where the evidence was planted.

    Raises
    ------
    ValueError
        When the shapes differ, or the place is empty or everything.
    """
    if attribution.shape != place.shape or not 0 < place.sum() < place.size:
        raise ValueError(f"A map {attribution.shape} needs a mask of its shape that holds some of it and not all.")
    mass = mass_accuracy(attribution, place)
    return Measured(
        mass, mass / area_share(place), rank_accuracy(attribution, place), pointing_game(attribution, place),
        top_precision(attribution, place), localisation_eer(attribution, place),
    )  # fmt: skip


def area_share(place: Mask) -> float:
    """Return the share of the map's cells that lie in the place."""
    return float(place.mean())


def mass_accuracy(attribution: Map, place: Mask) -> float:
    """Return the share of the positive attribution that lies in the place; NaN where nothing is positive.

    Relevance mass accuracy: Arras, Osman and Samek, "CLEVR-XAI", Information Fusion 81, 2022.
    """
    positive = np.maximum(attribution, 0).astype(np.float64)
    total = positive.sum()
    return float(positive[place].sum() / total) if total > 0 else float("nan")


def rank_accuracy(attribution: Map, place: Mask) -> float:
    """Return the share of the K strongest cells that lie in the place, K being the place's number of cells.

    Relevance rank accuracy: Arras, Osman and Samek 2022. Of cells that tie for the last ranks, as many count as would
    lie there by chance.
    """
    wanted = int(place.sum())
    limit = np.partition(attribution, attribution.size - wanted, axis=None)[attribution.size - wanted]
    above, tied = attribution > limit, attribution == limit
    by_chance = (wanted - above.sum()) * (tied & place).sum() / tied.sum()
    return float(((above & place).sum() + by_chance) / wanted)


def pointing_game(attribution: Map, place: Mask) -> float:
    """Return 1 where the strongest cell lies in the place, else 0; without tolerance. 0 where nothing is positive.

    Zhang et al., "Top-down neural attention by excitation backprop", IJCV 126, 2018. Where several cells tie, the
    share of them that lies in the place.
    """
    strongest = attribution.max()
    return float(place[attribution == strongest].mean()) if strongest > 0 else 0.0


def cells_of(values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return the mean of an array over coarse cells of 500 Hz by 0.1 s [shape=(16, ceil(frames / 10))].

    The highest bin, 8 kHz itself, goes with the cell below it.
    """
    bins = np.arange(0, values.shape[0] - 1, CELL_BINS)
    frames = np.arange(0, values.shape[1], CELL_FRAMES)
    sums = np.add.reduceat(np.add.reduceat(values.astype(np.float64), bins, axis=0), frames, axis=1)
    heights, widths = np.diff([*bins, values.shape[0]]), np.diff([*frames, values.shape[1]])
    return np.asarray(sums / np.outer(heights, widths))


def top_precision(attribution: Map, place: Mask) -> float:
    """Return the average precision of the three strongest coarse cells; its mean over clips is the top-3 mAP.

    A cell is relevant where at least half of it lies in the place (the fullest one where none does). Average precision
    is the sum of the precision at each rank up to 3 that holds a relevant cell, divided by 3 or by the number of
    relevant cells where there are fewer. Cells that tie are ranked at random, always alike.
    """
    found, inside = _coarse(attribution, place)
    order = np.lexsort((np.random.default_rng(0).permutation(found.size), -found))[:_TOP]
    relevant = inside[order]
    precision = np.cumsum(relevant) / np.arange(1, len(relevant) + 1)
    return float((precision * relevant).sum() / min(_TOP, inside.sum()))


def localisation_eer(attribution: Map, place: Mask) -> float:
    """Return the equal error rate of telling the coarse cells in the place from the others by their attribution.

    Interpolated, so that cells which all tie give 0.5.
    """
    found, inside = _coarse(attribution, place)
    values, group = np.unique(-found, return_inverse=True)
    hits = np.bincount(group, weights=inside, minlength=len(values)).cumsum() / inside.sum()
    alarms = np.bincount(group, weights=~inside, minlength=len(values)).cumsum() / (~inside).sum()
    misses, alarms = np.concatenate([[1.0], 1 - hits]), np.concatenate([[0.0], alarms])
    at = int(np.argmax(alarms >= misses))
    before, after = misses[at - 1] - alarms[at - 1], misses[at] - alarms[at]
    share = before / (before - after)
    return float(alarms[at - 1] + share * (alarms[at] - alarms[at - 1]))


def _coarse(attribution: Map, place: Mask) -> tuple[NDArray[np.float64], Mask]:
    """Return the coarse cells' attribution and which of them lie in the place [shape=(cells,) each]."""
    filled = cells_of(place).ravel()
    return cells_of(attribution).ravel(), filled >= min(0.5, filled.max())
