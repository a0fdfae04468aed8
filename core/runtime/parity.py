"""Whether two engines predict the same."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from core.runtime.engine import Engine

__all__ = ["TOLERANCE", "Parity", "compare"]

TOLERANCE = 1e-4
_EMBEDDING_TOLERANCE = 1e-3
_CELLS_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Parity:
    """By how much two engines differ at most.

    Attributes
    ----------
    raw : float
        Of the raw outputs; relative where these are larger than 1.
    embedding : float
        Of the embeddings, as a share of each one's largest value.
    cells : float
        Of the local outputs, as a share of the largest where that is larger than 1; 0 where there are none.
    """

    raw: float
    embedding: float
    cells: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether no score moves by more than 1e-4, and no embedding and no cell visibly."""
        return (
            self.raw <= TOLERANCE and self.embedding <= _EMBEDDING_TOLERANCE and self.cells <= _CELLS_TOLERANCE
        )

    @property
    def words(self) -> str:
        """The differences beside what may be, as a sentence."""
        return (
            f"its export differs by {self.raw:.2g} in score ({TOLERANCE:g} may be) and by {self.embedding:.2g} in "
            f"embedding ({_EMBEDDING_TOLERANCE:g} may be)"
            + (f" and by {self.cells:.2g} in cells ({_CELLS_TOLERANCE:g} may be)." if self.cells else ".")
        )


def compare(engine: "Engine", reference: "Engine", windows: NDArray[np.float32]) -> Parity:
    """Return how far an engine is from a reference on windows [shape=(n, samples)]; each is run by itself."""
    outputs = [(engine.predict(window[None]), reference.predict(window[None])) for window in windows]
    raw = max(_difference(ours.raws, theirs.raws, floor=1.0) for ours, theirs in outputs)
    embedding = max(_difference(ours.embeddings, theirs.embeddings, floor=1e-3) for ours, theirs in outputs)
    cells = [(ours.cells, theirs.cells) for ours, theirs in outputs]
    return Parity(raw, embedding, max(_cells_difference(*each) for each in cells))


def _cells_difference(ours: NDArray[np.float32] | None, theirs: NDArray[np.float32] | None) -> float:
    if ours is None or theirs is None:
        return 0.0 if ours is theirs else np.inf
    return _difference(ours, theirs, floor=1.0)


def _difference(ours: NDArray[np.floating], theirs: NDArray[np.floating], *, floor: float) -> float:
    """Return the largest difference relative to the largest reference value, infinite where only one is finite."""
    if ours.shape != theirs.shape or not np.array_equal(np.isfinite(ours), np.isfinite(theirs)):
        return np.inf
    finite = np.isfinite(theirs)
    if not finite.any():
        return 0.0
    scale = max(floor, float(np.abs(theirs[finite]).max()))
    return float(np.abs(ours[finite] - theirs[finite]).max()) / scale
