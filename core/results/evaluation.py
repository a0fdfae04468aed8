"""How well a run's detectors tell speech from spoof: one table each, and one for the panel."""

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["evaluate_run", "panel_members", "plain_rows", "seen_systems"]

_BY_ATTACK = ("seen attacks", "unseen attacks")


def panel_members(run: "Run") -> list[str]:
    """Return the detectors that have a say in a run's panel: those of its fusion, or all."""
    fusion = run.manifest.get("fusion")
    return list(run.manifest["detectors"] if fusion is None else fusion["members"])


def seen_systems(run: "Run", name: str) -> list[str] | None:
    """Return the attacks that a detector heard in training, or for "panel" that any member did; None if unknown."""
    about = run.manifest["detectors"]
    members = panel_members(run) if name == "panel" else [name]
    seen = [about[member]["seen_systems"] for member in members]
    if any(systems is None for systems in seen):
        return None
    return sorted({system for systems in seen for system in systems})


def evaluate_run(run: "Run", *, resamples: int = 1000) -> dict[str, pd.DataFrame]:
    """Return a table of figures for each detector and for the panel.

    Parameters
    ----------
    run : Run
    resamples : int
        Of the bootstrap that gives the intervals.

    Returns
    -------
    dict of str to DataFrame
        Rows "all", "seen attacks", "unseen attacks" and "published"; the second and third only where it is known
        what the detector was trained on.
    """
    from core.analysis.tables import evaluation_table

    tables = {}
    for name in [*run.detectors, "panel"]:
        frame = run.panel if name == "panel" else run.scores[run.scores["detector"] == name]
        seen = seen_systems(run, name)
        table = evaluation_table(frame.reset_index(drop=True), seen_systems=seen or [], resamples=resamples)
        tables[name] = table if seen is not None else table[~table["slice"].isin(_BY_ATTACK)].reset_index(drop=True)
    return tables


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows as plain JSON values; what is not a number becomes None."""
    rows = []
    for row in table.to_dict(orient="records"):
        values = {str(key): value.item() if hasattr(value, "item") else value for key, value in row.items()}
        rows.append({key: None if pd.isna(value) else value for key, value in values.items()})
    return rows
