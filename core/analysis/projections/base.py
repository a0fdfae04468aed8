"""What a projection is: points of a space become points of a plane, and new ones are placed among them."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.analysis.space import MOST_FITTED
from core.errors import ProjectionError
from core.plugins import Registry

__all__ = ["PROJECTIONS", "Fitted", "Plane", "Points", "Projection", "checked", "named", "register"]

_FAULTS = (ImportError, RuntimeError, TypeError, ValueError, ArithmeticError, MemoryError, OSError)

Points = NDArray[np.float32]
Plane = NDArray[np.float32]


class Fitted(ABC):
    """A map that was laid out."""

    @abstractmethod
    def place(self, points: Points) -> Plane:
        """Return where new points [shape=(n, d)] lie on the map [shape=(n, 2)]; the others do not move."""


@dataclass(frozen=True)
class Projection(ABC):
    """A way to lay clips out; its fields are its parameters, and a map is kept under their names and values.

    Attributes
    ----------
    title : str
        What the page calls it.
    about : str
        In one sentence what it keeps and what it does not.
    instant : bool
        Whether it takes no longer than a person waits; others are fitted in the background.
    version_of : str
        The distribution whose release decides the layout; "" for this project alone.
    fewest, most : int
        Clips that it takes: PCA stands in where there are fewer, and of more a draw is laid out and the others placed.
    """

    title: ClassVar[str]
    about: ClassVar[str]
    instant: ClassVar[bool] = False
    version_of: ClassVar[str] = ""
    fewest: ClassVar[int] = 1
    most: ClassVar[int] = MOST_FITTED

    @abstractmethod
    def fit(self, points: Points, *, seed: int = 0) -> tuple[Plane, Fitted]:
        """Return where points [shape=(n, d)] lie [shape=(n, 2), float32], and what places others among them.

        Raises
        ------
        ProjectionError
            When they cannot be laid out.
        """

    @abstractmethod
    def restore(self, points: Points, plane: Plane, *, seed: int = 0) -> Fitted:
        """Return what ``fit`` returned beside a plane that was kept: nothing moves.

        Raises
        ------
        ProjectionError
            When that cannot be done.
        """


@contextmanager
def named(title: str, n: int) -> Iterator[None]:
    """Turn whatever a library raises while it lays out ``n`` clips into one sentence; its warnings are not shown.

    Raises
    ------
    ProjectionError
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except _FAULTS as error:
        why = str(error) or type(error).__name__
        raise ProjectionError(f"{title} could not lay out {n} clips: {why}") from error


def checked(title: str, plane: NDArray[np.floating]) -> Plane:
    """Return a plane as it is kept; ProjectionError where a clip has no place on it."""
    if not np.isfinite(plane).all():
        raise ProjectionError(f"{title} found no place for some of {len(plane)} clips.")
    return np.asarray(plane, np.float32)


PROJECTIONS: Registry[type[Projection]] = Registry("projection", "core.analysis.projections")
register = PROJECTIONS.register
