"""The report card as Markdown and as text for a terminal; made from a run, never by hand."""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.analysis.format import NOTHING, rate, text_table
from core.results.held_out import held_out_figures, losses
from core.results.queries import PANEL, members, names
from core.results.report_card import ALL, false_alarms, misses, without_errors, worst

if TYPE_CHECKING:
    from core.panel import Panel
    from core.results.store import Run

__all__ = ["card_text", "report_markdown"]

_SYSTEMS, _SOURCES = 5, 3
_HELD_OUT = (
    "Each clip of a published page was scored by detectors that were trained without that page; thresholds and "
    "calibration of each fold come from the others. In brackets 95 % intervals, by resampling pages."
)
_NO_YEAR = "The corpus does not state the year of a system."


def report_markdown(run: "Run", panel: "Panel") -> str:
    """Return the panel's report card in full and that of each detector in a line, in Markdown.

    Parameters
    ----------
    run : Run
    panel : Panel
        For what is known of it on held-out pages.
    """
    return "\n\n".join([
        *_held_out(panel), _how(run), "### The panel", card_text(run, PANEL, markdown=True),
        "### Each detector in a line", text_table(_lines(run), markdown=True),
    ])  # fmt: skip


def _held_out(panel: "Panel") -> list[str]:
    figures, without = held_out_figures(panel, PANEL), losses(panel)
    parts = []
    if len(figures):
        parts += ["### The panel on held-out pages", _HELD_OUT, text_table(figures, markdown=True)]
    if len(without):
        parts += ["### What the panel loses without each member", text_table(without, markdown=True)]
    return parts


def card_text(run: "Run", name: str, *, markdown: bool = False) -> str:
    """Return a report card: misses by system, then false alarms by source, and whose clips raise none.

    Parameters
    ----------
    run : Run
    name : str
        A detector, or the panel.
    markdown : bool
        Markdown in place of aligned columns.
    """
    missed, alarms = misses(run, name), false_alarms(run, name)
    return "\n\n".join(filter(None, [
        _table(missed, ("family", "system"), "missed", markdown=markdown), _without(missed, "No clip was missed of"),
        _table(alarms, ("real speech", "source"), "false alarms", markdown=markdown),
        _without(alarms, "No clip raised a false alarm in"),
    ]))  # fmt: skip


def _table(card: pd.DataFrame, heads: tuple[str, str], error: str, *, markdown: bool) -> str:
    shown = card[(card["group"] == ALL) | (card["name"] == ALL) | (card["wrong"] > 0)]
    lines = []
    for row in shown.to_dict(orient="records"):
        whole = "all" if row["group"] == row["name"] == ALL else row["name"] if row["group"] == ALL else row["group"]
        first = whole if ALL in (row["group"], row["name"]) else ""
        lines.append({
            heads[0]: f"**{first}**" if markdown and first else first, heads[1]: "" if first else _named(row),
            "n": row["n"], error: row["wrong"],
            "share": rate(row["rate"], (row["low"], row["high"]), digits=0), "not sure": row["unsure"],
        })  # fmt: skip
    return text_table(pd.DataFrame(lines), markdown=markdown)


def _named(row: dict[Hashable, Any]) -> str:
    return f"{row['name']}{' (seen)' if row.get('seen') else ''}"


def _without(card: pd.DataFrame, words: str) -> str:
    found = ", ".join(f"{name} ({n})" for name, n in without_errors(card))
    return f"{words}: {found}." if found else ""


def _lines(run: "Run") -> pd.DataFrame:
    """Return a row for each detector: both error rates, and where they are surely the highest."""
    voting, lines = members(run), []
    for name in names(run):
        missed, alarms = misses(run, name), false_alarms(run, name)
        lines.append({
            "detector": f"{name} ●" if name in (PANEL, *voting) else name,
            "missed": _whole(missed), f"the {_SYSTEMS} systems surely missed most": _listed(worst(missed, _SYSTEMS)),
            "false alarms": _whole(alarms),
            f"the {_SOURCES} sources with surely most false alarms": _listed(worst(alarms, _SOURCES)),
        })  # fmt: skip
    return pd.DataFrame(lines)


def _whole(card: pd.DataFrame) -> str:
    if card.empty:
        return NOTHING
    whole = card.iloc[0]
    return f"{rate(whole['rate'])} ({rate(whole['unsure'] / whole['n'], digits=0)} not sure)"


def _listed(rows: pd.DataFrame) -> str:
    shares = [f"{row['title']} {row['wrong']}/{row['n']}" for row in rows.to_dict(orient="records")]
    return ", ".join(shares) or "none"


def _how(run: "Run") -> str:
    split = run.manifest["corpus"]["split"]
    return (
        f"Counted on the corpus' `{split}` split ({len(run.clips)} clips) at the thresholds of the verdict: a spoof is "
        "missed where it is *probably bona fide*, real speech is a false alarm where it is *probably spoofed*; *not "
        "sure* is neither. In brackets the 95 % interval (Wilson), which takes clips for independent: those of one "
        "voice or page are alike, and the truth may lie further off. Sorted by the lower end of the interval, for two "
        f"misses of two clips prove little. *Seen*: a system that a member was trained on. {_NO_YEAR} "
        f"Made by `python -m core report-card` from the reference run `{run.digest[:12]}`."
    )
