"""Clips in whose column stands one of some values."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.results.conditions.base import Condition, Mask, register, text
from core.results.conditions.columns import taken, text_column

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["Is"]

_MANY = 1000


@register
@dataclass(frozen=True)
class Is(Condition):
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
        column = text_column(run, self.column)
        wanted = column.cat.categories.isin(self.accepted)
        return taken(wanted, column)

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
        return cls(text(column), tuple(text(value) for value in accepted))
