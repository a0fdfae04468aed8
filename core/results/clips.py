"""The clips of a run as its part keeps them: the manifest's columns, and the prosody of bona fide speech."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.results.store import CLIP_COLUMNS, PROSODY_COLUMNS

__all__ = ["clips_of"]


def clips_of(frame: pd.DataFrame, prosody: Sequence[Sequence[float | None]]) -> pd.DataFrame:
    """Return the table of a run's clips.

    Parameters
    ----------
    frame : DataFrame
        Rows of the corpus, of the clips that could be scored; its own columns are kept, so that a run can be cut by
        them.
    prosody : sequence of sequences of float or None
        Of each clip, in the order of ``PROSODY_COLUMNS``.
    """
    own = [name for name in frame.columns if name not in {*CLIP_COLUMNS, "sha256"}]
    clips = frame[[*CLIP_COLUMNS, *own]].reset_index(drop=True)
    clips[own] = clips[own].apply(_numbers_as_such)
    # Of bona fide speech alone: what is known of a spoof's stands among what was measured.
    values = np.array(prosody, dtype=np.float64)
    values[(clips["label"] != "bonafide").to_numpy()] = np.nan
    clips[list(PROSODY_COLUMNS)] = values
    return clips


def _numbers_as_such(cells: pd.Series) -> pd.Series:
    """Return a column of text as numbers where each cell holds one, or nothing."""
    numbers = pd.to_numeric(cells, errors="coerce")
    empty = cells.isin(["", "-"])
    return numbers if (numbers.notna() | empty).all() and not empty.all() else cells
