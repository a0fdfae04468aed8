"""What conditions read of a run: its columns and scores, and which clips have some of their values."""

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import ResultsError
from core.fusion import PANEL
from core.results.conditions.base import Mask

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["column_of", "llr_of", "span", "taken", "text_column", "text_columns", "value_counts", "within"]


def text_columns(run: "Run") -> list[str]:
    """Return the names of a run's columns that hold text."""
    return [name for name in run.columns if isinstance(run.column(name).dtype, pd.CategoricalDtype)]


def value_counts(run: "Run", name: str, *, most: int) -> dict[str, int]:
    """Return how many clips have each value of a column of text, the commonest first; none where it has more than most.

    Parameters
    ----------
    run : Run
    name : str
    most : int
        Values of a column that is worth listing.
    """
    column = text_column(run, name)
    values = column.cat.categories
    if not 1 < len(values) <= most:
        return {}
    counts = np.bincount(column.cat.codes.to_numpy() + 1, minlength=len(values) + 1)[1:]
    order = np.argsort(-counts, kind="stable")
    return {str(values[at]): int(counts[at]) for at in order if counts[at]}


def text_column(run: "Run", name: str) -> "pd.Series[Any]":
    """Return a column as categories of text."""
    column = column_of(run, name)
    return column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype(str).astype("category")


def column_of(run: "Run", name: str) -> "pd.Series[Any]":
    """Return a column of a run; ResultsError where it has none of that name."""
    if name not in run.columns and name not in run.lent:
        raise ResultsError(f"This run has no column {name!r}: clear the selection, or open the run it was made in.")
    return run.column(name)


def llr_of(run: "Run", name: str) -> NDArray[np.float64]:
    """Return the scores of a detector of a run, or of its panel; ResultsError where it holds none of that name."""
    if name != PANEL and name not in run.detectors:
        raise ResultsError(f"This run has no detector {name!r}: clear the selection, or open the run it was made in.")
    return run.llr(name)


def taken(wanted: Any, column: "pd.Series[Any]") -> Mask:
    """Return each clip's answer by its category; a clip without a value fulfils nothing."""
    answers = np.append(np.asarray(wanted, dtype=bool), False)
    return cast(Mask, answers[column.cat.codes.to_numpy()])


def within(values: NDArray[np.float64], low: float | None, high: float | None) -> Mask:
    """Return which values lie from low up to, but not including, high; None leaves a side open."""
    found = ~np.isnan(values)
    if low is not None:
        found &= values >= low
    if high is not None:
        found &= values < high
    return found


def span(low: float | str | None, high: float | str | None) -> str:
    """Return in words from where to where: *from 2 to 4*, *below 4*."""
    first, last = (f"{end:g}" if isinstance(end, float) else str(end) for end in (low, high))
    if low is None:
        return f"below {last}" if high is not None else "known"
    return f"from {first}" if high is None else f"from {first} to {last}"
