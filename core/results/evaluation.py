"""How well a run's detectors separate speech from spoof: one table each, and one for the panel."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from core.analysis.bootstrap import RESAMPLES
from core.analysis.slices import BY_ATTACK
from core.results.queries import PANEL, rows, seen_systems

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["evaluate_run", "plain_rows"]


def evaluate_run(run: "Run", *, resamples: int = RESAMPLES) -> dict[str, pd.DataFrame]:
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
    for name in [*run.detectors, PANEL]:
        seen = seen_systems(run, name)
        found = rows(run, name)
        # A clip without a label counts for no class.
        labelled = found[found["label"].isin(("bonafide", "spoof"))]
        table = evaluation_table(labelled, seen_systems=seen or [], resamples=resamples)
        tables[name] = table if seen is not None else table[~table["slice"].isin(BY_ATTACK)].reset_index(drop=True)
    return tables


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows as plain JSON values; what is not a number becomes None."""
    rows = []
    for row in table.to_dict(orient="records"):
        values = {str(key): value.item() if hasattr(value, "item") else value for key, value in row.items()}
        rows.append({key: None if pd.isna(value) else value for key, value in values.items()})
    return rows
