"""Rows with a bar: a name, a probability of spoof, its class in colour, word and shape."""

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.components.markup import class_of, class_word, esc, number

__all__ = ["BarRow", "bar", "bar_rows"]


@dataclass(frozen=True)
class BarRow:
    """One row: ``name``, ``p_spoof`` in [0, 1], the verdict's words, and a remark for the tooltip."""

    name: str
    p_spoof: float
    verdict: str
    remark: str = ""


def bar(p_spoof: float, verdict: str) -> str:
    """Return a bar from 0 to 1 with a tick at one half, in the colour of its class."""
    width = 100 * min(1.0, max(0.0, p_spoof))
    return f'<span class="ss-bar"><i class="ss-bg-{class_of(verdict)}" style="width:{width:.1f}%"></i><b></b></span>'


def bar_rows(
    rows: Iterable[BarRow], *, selected: str | None = None, clickable: bool = True, brief: bool = False
) -> str:
    """Return the rows.

    Parameters
    ----------
    rows : iterable of BarRow
    selected : str, optional
        Name of the row that is marked.
    clickable : bool
        Make them buttons whose ``data-value`` is the name (see ``clickable_html``).
    brief : bool
        Show a class by colour and shape alone; its word is there for who cannot see them.
    """
    made = (_row(row, selected == row.name, clickable=clickable, brief=brief) for row in rows)
    return f'<div class="ss-rows">{"".join(made)}</div>'


def _row(row: BarRow, selected: bool, *, clickable: bool, brief: bool) -> str:
    inside = (
        f'<span class="ss-dn">{esc(row.name)}</span>{bar(row.p_spoof, row.verdict)}'
        f'<span class="ss-num">{number(row.p_spoof)}</span>{class_word(row.verdict, brief=brief)}'
    )
    classes = "ss-row ss-sel" if selected else "ss-row"
    tip = f' title="{esc(row.remark)}"' if row.remark else ""
    if not clickable:
        return f'<div class="{classes}"{tip}>{inside}</div>'
    state = "true" if selected else "false"
    return (
        f'<button type="button" class="{classes}" data-value="{esc(row.name)}" '
        f'aria-pressed="{state}"{tip}>{inside}</button>'
    )
