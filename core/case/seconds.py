"""What the picture shows, as a table: second by second, so that it can be read without eyes and without colour."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.case.folder import Folder

__all__ = ["COLUMNS", "second_rows"]

COLUMNS = ("seconds", "level dB", "P(spoof), panel", "P(spoof), localiser: mean", "highest", "of the map's evidence")
#: Rows of the table; a longer recording has longer steps.
_MOST = 60
Grid = NDArray[np.float64]


def second_rows(folder: Folder) -> list[tuple[str, ...]]:
    """Return the rows of ``COLUMNS``: steps of one second, or so many seconds that there are at most 60."""
    step = max(1, int(np.ceil(folder.duration_s / _MOST)))
    starts = np.arange(0, max(folder.duration_s, 0.01), step)
    ends = np.minimum(starts + step, folder.duration_s)
    spans = [f"{start:g}–{end:.4g}" for start, end in zip(starts, ends, strict=True)]
    rates = (_pieces(folder, starts, ends), *_localised(folder, starts, ends))
    columns = (
        spans, [_cell(value, 1) for value in _levels(folder, starts, ends)],
        *([_cell(value, 2) for value in rate] for rate in rates), map(_percent, _shares(folder, starts, ends)),
    )  # fmt: skip
    return list(zip(*columns, strict=True))


def _cell(value: float, digits: int) -> str:
    return "–" if np.isnan(value) else f"{value:.{digits}f}"


def _percent(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.0f} %"


def _levels(folder: Folder, starts: Grid, ends: Grid) -> Grid:
    """Return the highest level in each step, in dB below full scale."""
    peaks = np.asarray(folder.arrays["peaks"], dtype=float)
    at = np.linspace(0, folder.duration_s, len(peaks) + 1)[:-1]
    highest = _each(at, peaks, starts, ends, np.max)
    return 20 * np.log10(np.maximum(highest, 1e-5))


def _pieces(folder: Folder, starts: Grid, ends: Grid) -> Grid:
    """Return the panel's P(spoof) of each step: that of the pieces of its timeline, each as long as it overlaps."""
    pieces = folder.table("pieces.csv")
    overlap = np.minimum(ends[:, None], pieces[:, 1]) - np.maximum(starts[:, None], pieces[:, 0])
    weights = np.maximum(overlap, 0)
    total = weights.sum(axis=1)
    return np.where(total > 0, weights @ pieces[:, 3] / np.where(total > 0, total, 1), np.nan)


def _localised(folder: Folder, starts: Grid, ends: Grid) -> tuple[Grid, Grid]:
    if not folder.has("timeline.csv"):
        return (np.full(len(starts), np.nan),) * 2
    steps = folder.table("timeline.csv")
    known = ~np.isnan(steps[:, 1])
    at, values = steps[known, 0], steps[known, 1]
    return _each(at, values, starts, ends, np.mean), _each(at, values, starts, ends, np.max)


def _shares(folder: Folder, starts: Grid, ends: Grid) -> Grid:
    if "attribution" not in folder.arrays or not folder.json("map.json").get("faithful"):
        return np.full(len(starts), np.nan)
    mass = np.maximum(folder.arrays["attribution"].astype(float), 0).sum(axis=0)
    at = np.asarray(folder.arrays["seconds"], dtype=float)
    return _each(at, mass, starts, ends, np.sum) / max(float(mass.sum()), 1e-12)


def _each(at: Grid, values: Grid, starts: Grid, ends: Grid, of: Any) -> Grid:
    """Return a figure of the values within each step; NaN where there are none."""
    found = [values[(at >= start) & (at < end)] for start, end in zip(starts, ends, strict=True)]
    return np.array([float(of(some)) if len(some) else np.nan for some in found])
