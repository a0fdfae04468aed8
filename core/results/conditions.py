"""What a selection of clips can ask for: one class for each kind of condition, as plain values that travel as JSON."""

import base64
import binascii
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.errors import ResultsError
from core.fusion import PANEL

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = [
    "CONDITIONS", "Between", "Called", "Condition", "Is", "Picked", "Scored", "Search", "text_columns", "value_counts",
]  # fmt: skip

Mask = NDArray[np.bool_]

_LONG = 500
_MANY = 1000
_MOST_CLIPS = 20_000_000
_BOTH = ("bonafide", "spoof", "right", "wrong", "false alarm", "miss")
_CALLED = {
    "bonafide": "called bona fide", "spoof": "called spoof", "right": "called rightly", "wrong": "called wrongly",
    "false alarm": "false alarm", "miss": "missed spoof",
}  # fmt: skip


class Condition(Protocol):
    """What all conditions have.

    Attributes
    ----------
    KIND : str
        The condition's name in JSON.
    """

    KIND: str

    @property
    def about(self) -> str:
        """What it restricts; a later condition about the same takes its place."""

    def mask(self, run: "Run") -> Mask:
        """Return which clips of a run fulfil it [shape=(n,)].

        Raises
        ------
        ResultsError
            When the run does not have what it asks for.
        """

    def words(self) -> str:
        """Return it as a person reads it."""

    def values(self) -> list[Any]:
        """Return its values, as ``from_values`` takes them."""

    @classmethod
    def from_values(cls, values: list[Any]) -> "Condition":
        """Return the condition of these values; ValueError where they are none."""


@dataclass(frozen=True)
class Is:
    """A column has one of these values, written as text."""

    column: str
    accepted: tuple[str, ...]
    KIND = "is"

    @property
    def about(self) -> str:
        """The column."""
        return self.column

    def mask(self, run: "Run") -> Mask:
        """Return which clips have one of the values."""
        column = _text_column(run, self.column)
        wanted = column.cat.categories.isin(self.accepted)
        return _taken(wanted, column)

    def words(self) -> str:
        """Return such as *kind is vocoder or codec*."""
        return f"{self.column} is {' or '.join(self.accepted)}"

    def values(self) -> list[Any]:
        """Return the column and the accepted values."""
        return [self.column, list(self.accepted)]

    @classmethod
    def from_values(cls, values: list[Any]) -> "Is":
        """Return the condition of a column's name and a list of texts."""
        column, accepted = values
        if not isinstance(accepted, list) or not 0 < len(accepted) <= _MANY:
            raise ValueError(f"it needs a list of 1 to {_MANY} values")
        return cls(_text(column), tuple(_text(value) for value in accepted))


@dataclass(frozen=True)
class Between:
    """A column of numbers lies from ``low`` up to, but not including, ``high``; None leaves a side open."""

    column: str
    low: float | None = None
    high: float | None = None
    KIND = "between"

    @property
    def about(self) -> str:
        """The column."""
        return self.column

    def mask(self, run: "Run") -> Mask:
        """Return which clips lie between; one whose value is unknown does not."""
        column = _column(run, self.column)
        if not pd.api.types.is_numeric_dtype(column):
            raise ResultsError(f"{self.column} is no column of numbers in this run: select its values by a slice.")
        return _within(column.to_numpy(dtype=np.float64), self.low, self.high)

    def words(self) -> str:
        """Return such as *seconds from 2 to 4*."""
        return f"{self.column} {_span(self.low, self.high)}"

    def values(self) -> list[Any]:
        """Return column, low and high."""
        return [self.column, self.low, self.high]

    @classmethod
    def from_values(cls, values: list[Any]) -> "Between":
        """Return the condition of a column's name and two numbers or None."""
        column, low, high = values
        return cls(_text(column), _number(low), _number(high))


