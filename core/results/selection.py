"""Which clips of a run are selected: conditions that all of them fulfil, one selection for all views."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ResultsError
from core.results.conditions.base import CONDITIONS, Condition
from core.results.conditions.between import Between
from core.results.conditions.called import Called
from core.results.conditions.is_ import Is
from core.results.conditions.picked import Picked
from core.results.conditions.scored import Scored
from core.results.conditions.search import Search

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["Between", "Called", "Condition", "Is", "Picked", "Scored", "Search", "Selection"]

_MOST_CONDITIONS = 32


@dataclass(frozen=True)
class Selection:
    """Conditions that all selected clips fulfil; without any, all clips are selected.

    Attributes
    ----------
    conditions : tuple of Condition
    """

    conditions: tuple[Condition, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.conditions)

    def __and__(self, condition: Condition) -> "Selection":
        """Return the selection with one more condition, in place of one about the same."""
        rest = [one for one in self.conditions if (one.KIND, one.about) != (condition.KIND, condition.about)]
        return Selection((*rest, condition))

    def without(self, number: int) -> "Selection":
        """Return the selection without the condition at this place."""
        return Selection(tuple(one for place, one in enumerate(self.conditions) if place != number))

    def mask(self, run: "Run") -> NDArray[np.bool_]:
        """Return which clips of a run are selected [shape=(n,)].

        Raises
        ------
        ResultsError
            When the run does not have what a condition asks for.
        """
        found = np.ones(len(run), dtype=bool)
        for condition in self.conditions:
            found &= condition.mask(run)
        return found

    def words(self) -> str:
        """Return the conditions as a person reads them; "" without any."""
        return ", ".join(condition.words() for condition in self.conditions)

    @property
    def text(self) -> str:
        """The selection as compact JSON, as ``parse`` takes it; "" without conditions."""
        if not self.conditions:
            return ""
        found = [[condition.KIND, *condition.values()] for condition in self.conditions]
        return json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    @classmethod
    def parse(cls, text: str | None) -> "Selection":
        """Return the selection of a text, which may come from anywhere.

        Raises
        ------
        ResultsError
            When it is none; the message says why.
        """
        if not text:
            return cls()
        try:
            stored = json.loads(text)
            if not isinstance(stored, list) or len(stored) > _MOST_CONDITIONS:
                raise ValueError(f"it needs a list of at most {_MOST_CONDITIONS} conditions")
            return cls(tuple(_condition(entry) for entry in stored))
        except (ValueError, RecursionError) as error:
            raise ResultsError(f"This is no selection of clips: {error}. Clear it, and select anew.") from error


def _condition(entry: Any) -> Condition:
    if not isinstance(entry, list) or not entry or not isinstance(entry[0], str) or entry[0] not in CONDITIONS.names():
        raise ValueError(f"each condition begins with one of {', '.join(CONDITIONS.names())}")
    return CONDITIONS.get(entry[0]).from_values(entry[1:])
