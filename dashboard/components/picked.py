"""The clips that a lasso or any other selection picks: their figures in words, and rows that can be played."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.analysis.format import figure, rate
from dashboard.components.markup import Markup, class_word, empty, esc, joined, note, table, term
from dashboard.components.pager import page_of, pager

if TYPE_CHECKING:
    from core.results.picked import Picked

__all__ = ["INVITATION", "picked_rows", "picked_text"]

INVITATION = (
    "Draw around points with the lasso or a box, tools beside the figure: their figures, a table and their sound "
    "appear here, and all tabs follow."
)


def picked_text(found: "Picked", detector: str) -> Markup:
    """Return how many clips were picked, how they score, and what is frequent among them.

    Parameters
    ----------
    found : Picked
    detector : str
        Whose P(spoof) it is.
    """
    if not found.n:
        return empty("No clip of this run is selected.")
    spoofed = f"{rate(found.spoofed, digits=0)} spoofs" if found.labelled else "none has a label"
    unlabelled = f" ({found.n - found.labelled:,} without a label)" if 0 < found.labelled < found.n else ""
    html = '<p class="ss-flat"><b>{:,} of {:,} clips</b>: {}{}; mean {} {} by {}, {:,} called wrongly.</p>'
    lead = Markup(html).format(
        found.n, found.of, spoofed, unlabelled, term("P(spoof)"), figure(found.mean_p_spoof), detector, found.wrong
    )
    rows = [
        (column, value.value, f"{value.n:,}", rate(value.share, digits=0), rate(value.overall, digits=0))
        for column, values in found.frequent.items() for value in values
    ]  # fmt: skip
    if not rows:
        return lead
    return lead + table(("column", "frequent value", "clips", "of these", "of all"), rows, numeric=(2, 3, 4))


def picked_rows(clips: pd.DataFrame, columns: Sequence[str], *, total: int, page: int, playing: str = "") -> Markup:
    """Return the picked clips of one page as rows whose ``data-value`` is the clip's path.

    Parameters
    ----------
    clips : DataFrame
        ``path``, ``label`` where there is one, ``p_spoof`` and ``columns``.
    columns : sequence of str
        Further columns, in order.
    total : int
        Clips of all pages.
    page : int
    playing : str
        Path of the clip that is shown.
    """
    heads = ("", term("label"), *columns, term("P(spoof)"))
    head = joined(Markup("<th>{}</th>").format(name) for name in heads)
    body = joined(_row(row, columns, playing) for row in clips.to_dict(orient="records"))
    html = (
        '<div class="ss-tall"><table class="ss-table ss-votes"><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    )
    order = note("In the order of the run.") if page_of(total, page)[2] < total else Markup("")
    return Markup(html).format(head, body) + pager(total, page, what="selected clips") + order


def _row(row: Mapping[Any, Any], columns: Sequence[str], playing: str) -> Markup:
    path = str(row["path"])
    label = class_word(str(row["label"])) if row.get("label") in ("bonafide", "spoof") else Markup("–")
    cells = joined(Markup('<td class="ss-clip" title="{0}">{0}</td>').format(esc(row[name])) for name in columns)
    html = (
        '<tr data-value="{path}"{mark}><td><button type="button" class="ss-play" data-value="{path}" '
        'aria-label="Play {path}">▶</button></td><td>{label}</td>{cells}<td>{p:.3f}</td></tr>'
    )
    mark = Markup(' class="ss-sel"') if path == playing else Markup("")
    return Markup(html).format(path=path, mark=mark, label=label, cells=cells, p=float(str(row["p_spoof"])))
