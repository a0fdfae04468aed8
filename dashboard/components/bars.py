"""Rows with a bar: a name, a probability of spoof beside the detector's own thresholds, its class."""

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.components.markup import Markup, class_of, class_word, joined, number

__all__ = ["BarRow", "bar", "bar_rows"]


@dataclass(frozen=True)
class BarRow:
    """One row.

    Attributes
    ----------
    name : str
    p_spoof : float
        In [0, 1].
    verdict : str
        In words.
    remark : str
        For the tooltip.
    band : (float, float), optional
        The P(spoof) between which this detector is not sure.
    """

    name: str
    p_spoof: float
    verdict: str
    remark: str = ""
    band: tuple[float, float] | None = None


def bar(p_spoof: float, verdict: str, band: tuple[float, float] | None = None) -> Markup:
    """Return a bar from 0 to 1 in the colour of its class, over its band of doubt, or else a tick at one half."""
    width = 100 * min(1.0, max(0.0, p_spoof))
    if band is None:
        scale = Markup("<b></b>")
    else:
        low, high = (100 * limit for limit in band)
        scale = Markup('<s style="left:{:.1f}%;width:{:.1f}%"></s>').format(low, max(high - low, 1.0))
    fill = Markup('<i class="ss-bg-{}" style="width:{:.1f}%"></i>').format(class_of(verdict), width)
    return Markup('<span class="ss-bar">{}{}</span>').format(fill, scale)


def bar_rows(
    rows: Iterable[BarRow], *, selected: str | None = None, clickable: bool = True, brief: bool = False
) -> Markup:
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
    made = joined(_row(row, selected == row.name, clickable=clickable, brief=brief) for row in rows)
    return Markup('<div class="ss-rows">{}</div>').format(made)


def _row(row: BarRow, selected: bool, *, clickable: bool, brief: bool) -> Markup:
    inside = Markup('<span class="ss-dn">{}</span>{}<span class="ss-num">{}</span>{}').format(
        row.name, bar(row.p_spoof, row.verdict, row.band), number(row.p_spoof), class_word(row.verdict, brief=brief)
    )
    classes = "ss-row ss-sel" if selected else "ss-row"
    tip = Markup(' title="{}"').format(row.remark) if row.remark else Markup("")
    if not clickable:
        return Markup('<div class="{}"{}>{}</div>').format(classes, tip, inside)
    html = Markup('<button type="button" class="{}" data-value="{}" aria-pressed="{}"{}>{}</button>')
    return html.format(classes, row.name, "true" if selected else "false", tip, inside)
