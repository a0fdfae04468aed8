"""Out-of-fold scores as files: a table of clips, calibrated by the other folds, and its figures."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.held_out import (
    AS_IS,
    COLUMNS,
    PERTURBED,
    cross_fitted,
    cross_fitted_verdicts,
    held_out_rows,
)
from core.errors import SpoofscopeError
from core.files import write_bytes, write_json

__all__ = [
    "JudgedError", "basis_of", "calibrated", "calibrating_folds", "fitted_on", "read_judged", "write_judged",
]  # fmt: skip

_SLICES = 5


class JudgedError(SpoofscopeError):
    """Out-of-fold scores that are missing, torn, or of other clips."""


def fitted_on(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return the rows that calibrations and thresholds are fitted to: clips as they are and perturbed."""
    return frame["version"].isin([AS_IS, PERTURBED]).to_numpy(dtype=bool)


def calibrating_folds(frame: pd.DataFrame) -> NDArray[np.intp]:
    """Return by which folds the scores are calibrated: those of the judge, or slices of the pages of a single one."""
    folds = frame["fold"].to_numpy(dtype=np.intp)
    if len(np.unique(folds)) > 1:
        return folds
    return np.asarray(pd.factorize(frame["page"], sort=True)[0] % _SLICES, dtype=np.intp)


def basis_of(frame: pd.DataFrame) -> str:
    """Return in words what calibrations and thresholds are fitted to, for a card."""
    used = frame[fitted_on(frame)]
    both = " as they are and perturbed" if used["version"].nunique() > 1 else ""
    return f"held-out pages: {used['path'].nunique():,} clips of {used['page'].nunique()} published pages{both}"


def calibrated(frame: pd.DataFrame) -> pd.DataFrame:
    """Return raw out-of-fold scores with ``llr`` and ``called``, each fold calibrated on the others.

    Parameters
    ----------
    frame : DataFrame
        The columns of ``COLUMNS`` up to ``raw``.

    Raises
    ------
    JudgedError
        When there are too few pages for that.
    """
    real, usable = (frame["label"] == "bonafide").to_numpy(dtype=bool), fitted_on(frame)
    folds = calibrating_folds(frame)
    try:
        llr = cross_fitted(frame["raw"].to_numpy(dtype=float), real, folds, usable)
        called = cross_fitted_verdicts(llr, real, folds, usable)
    except (ValueError, IndexError) as error:
        raise JudgedError(
            f"The held-out pages are too few to calibrate each fold on the others: {error} Judge on more pages."
        ) from error
    return frame.assign(llr=llr, called=called)


def write_judged(folder: Path, name: str, frame: pd.DataFrame, about: Mapping[str, Any]) -> Path:
    """Write ``NAME.csv`` (the scores) and ``NAME.json`` (what was judged, and the figures); return the first."""
    table = frame[[*COLUMNS, "called"]].to_csv(index=False, lineterminator="\n", float_format="%.6g")
    rows = held_out_rows(frame)
    write_bytes(folder / f"{name}.csv", table.encode())
    write_json(folder / f"{name}.json", {"name": name, **about, "rows": rows})
    return folder / f"{name}.csv"


def read_judged(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read what ``write_judged`` wrote: the scores, and what is known of them.

    Raises
    ------
    JudgedError
        When a file is missing or does not hold such scores.
    """
    try:
        frame = pd.read_csv(path, keep_default_na=False, dtype={"page": str, "kind": str, "language": str})
        about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise JudgedError(
            f"{path} holds no out-of-fold scores ({error}): write them with python -m trainers judge."
        ) from error
    missing = [name for name in (*COLUMNS, "called") if name not in frame.columns]
    if missing:
        raise JudgedError(f"{path} lacks the column {', '.join(missing)}: write it with python -m trainers judge.")
    return frame, about
