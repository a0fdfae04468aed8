"""Slices of a run as tables whose rows can be pressed: by one column, the worst found, and two detectors compared."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.analysis.format import bracket, rate
from core.results.pairs import verdict_on
from core.results.selection import Is, Selection
from core.results.slicing import selecting
from dashboard.components.markup import Markup, class_word, empty, joined, note, tall, term

if TYPE_CHECKING:
    from core.results.pairs import Pairing
    from core.results.prosodic import Trend
    from core.results.slicing import Found, SliceRates, WorstSlice

__all__ = ["pair_table", "slice_table", "trend_text", "worst_table"]

_CERTAIN = 0.05
_PRESS = "Press a row to select its clips in all tabs."


def slice_table(found: "SliceRates", *, fewest: int) -> Markup:
    """Return the parts of a column with both error rates; each row selects its clips."""
    hidden = f" {found.hidden} with fewer than {fewest} clips hidden." if found.hidden else ""
    if found.table.empty:
        shown = f" Tick “parts of fewer than {fewest} clips too” above to see them." if found.hidden else ""
        return empty(f"No part of {found.column} has {fewest} clips.{hidden}{shown}")
    heads = (
        found.column, "n", "■ n", Markup("{} [95 %]").format(term("false alarm", "false alarms")), "● n",
        Markup("{} [95 %]").format(term("miss", "misses")),
    )  # fmt: skip
    rows = []
    for row in found.table.to_dict(orient="records"):
        chosen = selecting(((found.column, row["level"]),))
        cells = (
            row["n"], row["n_real"], _share(row["alarm_rate"], row["alarm_low"], row["alarm_high"], row["n_real"]),
            row["n_fake"], _share(row["miss_rate"], row["miss_low"], row["miss_high"], row["n_fake"]),
        )  # fmt: skip
        rows.append(_row(chosen, row["level"].label, cells))
    about = f"{_PRESS}{hidden} Intervals: by speaker and source; none where all clips are of one."
    return _table(heads, rows) + note(about)


def worst_table(found: "Found") -> Markup:
    """Return the worst slices, the most certain first; each row selects its clips of that class."""
    looked = f"{found.looked_at:,} slices by one column and by two were looked at"
    if not found.slices:
        return empty(f"No slice is worse than the rest; {looked}.")
    heads = (
        "slice", "class", "n", Markup("called wrongly [95 %]"), "elsewhere", term("corrected p", "p, corrected"),
    )  # fmt: skip
    rows = [_row(_of_class(one), one.words, (
        class_word(one.label), one.n, _share(one.rate, one.low, one.high, one.n), rate(one.elsewhere, digits=0),
        Markup("<b>{:.3f}</b>" if one.p <= _CERTAIN else "{:.3f}").format(one.p),
    )) for one in found.slices]  # fmt: skip
    certain = len(found.certain)
    verdict = (
        f"{certain} stand{'s' if certain == 1 else ''} out (p at most {_CERTAIN:g})" if certain
        else "none stands out: chance alone gives slices like these"
    )  # fmt: skip
    return _table(heads, rows) + note(f"{looked}; {verdict}. {_PRESS}")


def _of_class(one: "WorstSlice") -> Selection:
    return Selection((*selecting(one.where).conditions, Is("label", (one.label,))))


def pair_table(found: "Pairing", first: str, second: str) -> Markup:
    """Return the paired differences of two detectors."""
    heads = ("", first, second, "difference, points", "[95 %] by speaker and system", "shown")
    rows = [
        Markup("<tr>{}</tr>").format(joined(Markup("<td>{}</td>").format(cell) for cell in (
            one.figure, rate(one.first), rate(one.second), f"{100 * one.difference:+.1f}",
            bracket((one.low, one.high)) or "–", verdict_on(one),
        ))) for one in found.differences
    ]  # fmt: skip
    left_out = f", {found.left_out:,} left out" if found.left_out else ""
    about = (
        f"The same {found.n:,} labelled clips for both{left_out}. Paired: both on the same resamples, speakers and "
        "systems drawn anew. What only single clips would show is no difference."
    )
    return _table(heads, rows) + note(about)


def trend_text(found: "Trend", column: str) -> Markup:
    """Return in a sentence whether P(spoof) of bona fide speech goes with a column of prosody."""
    ends = (found.correlation_low, found.correlation_high)
    if math.isnan(found.correlation):
        return note("No trend can be stated.")
    if ends[0] > 0 or ends[1] < 0:
        what = "rises" if ends[0] > 0 else "falls"
        says = f"P(spoof) of bona fide speech {what} with it"
    else:
        says = "no trend is shown"
    span = bracket(ends, digits=2, scale=1)
    return note(
        f"{found.n:,} bona fide clips with a known {column}: {says}; rank correlation {found.correlation:+.2f} {span}, "
        "by speaker. A low value is calm speech."
    )


def _share(value: float, low: float, high: float, n: int) -> Markup:
    if not n:
        return Markup("–")
    html = (
        '<span class="ss-mini"><i class="ss-bg-error" style="width:{:.0f}%"></i></span>{} <small>{}</small>'
    )  # fmt: skip
    return Markup(html).format(100 * value, rate(value, digits=0), bracket((low, high), digits=0))


def _row(chosen: Selection, name: str, cells: Iterable[object]) -> Markup:
    html = (
        '<tr data-value="{0}"><td class="ss-clip" title="{1}"><button type="button" class="ss-link" '
        'data-value="{0}">{1}</button></td>{2}</tr>'
    )
    return Markup(html).format(chosen.text, name, joined(Markup("<td>{}</td>").format(cell) for cell in cells))


def _table(heads: Iterable[object], rows: Iterable[Markup]) -> Markup:
    head = joined(Markup("<th>{}</th>").format(name) for name in heads)
    html = '<table class="ss-table ss-votes"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
    return tall(Markup(html).format(head, joined(rows)))
