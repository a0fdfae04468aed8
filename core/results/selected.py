"""A run cut down to some of its clips: all that is asked of it is answered by those alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from core.files import sha256_json
from core.results.selection import Selection
from core.results.store import Run

__all__ = ["Selected", "selected"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Selected(Run):
    """Some clips of a run, in its order, as a run of their own.

    Attributes
    ----------
    base : Run
        The run they are of.
    selection : Selection
    index : ndarray of int [shape=(n,)]
        Where the clips stand in ``base``.
    """

    base: Run
    selection: Selection
    index: NDArray[np.intp]

    def __len__(self) -> int:
        """The number of selected clips."""
        return len(self.index)

    @property
    def whole(self) -> Run:
        """The run with all its clips."""
        return self.base

    @property
    def positions(self) -> NDArray[np.intp]:
        """Where each selected clip stands in the whole run [shape=(n,)]."""
        return self.index

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that the figures of these clips follow from."""
        return sha256_json({"run": self.base.digest, "selection": self.selection.text})

    @property
    def lent(self) -> tuple[str, ...]:
        """The columns that the whole run was lent."""
        return self.base.lent

    def column(self, name: str) -> pd.Series:
        """Return a column of the selected clips [shape=(n,)]."""
        if name in self.base.lent:
            return self._cut(self.base.column(name))
        if name not in self._kept:
            self._kept[name] = self._cut(self.base.column(name))
        return self._kept[name]

    def rows(self, index: ArrayLike, columns: Sequence[str]) -> pd.DataFrame:
        """Return some columns of a few of the selected clips; ``index`` counts among these."""
        return self.base.rows(self.index[np.asarray(index, dtype=np.int64)], columns)

    def place(self, path: str) -> int | None:
        """Return where a clip stands among the selected ones; None where it is not selected."""
        place = self.base.place(path)
        if place is None:
            return None
        at = int(np.searchsorted(self.index, place))
        return at if at < len(self.index) and self.index[at] == place else None

    def llr(self, name: str) -> NDArray[np.float64]:
        """Return a detector's log-likelihood ratios of the selected clips, or the panel's [shape=(n,)]."""
        if name not in self._llr:
            self._llr[name] = self.base.llr(name)[self.index]
        return self._llr[name]

    def raw(self, name: str) -> NDArray[np.float64]:
        """Return a detector's raw outputs for the selected clips [shape=(n,)]."""
        return self.base.raw(name)[self.index]

    @cached_property
    def clips(self) -> pd.DataFrame:
        """The selected clips' rows."""
        return self._cut(self.base.clips)

    @cached_property
    def windows(self) -> pd.DataFrame:
        """One row per selected clip, detector and window."""
        return self._of_paths(self.base.windows)

    @cached_property
    def errors(self) -> pd.DataFrame | None:
        """One row per selected clip and autoencoder."""
        return None if self.base.errors is None else self._of_paths(self.base.errors)

    def embeddings(self, detector: str) -> NDArray[np.float32]:
        """Return a detector's embeddings of the selected clips [shape=(n, d)]."""
        return self.base.embeddings(detector)[self.index]

    def only(self, names: Sequence[str]) -> Run:
        """Return the selected clips as scored by some of the detectors."""
        return selected(self.base.only(names), self.selection.text)

    def _cut(self, values: Any) -> Any:
        return values.iloc[self.index].reset_index(drop=True)

    def _of_paths(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["path"].isin(self.paths)].reset_index(drop=True)


def selected(run: Run, text: str) -> Run:
    """Return the clips of a run that a selection selects; the run itself where it selects by nothing.

    The last few are kept, so that what is kept by run is found again.

    Parameters
    ----------
    run : Run
        With all its clips.
    text : str
        A selection's ``text``.

    Raises
    ------
    ResultsError
        When the text is no selection, or the run lacks what it asks for.
    """
    # A lent column may have other values by now.
    return _selected(run, text, tuple(run.lendings(name) for name in run.lent if name in text))


@lru_cache(maxsize=8)
def _selected(run: Run, text: str, lent: tuple[int, ...]) -> Run:
    selection = Selection.parse(text)
    if not selection:
        return run
    index = np.flatnonzero(selection.mask(run))
    return Selected(
        run.folder, run.manifest, run.clip_part, run.parts, run.measured, base=run, selection=selection, index=index
    )
