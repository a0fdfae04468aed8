"""What was measured of a run's clips: a part of its own, so that a run is measured later without being scored again."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from core.corpus.measure import MEASURED_COLUMNS, MEASURED_TEXT
from core.files import sha256_json
from core.results.parts import Part, clips_digest, read_part, write_part

__all__ = ["MEASURED", "MEASURING", "measured_key", "read_measured", "write_measured"]

MEASURED = "measured.parquet"
"""The table's name: one row per clip in the order of the run's clips, ``MEASURED_COLUMNS``; ``codec`` is text."""

MEASURING = 1
"""Raised when a column is measured in another way: runs are then measured anew."""


def measured_key(clips: str) -> str:
    """Return the key of the part that belongs to the clips with this key."""
    return sha256_json({"clips": clips, "measured": MEASURING})


def read_measured(folder: Path, clip_part: Part) -> Part | None:
    """Return what was measured of a run's clips; None where it was not, or was of other clips.

    Parameters
    ----------
    folder : Path
        Of the run.
    clip_part : Part
        Of its clips.

    Raises
    ------
    ResultsError
        When the part is damaged.
    """
    part = read_part(folder, measured_key(clip_part.about["key"]))
    return part if part is not None and part.about["clips"] == clips_digest(clip_part) else None


def write_measured(
    folder: Path, clip_part: Part, rows: Sequence[Mapping[str, float | str]], about: Mapping[str, Any] | None = None
) -> None:
    """Write what was measured of a run's clips.

    Parameters
    ----------
    folder : Path
        Of the run.
    clip_part : Part
        Of its clips.
    rows : sequence of mapping
        Of each clip in the part's order, what ``core.corpus.measure.measure_clip`` returned.
    about : mapping, optional
        What else is kept of the part (when it was made).
    """
    table = pd.DataFrame(list(rows), columns=list(MEASURED_COLUMNS))
    table = table.astype({name: "str" if name in MEASURED_TEXT else "float64" for name in MEASURED_COLUMNS})
    key = measured_key(clip_part.about["key"])
    write_part(folder, key, {**(about or {}), "clips": clips_digest(clip_part)}, {MEASURED: table})