@dataclass(frozen=True)
class Scored:
    """A detector, or the panel, gives a log-likelihood ratio from ``low`` up to, but not including, ``high``."""

    detector: str
    low: float | None = None
    high: float | None = None
    KIND = "scored"

    @property
    def about(self) -> str:
        """The detector's score."""
        return f"score {self.detector}"

    def mask(self, run: "Run") -> Mask:
        """Return which clips are scored so."""
        return _within(_llr(run, self.detector), self.low, self.high)

    def words(self) -> str:
        """Return such as *P(spoof) by panel from 0.30 to 0.70*: higher scores are lower probabilities."""
        low, high = (None if end is None else f"{float(p_spoof(end)):.2f}" for end in (self.high, self.low))
        return f"P(spoof) by {self.detector} {_span(low, high)}"

    def values(self) -> list[Any]:
        """Return detector, low and high."""
        return [self.detector, self.low, self.high]

    @classmethod
    def from_values(cls, values: list[Any]) -> "Scored":
        """Return the condition of a detector's name and two numbers or None."""
        detector, low, high = values
        return cls(_text(detector), _number(low), _number(high))


@dataclass(frozen=True)
class Called:
    """What a detector, or the panel, calls a clip where log-likelihood ratios below ``threshold`` are called spoof.

    ``how`` is "bonafide", "spoof", "right", "wrong", "false alarm" or "miss".
    """

    detector: str
    threshold: float
    how: str = "wrong"
    KIND = "called"

    @property
    def about(self) -> str:
        """The detector's calls."""
        return f"call {self.detector}"

    def mask(self, run: "Run") -> Mask:
        """Return which clips are called so."""
        spoof, real, fake = _llr(run, self.detector) < self.threshold, run.real, run.fake
        found = {
            "bonafide": ~spoof, "spoof": spoof, "right": spoof & fake | ~spoof & real,
            "wrong": spoof & real | ~spoof & fake, "false alarm": spoof & real, "miss": ~spoof & fake,
        }[self.how]  # fmt: skip
        return found

    def words(self) -> str:
        """Return such as *called wrongly by panel, spoof from P(spoof) 0.50*."""
        return f"{_CALLED[self.how]} by {self.detector}, spoof from P(spoof) {float(p_spoof(self.threshold)):.2f}"

    def values(self) -> list[Any]:
        """Return detector, threshold and how."""
        return [self.detector, self.threshold, self.how]

    @classmethod
    def from_values(cls, values: list[Any]) -> "Called":
        """Return the condition of a detector's name, a number, and what is called how."""
        detector, threshold, how = values
        if how not in _BOTH:
            raise ValueError(f"what is called is one of {', '.join(_BOTH)}")
        found = _number(threshold)
        if found is None:
            raise ValueError("it needs a threshold")
        return cls(_text(detector), found, how)


@dataclass(frozen=True)
class Search:
    """Every one of some words stands somewhere in a column of text, or in any of them where none is named."""

    column: str
    sought: str
    KIND = "search"

    @property
    def about(self) -> str:
        """The search of that column."""
        return f"search {self.column}"

    def mask(self, run: "Run") -> Mask:
        """Return which clips have all the words; capitals count as small letters."""
        names = [self.column] if self.column else text_columns(run)
        sought = self.sought.split()
        found = np.zeros((len(sought), len(run)), dtype=bool)
        for name in names:
            column = _text_column(run, name)
            texts = column.cat.categories.astype(str).str.lower()
            for row, word in enumerate(sought):
                found[row] |= _taken(np.asarray(texts.str.contains(word.lower(), regex=False), dtype=bool), column)
        return np.logical_and.reduce(found, axis=0)

    def words(self) -> str:
        """Return such as *“libri” in speaker*."""
        return f"“{self.sought}” in {self.column or 'any text'}"

    def values(self) -> list[Any]:
        """Return column and words."""
        return [self.column, self.sought]

    @classmethod
    def from_values(cls, values: list[Any]) -> "Search":
        """Return the condition of a column's name ("" for all) and words."""
        column, sought = values
        if not _text(sought).strip():
            raise ValueError("it needs a word")
        return cls(_text(column), sought)


