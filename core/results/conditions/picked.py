"""Clips that were picked one by one, or by a lasso."""

import base64
import binascii
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ResultsError
from core.results.conditions.base import Condition, Mask, register, text

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["Picked"]

_MOST_CLIPS = 20_000_000


@register
@dataclass(frozen=True, eq=False)
class Picked(Condition):
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
        return cls(text(run), np.cumsum(steps))
