"""Whose voice a recording is: others of the same speaker, and what stays together where clips are parted."""

import numpy as np
import pandas as pd

from core.corpus.page import page_of

__all__ = ["UNKNOWN", "group_of", "voices_of"]

UNKNOWN = frozenset({"", "-"})
"""Cells of a manifest that hold nothing."""


def voices_of(frame: pd.DataFrame) -> dict[str, list[int]]:
    """Return the rows of each speaker's bona fide recordings, in order; a speaker called after a page is not known.

    Parameters
    ----------
    frame : DataFrame
        Rows of a corpus; columns label, speaker and page.
    """
    cells = zip(frame["speaker"], frame["page"], strict=True)
    known = np.array([
        speaker not in UNKNOWN and (page in UNKNOWN or not speaker.endswith(page)) for speaker, page in cells
    ], dtype=bool)  # fmt: skip
    rows = np.flatnonzero((frame["label"] == "bonafide").to_numpy() & known)
    voices: dict[str, list[int]] = {}
    for row, speaker in zip(rows.tolist(), frame["speaker"].iloc[rows], strict=True):
        voices.setdefault(str(speaker), []).append(row)
    return voices


def group_of(row: pd.Series) -> str:
    """Return what a clip must not be parted from: its page, or else its speaker, or its source where none is known."""
    page = page_of(str(row["source"]), str(row["page"]))
    return page if page != "-" else str(row["speaker"] if row["speaker"] not in UNKNOWN else row["source"])
