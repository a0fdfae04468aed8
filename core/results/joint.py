"""All detectors of a run in one table, to be read at a terminal: a row each, an equal error rate per slice."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

__all__ = ["joint_table", "other_figures"]

_SLICES = ("all", "seen attacks", "unseen attacks", "published")
_OTHERS = {"auc": "AUC", "min_dcf": "min DCF", "act_dcf": "act DCF", "cllr": "Cllr"}


def joint_table(tables: Mapping[str, pd.DataFrame], *, members: Collection[str]) -> pd.DataFrame:
    """Return equal error rates in per cent, each with its 95 % interval and the number of clips.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        As ``evaluate_run`` gives them: a table for each detector, and one for "panel".
    members : collection of str
        The detectors that have a say in the panel; where others have none, these bear a star.

    Returns
    -------
    DataFrame of str
        The lowest rate on all clips first, the panel last; a dash where a figure is not known.
    """
    names = sorted((name for name in tables if name != "panel"), key=lambda name: _rate_on_all(tables[name]))
    starred = set() if set(names) <= set(members) else set(members)
    rows = []
    for name in [*names, *(["panel"] if "panel" in tables else [])]:
        by_slice = {row["slice"]: row for row in tables[name].to_dict(orient="records")}
        cells = {part: _cell(by_slice.get(part)) for part in _SLICES}
        rows.append({"detector": f"{name} *" if name in starred else name, **cells})
    return pd.DataFrame(rows)


def other_figures(table: pd.DataFrame) -> str:
    """Return the figures of a detector on all clips that are no equal error rate, in one line."""
    row = next(row for row in table.to_dict(orient="records") if row["slice"] == "all")
    return ", ".join(f"{word} {_number(row.get(key))}" for key, word in _OTHERS.items())


def _rate_on_all(table: pd.DataFrame) -> float:
    rates = table.loc[table["slice"] == "all", "eer"]
    return 1.0 if rates.empty or pd.isna(rates.iloc[0]) else float(rates.iloc[0])


def _cell(row: Mapping[Any, Any] | None) -> str:
    if row is None or pd.isna(row["eer"]):
        return "-"
    low, high = row["eer_low"], row["eer_high"]
    span = "" if pd.isna(low) or pd.isna(high) else f" [{100 * low:.1f}, {100 * high:.1f}]"
    return f"{100 * row['eer']:.1f}{span} n {row['n_bonafide'] + row['n_spoof']}"


def _number(value: float | None) -> str:
    return "-" if value is None or pd.isna(value) else f"{value:.3f}"
