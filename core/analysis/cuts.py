"""Cutting clips by a column: by its values where they are words or few, at quantiles where they are many numbers."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["BINS", "Cut", "Level", "cut_by"]

#: Into how many parts numbers are cut, with about equally many clips each.
BINS = 4
_FEW_VALUES = 8
_NONE = ("", "-", "nan", "None")


@dataclass(frozen=True)
class Level:
    """One part of a cut: a value, or numbers from ``low`` up to, but not including, ``high``.

    Attributes
    ----------
    label : str
        For people.
    value : str or None
        The value as text; None where the part is a range.
    low, high : float or None
        Ends of the range; None where it is open, or the part is a value.
    """

    label: str
    value: str | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, eq=False)
class Cut:
    """A column, and which part of it each clip falls into.

    Attributes
    ----------
    column : str
    levels : tuple of Level
    code : ndarray of int [shape=(n,)]
        Each clip's level; -1 where its value is not known.
    """

    column: str
    levels: tuple[Level, ...]
    code: NDArray[np.int64]

    def only(self, kept: NDArray[np.bool_]) -> "Cut":
        """Return the cut with some of its levels [shape=(levels,)]; clips of the others fall into none."""
        new = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)
        levels = tuple(level for level, keep in zip(self.levels, kept, strict=True) if keep)
        return Cut(self.column, levels, new[self.code])


def cut_by(values: pd.Series, column: str, *, bins: int = BINS) -> Cut:
    """Cut clips by a column of words (pandas ``category``, or any text) or numbers [shape=(n,)].

    Numbers with more than a handful of values are cut at their quantiles, each rounded to as few digits as leave the
    parts about as large; ``-`` and empty text are not known.

    Parameters
    ----------
    values : Series [shape=(n,)]
    column : str
        Its name.
    bins : int
        Parts of a column of many numbers.
    """
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        numbers = values.to_numpy(dtype=np.float64)
        return _by_number(numbers, column, bins)
    coded = values if isinstance(values.dtype, pd.CategoricalDtype) else values.astype(str).astype("category")
    names = coded.cat.categories.astype(str).to_numpy(dtype=object)
    code = coded.cat.codes.to_numpy().astype(np.int64)
    order = np.argsort(names, kind="stable")
    there = np.bincount(code[code >= 0], minlength=len(names))
    kept = [place for place in order if names[place] not in _NONE and there[place]]
    new = np.full(len(names) + 1, -1)
    new[kept] = np.arange(len(kept))
    return Cut(column, tuple(Level(str(names[place]), value=str(names[place])) for place in kept), new[code])


def _by_number(numbers: NDArray[np.float64], column: str, bins: int) -> Cut:
    known = np.isfinite(numbers)
    ordered = np.sort(numbers[known])
    steps = np.flatnonzero(np.diff(ordered))
    if len(steps) < _FEW_VALUES:
        found = ordered[np.append(steps, len(ordered) - 1)] if len(ordered) else ordered
        # The next number above ends the range: the value itself is in it, as in every range.
        levels = (Level(f"{value:g}", low=float(value), high=math.nextafter(value, math.inf)) for value in found)
        return Cut(column, tuple(levels), _codes(numbers, found, "left"))
    # As few digits as move at most a fiftieth of the clips.
    places = (len(ordered) * np.arange(1, bins)) // bins
    edges = np.unique([_rounded(float(ordered[place]), ordered) for place in places])
    return Cut(column, _ranges(edges), _codes(numbers, edges, "right"))


def _codes(
    numbers: NDArray[np.float64], edges: NDArray[np.float64], side: Literal["left", "right"]
) -> NDArray[np.int64]:
    known = np.isfinite(numbers)
    return np.where(known, np.searchsorted(edges, np.where(known, numbers, 0.0), side), -1).astype(np.int64)


def _rounded(edge: float, ordered: NDArray[np.float64]) -> float:
    place = np.searchsorted(ordered, edge)
    for digits in range(1, 8):
        near = float(f"{edge:.{digits}g}")
        if abs(int(np.searchsorted(ordered, near)) - int(place)) <= len(ordered) / 50:
            return near
    return edge


def _ranges(edges: NDArray[np.float64]) -> tuple[Level, ...]:
    words = [f"{edge:g}" for edge in edges]
    first, last = Level(f"below {words[0]}", high=float(edges[0])), Level(f"from {words[-1]}", low=float(edges[-1]))
    between = (
        Level(f"{words[i]} to {words[i + 1]}", low=float(edges[i]), high=float(edges[i + 1]))
        for i in range(len(edges) - 1)
    )  # fmt: skip
    return (first, *between, last)