@dataclass(frozen=True, eq=False)
class Picked:
    """Clips that were picked one by one, or by a lasso: their positions in one run.

    Attributes
    ----------
    run : str
        Key of the run.
    positions : ndarray of int [shape=(k,)]
        Increasing, without repetition.
    """

    run: str
    positions: NDArray[np.int64]
    KIND = "picked"

    @property
    def about(self) -> str:
        """Picked clips."""
        return "picked"

    @classmethod
    def of(cls, run: "Run", positions: Any) -> "Picked":
        """Return these positions of a run's clips as a condition, in order and each once."""
        return cls(run.whole.key, np.unique(np.asarray(positions, dtype=np.int64)))

    def mask(self, run: "Run") -> Mask:
        """Return which clips were picked."""
        n = len(run)
        if run.whole.key != self.run or (len(self.positions) and self.positions[-1] >= n):
            raise ResultsError("These clips were picked in another run: clear the selection, or open that run.")
        found = np.zeros(n, dtype=bool)
        found[self.positions] = True
        return found

    def words(self) -> str:
        """Return such as *12 picked clips*."""
        return f"{len(self.positions):,} picked clip{'' if len(self.positions) == 1 else 's'}"

    def values(self) -> list[Any]:
        """Return the run's key, and the steps from position to position, compressed, in base64 for addresses."""
        steps = np.diff(self.positions, prepend=0).astype("<u4")
        return [self.run, base64.urlsafe_b64encode(zlib.compress(steps.tobytes(), 9)).decode()]

    @classmethod
    def from_values(cls, values: list[Any]) -> "Picked":
        """Return the condition of a run's key and packed positions."""
        run, packed = values
        try:
            unpack = zlib.decompressobj()
            data = unpack.decompress(base64.b64decode(str(packed), altchars=b"-_", validate=True), 4 * _MOST_CLIPS)
        except (binascii.Error, zlib.error, ValueError) as error:
            raise ValueError("its clips cannot be unpacked") from error
        if unpack.unconsumed_tail or not unpack.eof or len(data) % 4:
            raise ValueError("its clips cannot be unpacked")
        steps = np.frombuffer(data, dtype="<u4").astype(np.int64)
        if (steps[1:] == 0).any() or steps.sum() > _MOST_CLIPS:
            raise ValueError("its clips are in no order")
        return cls(_text(run), np.cumsum(steps))


#: The kinds, by their names in JSON.
CONDITIONS: dict[str, type[Condition]] = {
    kind.KIND: cast(type[Condition], kind) for kind in (Is, Between, Scored, Called, Search, Picked)
}  # fmt: skip


# A run's columns.


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
    column = _text_column(run, name)
    values = column.cat.categories
    if not 1 < len(values) <= most:
        return {}
    counts = np.bincount(column.cat.codes.to_numpy() + 1, minlength=len(values) + 1)[1:]
    order = np.argsort(-counts, kind="stable")
    return {str(values[at]): int(counts[at]) for at in order if counts[at]}


def _text_column(run: "Run", name: str) -> "pd.Series[Any]":
    """Return a column as categories of text."""
    column = _column(run, name)
    return column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype(str).astype("category")


def _column(run: "Run", name: str) -> "pd.Series[Any]":
    if name not in run.columns:
        raise ResultsError(f"This run has no column {name!r}: clear the selection, or open the run it was made in.")
    return run.column(name)


def _llr(run: "Run", name: str) -> NDArray[np.float64]:
    if name != PANEL and name not in run.detectors:
        raise ResultsError(f"This run has no detector {name!r}: clear the selection, or open the run it was made in.")
    return run.llr(name)


def _taken(wanted: Any, column: "pd.Series[Any]") -> Mask:
    """Return each clip's answer by its category; a clip without a value fulfils nothing."""
    answers = np.append(np.asarray(wanted, dtype=bool), False)
    return cast(Mask, answers[column.cat.codes.to_numpy()])


def _within(values: NDArray[np.float64], low: float | None, high: float | None) -> Mask:
    found = ~np.isnan(values)
    if low is not None:
        found &= values >= low
    if high is not None:
        found &= values < high
    return found


def _span(low: float | str | None, high: float | str | None) -> str:
    first, last = (f"{end:g}" if isinstance(end, float) else str(end) for end in (low, high))
    if low is None:
        return f"below {last}" if high is not None else "known"
    return f"from {first}" if high is None else f"from {first} to {last}"


# Values from outside.


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONG:
        raise ValueError(f"it needs texts of at most {_LONG} letters")
    return value


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise ValueError("it needs finite numbers")
    return float(value)
