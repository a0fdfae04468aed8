"""A run cut down to some of its clips: all that is asked of it is answered by those alone."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.files import sha256_json
from core.results.selection import Selection
from core.results.store import Run

__all__ = ["Selected", "selected"]


@dataclass(frozen=True, eq=False)
class Selected(Run):
    """Some clips of a run, in its order, as a run of their own.

    Attributes
    ----------
    base : Run
        The run they are of.
    selection : Selection
    positions : ndarray of int [shape=(n,)]
        Where the clips stand in ``base``.
    """

    base: Run
    selection: Selection
    positions: NDArray[np.intp]

    @property
    def whole(self) -> Run:
        """The run with all its clips."""
        return self.base

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that the figures of these clips follow from."""
        return sha256_json({"run": self.base.digest, "selection": self.selection.text})

    @cached_property
    def clips(self) -> pd.DataFrame:
        """The selected clips' rows."""
        return self._cut(self.base.clips)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row per selected clip and detector."""
        n = len(self.base.clips)
        index = [detector * n + self.positions for detector in range(len(self.detectors))]
        return self.base.scores.iloc[np.concatenate(index)].reset_index(drop=True)

    @cached_property
    def panel(self) -> pd.DataFrame:
        """One row per selected clip."""
        return self._cut(self.base.panel)

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
        return self.base.embeddings(detector)[self.positions]

    def only(self, names: Any) -> Run:
        """Return the selected clips as scored by some of the detectors."""
        return selected(self.base.only(names), self.selection.text)

    def _cut(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.iloc[self.positions].reset_index(drop=True)

    def _of_paths(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["path"].isin(self.paths)].reset_index(drop=True)


@lru_cache(maxsize=8)
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
    selection = Selection.parse(text)
    if not selection:
        return run
    positions = np.flatnonzero(selection.mask(run))
    return Selected(run.folder, run.manifest, run.clip_part, run.parts, run, selection, positions)
