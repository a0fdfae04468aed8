"""What a condition is: plain values that travel as JSON, and the clips of a run that fulfil it."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.plugins import Registry

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["CONDITIONS", "Condition", "Mask", "number", "register", "text"]

Mask = NDArray[np.bool_]

_LONG = 500


class Condition(ABC):
    """What all conditions have.

    Attributes
    ----------
    KIND : str
        The condition's name in JSON.
    """

    KIND: ClassVar[str]

    @property
    @abstractmethod
    def about(self) -> str:
        """What it restricts; a later condition about the same takes its place."""

    @abstractmethod
    def mask(self, run: "Run") -> Mask:
        """Return which clips of a run fulfil it [shape=(n,)].

        Raises
        ------
        ResultsError
            When the run does not have what it asks for.
        """

    @abstractmethod
    def words(self) -> str:
        """Return it as a person reads it."""

    @abstractmethod
    def values(self) -> list[Any]:
        """Return its values, as ``from_values`` takes them."""

    @classmethod
    @abstractmethod
    def from_values(cls, values: list[Any]) -> "Condition":
        """Return the condition of these values; ValueError where they are none."""


#: The kinds, by their names in JSON.
CONDITIONS: Registry[type[Condition]] = Registry("kind of condition", "core.results.conditions")

_Kind = TypeVar("_Kind", bound=type[Condition])


def register(kind: _Kind) -> _Kind:
    """Register a class of conditions under its ``KIND``."""
    CONDITIONS.register(kind.KIND)(kind)
    return kind


def text(value: object) -> str:
    """Return a value from outside that must be a text; ValueError where it is none, or too long."""
    if not isinstance(value, str) or len(value) > _LONG:
        raise ValueError(f"it needs texts of at most {_LONG} letters")
    return value


def number(value: object) -> float | None:
    """Return a value from outside that must be a finite number or None; ValueError where it is neither."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise ValueError("it needs finite numbers")
    return float(value)
