"""One clip of a run: its facts, and what each detector scored."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from core.analysis.calibration import p_spoof
from core.errors import ResultsError
from core.results.queries import decision_of

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["clip", "scores_of_clip"]


def clip(run: "Run", path: str) -> pd.Series | None:
    """Return a clip's facts; None where it is not in the run."""
    place = run.place(path)
    return None if place is None else run.rows([place], run.columns).iloc[0]


def scores_of_clip(run: "Run", path: str, order: Iterable[str]) -> pd.DataFrame:
    """Return what detectors, or the panel, scored of a clip: a row each with their thresholds.

    Returns
    -------
    DataFrame
        Columns detector, label, score, p_spoof, verdict, spoof_below, bonafide_above.

    Raises
    ------
    ResultsError
        When the clip is not in the run, or a detector is not.
    """
    place, found = run.place(path), []
    if place is None:
        raise ResultsError(f"{path} is not in {run.folder}: choose a clip of this run.")
    label = str(run.column("label").iloc[place]) if "label" in run.columns else ""
    for name in order:
        score, rule = float(run.llr(name)[place]), decision_of(run, name)
        found.append({
            "detector": name, "label": label, "score": score, "p_spoof": float(p_spoof(score)),
            "verdict": rule.verdict(score), "spoof_below": rule.spoof_below, "bonafide_above": rule.bonafide_above,
        })  # fmt: skip
    return pd.DataFrame(found)
