"""Clips whose texts hold some words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.results.conditions.base import Condition, Mask, register, text
from core.results.conditions.columns import taken, text_column, text_columns

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["Search"]


@register
@dataclass(frozen=True)
class Search(Condition):
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
            column = text_column(run, name)
            texts = column.cat.categories.astype(str).str.lower()
            for row, word in enumerate(sought):
                found[row] |= taken(np.asarray(texts.str.contains(word.lower(), regex=False), dtype=bool), column)
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
        if not text(sought).strip():
            raise ValueError("it needs a word")
        return cls(text(column), sought)
