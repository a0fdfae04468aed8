"""Clips in whose column a number lies between two."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.errors import ResultsError
from core.results.conditions.base import Condition, Mask, number, register, text
from core.results.conditions.columns import column_of, span, within

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["Between"]


@register
@dataclass(frozen=True)
class Between(Condition):
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
        column = column_of(run, self.column)
        if not pd.api.types.is_numeric_dtype(column):
            raise ResultsError(f"{self.column} is no column of numbers in this run: select its values by a slice.")
        return within(column.to_numpy(dtype=np.float64), self.low, self.high)

    def words(self) -> str:
        """Return such as *seconds from 2 to 4*."""
        return f"{self.column} {span(self.low, self.high)}"

    def values(self) -> list[Any]:
        """Return column, low and high."""
        return [self.column, self.low, self.high]

    @classmethod
    def from_values(cls, values: list[Any]) -> "Between":
        """Return the condition of a column's name and two numbers or None."""
        column, low, high = values
        return cls(text(column), number(low), number(high))
