"""Two detectors on the same held-out pages: error rates by version of the clips, and their paired difference."""

from pathlib import Path

import numpy as np
import pandas as pd

from core.analysis import resampled
from core.analysis.bootstrap import difference_interval, interval
from core.analysis.calibration import Calibration
from core.analysis.det import equal_error_point
from core.analysis.format import bracket, rate, text_table
from core.fusion import PANEL
from core.panel import load_panel
from trainers.judged import JudgedError, read_judged

__all__ = ["compare_judged"]

_ROW = ["path", "version"]
_UNSET = Calibration(1.0, 0.0)


def compare_judged(judged: Path, name: str, other: str) -> str:
    """Return a table of the equal error rates of two detectors, and of the points between them.

    Intervals draw pages, for the difference the same ones for both.

    Parameters
    ----------
    judged : Path
        Folder of what ``python -m trainers judge`` wrote.
    name, other : str
        Tables of that folder; or ``panel``, whose members have tables there.

    Raises
    ------
    JudgedError
        When there is no such table, or the two have no clips in common.
    """
    first, second = _scores(judged, name), _scores(judged, other)
    both = first.join(second["llr"], rsuffix="_other", how="inner").reset_index()
    if both.empty:
        raise JudgedError(f"{name} and {other} were judged on no clip in common: judge both on the same corpora.")
    lines = [_line(version, rows, (name, other)) for version, rows in both.groupby("version", sort=False)]
    return text_table(pd.DataFrame(lines), markdown=True)


def _scores(judged: Path, name: str) -> pd.DataFrame:
    """Return a detector's log-likelihood ratios by clip and version."""
    if name != PANEL:
        return read_judged(judged / f"{name}.csv")[0].set_index(_ROW)
    panel = load_panel()
    tables = {member: read_judged(judged / f"{member}.csv")[0].set_index(_ROW) for member in panel.members}
    rows = next(iter(tables.values()))
    llr = {
        member: (panel.card(member).calibration or _UNSET).llr(table.reindex(rows.index)["raw"].to_numpy())
        for member, table in tables.items()
    }
    return rows.assign(llr=panel.fused(llr)).dropna(subset="llr")


def _line(version: object, rows: pd.DataFrame, names: tuple[str, str]) -> dict[str, str]:
    real, pages = (rows["label"] == "bonafide").to_numpy(dtype=bool), rows["page"]
    first, second = (rows[column].to_numpy(dtype=float) for column in ("llr", "llr_other"))
    eers = [equal_error_point(llr[real], llr[~real])[0] for llr in (first, second)]
    ends = difference_interval(resampled.eer, first, second, real, pages)
    return {
        "clips": str(version), "n real": f"{real.sum():,}", "n spoofed": f"{np.sum(~real):,}",
        "pages": str(pages.nunique()),
        **{f"EER of `{name}`": rate(eer, interval(resampled.eer, llr, real, pages))
           for name, eer, llr in zip(names, eers, (first, second), strict=True)},
        "points between": f"{100 * (eers[0] - eers[1]):+.1f} {bracket(ends)}",
    }  # fmt: skip
