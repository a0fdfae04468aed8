"""The lab's rows as tables, for the terminal and the document, and how later rows join earlier ones there."""

from collections.abc import Sequence

import pandas as pd

from core.analysis.format import NOTHING, figure, rate, text_table
from core.lab.control import PLACES
from core.lab.figures import ALL, Estimate, Figures, JoinFigures
from core.results.report import between_markers

__all__ = ["check_document", "control_table", "document", "join_table", "planted_table"]

_TABLES = ("explain-lab", "explain-lab-control", "explain-lab-joins")


def planted_table(rows: Sequence[Figures]) -> pd.DataFrame:
    """Return the rows of planted evidence as text; those of all systems only beside two groups of them."""
    return pd.DataFrame([_planted(row) for row in _apart(rows)])


def _apart(rows: Sequence[Figures]) -> list[Figures]:
    groups = {(row.detector, row.method, row.kind, row.clips) for row in rows if row.systems != ALL}
    return [row for row in rows if row.systems != ALL or (row.detector, row.method, row.kind, row.clips) not in groups]


def _planted(row: Figures) -> dict[str, str]:
    return {
        "detector": _name(row.detector), "method": row.method, "planted": row.kind, "systems": row.systems or NOTHING,
        "n": str(row.clips), "factor [95 %]": _factor(row.factor), "unplanted": _factor(row.unplanted_factor),
        "mass": _share(row.mass), "strongest inside": f"{row.hits} ({row.unplanted_hits})", "rank": _share(row.rank),
        "top-3 mAP": _plain(row.top3), "EER": _share(row.eer),
        "score fell": NOTHING if not row.detector else f"{row.fell} ({row.change:+.2f})",
        "CPU s": NOTHING if not row.detector else f"{row.cpu_s:.2f}",
    }  # fmt: skip


def control_table(rows: Sequence[Figures]) -> pd.DataFrame:
    """Return what maps hold before anything is planted, as text: at the place itself, and at many places alike."""
    return pd.DataFrame([
        {
            "detector": _name(row.detector), "method": row.method, "place": row.kind, "systems": row.systems or NOTHING,
            "n": str(row.clips), "same place [95 %]": _factor(row.unplanted_factor),
            f"{PLACES} places alike [95 %]": _factor(row.control),
        }
        for row in _apart(rows)
        if row.control.mean is not None
    ])  # fmt: skip


def join_table(rows: Sequence[JoinFigures]) -> pd.DataFrame:
    """Return the rows of authentic joins as text."""
    return pd.DataFrame([
        {
            "detector": _name(row.detector), "method": row.method, "join": row.kind, "n": str(row.clips),
            "excess ms [95 %]": figure(row.excess_ms.mean, (row.excess_ms.low, row.excess_ms.high), digits=0),
        }
        for row in rows
    ])  # fmt: skip


def _name(detector: str) -> str:
    return f"`{detector}`" if detector else NOTHING


def _factor(found: Estimate) -> str:
    return figure(found.mean, (found.low, found.high))


def _share(found: Estimate) -> str:
    return rate(found.mean, digits=0)


def _plain(found: Estimate) -> str:
    return figure(found.mean)


def check_document(text: str) -> None:
    """Check that a document has the places of both tables.

    Raises
    ------
    ResultsError
        When it lacks a marker.
    """
    for what in _TABLES:
        between_markers(text, "", what=what)


def document(text: str, rows: Sequence[Figures], joins: Sequence[JoinFigures]) -> str:
    """Return a document whose tables hold the rows found, beside those of other methods and detectors."""
    tables = (planted_table(rows), control_table(rows), join_table(joins))
    for what, table in zip(_TABLES, tables, strict=True):
        before = text.split(f"<!-- {what}:start -->")[1].split(f"<!-- {what}:end -->")[0]
        kept = _joined(before, table) if len(table) else before.strip("\n")
        text = between_markers(text, kept, what=what)
    return text


def _joined(before: str, table: pd.DataFrame) -> str:
    """Return the Markdown table of the new rows and of those that stay: same columns, another method or detector."""
    measured = set(table[["detector", "method"]].itertuples(index=False, name=None))
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in before.split("\n") if "|" in line]
    same = lines[:1] == [list(table.columns)]
    kept = [cells for cells in lines[2:] if same and tuple(cells[:2]) not in measured]
    rows = sorted([*kept, *table.to_numpy().tolist()], key=lambda cells: cells[:2])
    return text_table(pd.DataFrame(rows, columns=table.columns), markdown=True)
