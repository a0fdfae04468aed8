"""A detector's embeddings of a run's clips as points of a space, a clip's neighbours in it, and new recordings."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analysis.neighbours import nearest_to
from core.analysis.space import Space, blocks, fit_space
from core.errors import ProjectionError, ResultsError
from core.files import sha256_json

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["Embedded", "Neighbours", "embedded", "has_embeddings"]

_FILE = "embeddings.npy"


@dataclass(frozen=True, eq=False)
class Neighbours:
    """A clip's nearest clips in the embedding space and on the map, as positions in the run, the nearest first.

    Attributes
    ----------
    in_space, on_map : ndarray [shape=(k,)]
    distances : ndarray [shape=(k,), float32]
        Of those in the space, in units of the median distance between two clips of the run drawn at random.
    """

    in_space: NDArray[np.intp]
    on_map: NDArray[np.intp]
    distances: NDArray[np.float32]

    @property
    def agree(self) -> int:
        """How many clips are in both lists."""
        return len(np.intersect1d(self.in_space, self.on_map))


@dataclass(frozen=True, eq=False)
class Embedded:
    """One detector's embeddings of a run.

    Attributes
    ----------
    detector : str
    values : ndarray [shape=(n_clips, d)]
        Mapped from the run's file.
    standardise : bool
        Whether the space gives every dimension the same spread: a run keeps wide embeddings as their principal
        components, whose spreads mean something.
    digest : str
        SHA-256 of all that the space follows from.
    """

    detector: str
    values: NDArray[np.floating]
    standardise: bool
    digest: str

    @cached_property
    def space(self) -> Space:
        """The space, fitted on at most 20,000 clips."""
        try:
            return fit_space(self.values, standardise=self.standardise)
        except ValueError as error:
            raise ProjectionError(f"The embeddings of {self.detector} cannot be placed: {error}") from error

    @cached_property
    def points(self) -> NDArray[np.float32]:
        """All clips in the space [shape=(n_clips, at most 50), float32]."""
        return self.place(self.values)

    def place(self, values: NDArray[np.floating], n: int | None = None) -> NDArray[np.float32]:
        """Return embeddings of this detector, as the run keeps them, as points of the space.

        Raises
        ------
        ProjectionError
            When they do not fit the space.
        """
        try:
            return self.space.place(values, n)
        except ValueError as error:
            raise ProjectionError(f"The embeddings of {self.detector} cannot be placed: {error}") from error

    def neighbours(self, plane: NDArray[np.float32], at: int, k: int) -> Neighbours:
        """Return a clip's ``k`` nearest clips in the whole embedding and on a map of the same clips."""
        order, distances = self.nearest(at, k)
        return Neighbours(order, nearest_to(plane, at, len(order))[0], distances)

    def nearest(self, at: int, k: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Return a clip's ``k`` nearest clips in the whole embedding and how far they are, as ``Neighbours`` has it."""
        whole = self._distances(at)
        k = min(k, len(whole) - 1)
        some = np.argpartition(whole, k - 1)[:k] if k > 0 else np.arange(0)
        order = some[np.argsort(whole[some], kind="stable")]
        return order, (whole[order] / self._usual).astype(np.float32)

    def _distances(self, at: int) -> NDArray[np.float32]:
        """Return how far every clip is from one of them, in all dimensions; itself infinitely far."""
        own = self.space.scaled(self.values[at])
        found = np.empty(len(self.values), np.float32)
        for rows in blocks(len(found)):
            found[rows] = np.linalg.norm(self.space.scaled(self.values[rows]) - own, axis=1)
        found[at] = np.inf
        return found

    @cached_property
    def _usual(self) -> float:
        rng = np.random.default_rng(0)
        pairs = rng.integers(0, len(self.values), (2, 2_000))
        first, second = (self.space.scaled(self.values[at]) for at in pairs)
        return float(np.median(np.linalg.norm(first - second, axis=1))) or 1.0


def has_embeddings(run: "Run", name: str) -> bool:
    """Return whether the run keeps embeddings of this detector."""
    return name in run.parts and _FILE in run.parts[name].files


@lru_cache(maxsize=3)
def embedded(run: "Run", name: str) -> Embedded:
    """Return a detector's embeddings of a run.

    Raises
    ------
    ResultsError
        When the run has none of this detector.
    """
    if not has_embeddings(run, name):
        known = [each for each in run.detectors if has_embeddings(run, each)]
        having = f"it has those of {', '.join(known)}" if known else "it has none at all"
        raise ResultsError(
            f"This run keeps no embeddings of {name}, so its clips cannot be placed: {having}. "
            "Score the corpus by python -m core evaluate to get them."
        )
    part = run.parts[name]
    standardise = not (run.manifest["detectors"][name].get("embedding") or {}).get("reduced")
    digest = sha256_json({"embeddings": part.files[_FILE]["sha256"], "standardise": standardise})
    return Embedded(name, part.array(_FILE), standardise, digest)
