"""What the points of a map are coloured by: a column of the run, P(spoof), or clusters."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.results.queries import decision_of

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = [
    "CLUSTER", "MISSING", "P_SPOOF", "Groups", "Scale", "called_wrongly", "coloured_by", "colourings", "group_columns",
    "grouped",
]  # fmt: skip

#: Names that stand beside those of the columns.
P_SPOOF, CLUSTER = "P(spoof)", "cluster"
#: Where a clip has no value.
MISSING = "(no value)"
_NOT_COLOURS = ("path",)
_FIRST = ("label", "system", "kind", "part", "speaker", "dataset")


@dataclass(frozen=True, eq=False)
class Groups:
    """A value for each clip out of few or many.

    Attributes
    ----------
    codes : ndarray [shape=(n,), int32]
        Which of ``names`` each clip has.
    names : tuple of str
        The commonest first.
    counts : tuple of int
        Clips of each.
    """

    codes: NDArray[np.int32]
    names: tuple[str, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Scale:
    """A number for each clip [shape=(n,), float32, NaN where there is none], and the ends of its colour scale."""

    values: NDArray[np.float32]
    low: float
    high: float


def colourings(run: "Run") -> list[str]:
    """Return what the clips of a run can be coloured by: label, P(spoof), cluster, then its other columns."""
    known = [name for name in run.columns if name not in _NOT_COLOURS]
    first = [name for name in _FIRST if name in known]
    head = first[:1] if first[:1] == ["label"] else []
    rest = [name for name in (*first, *known) if name not in head]
    return [*head, P_SPOOF, CLUSTER, *dict.fromkeys(rest)]


@lru_cache(maxsize=8)
def group_columns(run: "Run") -> tuple[str, ...]:
    """Return the columns of words, by the types of the first clip's values: no column is read."""
    first = run.rows([0], run.columns) if len(run) else pd.DataFrame(columns=run.columns)
    words = [name for name in colourings(run) if name in run.columns]
    return tuple(name for name in words if not pd.api.types.is_numeric_dtype(first[name].dtype))


def coloured_by(run: "Run", name: str, column: str) -> Groups | Scale:
    """Return the values of a column, or the detector's P(spoof), as groups or as a scale.

    Parameters
    ----------
    run : Run
    name : str
        The detector whose P(spoof) is meant.
    column : str
        One of ``colourings`` but ``CLUSTER``.

    Raises
    ------
    ResultsError
        When the run has no such column.
    """
    if column == P_SPOOF:
        return Scale(np.asarray(p_spoof(run.llr(name)), np.float32), 0.0, 1.0)
    values = run.column(column)
    if not pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_bool_dtype(values.dtype):
        return grouped(values)
    numbers = values.to_numpy(dtype=np.float32, na_value=np.nan)
    known = numbers[np.isfinite(numbers)]
    # One clip that is far off must not take the colours from all others.
    low, high = np.percentile(known, (1, 99)) if len(known) else (0.0, 1.0)
    return Scale(numbers, float(low), float(high) if high > low else float(low) + 1.0)


def grouped(values: pd.Series) -> Groups:
    """Return text, or any other values, as groups, the commonest first."""
    coded = values if isinstance(values.dtype, pd.CategoricalDtype) else values.astype("category")
    codes = coded.cat.codes.to_numpy()
    names = [str(name) for name in coded.cat.categories]
    if (codes < 0).any():
        codes = np.where(codes < 0, len(names), codes)
        names.append(MISSING)
    counts = np.bincount(codes, minlength=len(names))
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    rank = np.zeros(len(names), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return Groups(rank[codes], tuple(names[at] for at in order), tuple(int(counts[at]) for at in order))


def called_wrongly(run: "Run", name: str) -> NDArray[np.bool_]:
    """Return which clips a detector's own thresholds call the other class [shape=(n,)]; *not sure* is no error."""
    decision, llr = decision_of(run, name), run.llr(name)
    return (run.real & (llr < decision.spoof_below)) | (run.fake & (llr > decision.bonafide_above))
