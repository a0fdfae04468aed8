"""What a threshold does: counts of right and wrong answers, the rates they give, and where they fall."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from core.analysis.format import bracket, figure, rate
from dashboard.components.markup import Markup, class_word, esc, joined, note, tall, term

if TYPE_CHECKING:
    import pandas as pd

    from core.results.queries import Interval
    from core.results.rates import ThresholdReport

__all__ = ["confusion", "error_table", "rates"]


def confusion(report: "ThresholdReport", alarms: "Interval", misses: "Interval") -> Markup:
    """Return the four counts as a table: label down, called across; the two errors are framed, with their intervals."""
    real, fake = report.tn + report.fp, report.tp + report.fn
    spoken, forged = class_word("bonafide"), class_word("spoof")
    lines = (
        (spoken, _cell(report.tn, real, "right"),
         _cell(report.fp, real, term("false alarm", "false alarm" if report.fp == 1 else "false alarms"), alarms,
               select="false alarm")),
        (forged, _cell(report.fn, fake, term("miss", "miss" if report.fn == 1 else "misses"), misses, select="miss"),
         _cell(report.tp, fake, "right")),
    )
    body = joined(
        Markup('<tr><th scope="row">{} {}</th>{}{}</tr>').format(term("label"), label, left, right)
        for label, left, right in lines
    )
    html = (
        '<table class="ss-counts" aria-label="Counts at this threshold"><thead><tr><td></td>'
        '<th scope="col">called {}</th><th scope="col">called {}</th></tr></thead><tbody>{}</tbody></table>'
    )
    return Markup(html).format(spoken, forged, body)


def _cell(count: int, total: int, words: str, ends: "Interval | None" = None, *, select: str = "") -> Markup:
    share = f"{rate(count / total, ends)} of {total}" if total else "of 0"
    if select and count:
        press = '{} <button type="button" class="ss-btn" data-value="{}" title="Select these clips">select</button>'
        share = Markup(press).format(share, select)
    html = "<td{}><b>{}</b>{}<br><small>{}</small></td>"
    return Markup(html).format(Markup(" class=wrong") if ends else "", count, words, share)


def rates(report: "ThresholdReport", *, eer: str) -> Markup:
    """Return the rates at the threshold, and the equal error rate (as text), which no threshold moves."""
    lines = (
        (term("accuracy"), rate(report.accuracy), f"n = {report.tp + report.tn + report.fp + report.fn:,}"),
        (term("precision", "precision for spoof"), rate(report.precision), f"of {report.tp + report.fp} called spoof"),
        (term("recall", "recall of spoof"), rate(report.recall), f"of {report.tp + report.fn} spoofs"),
        (term("F1", "F1 for spoof"), figure(report.f1, digits=3), "harmonic mean of both"),
        (term("EER", "equal error rate"), eer, term("95 % interval", "[95 %]")),
    )
    cell = Markup('<span>{}</span><span class="v">{}</span><span class="u">{}</span>')
    return Markup('<div class="ss-rates">{}</div>').format(joined(cell.format(*line) for line in lines))


def error_table(groups: "pd.DataFrame", *, columns: Sequence[tuple[str, str]], share: str, aside: str = "") -> Markup:
    """Return groups of clips as a table, each with a bar of how many were called wrongly.

    Parameters
    ----------
    groups : DataFrame
        Columns n, rate, low and high, and those of ``columns``; in the order of the rows.
    columns : sequence of (str, str)
        Further columns: the column's name and its head, the first for the group's own name.
    share : str
        Head of the column of wrong answers.
    aside : str
        A sentence below.
    """
    (name, head), *more = columns
    heads = (head, "n", share, *(words for _, words in more))
    numeric = Markup(' class="n"')
    top = joined(Markup("<th{}>{}</th>").format(numeric if i == 1 else "", words) for i, words in enumerate(heads))
    lines = groups.to_dict(orient="records")
    body = joined(_group(row, str(row[name]), [row[column] for column, _ in more]) for row in lines)
    html = '<table class="ss-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
    return tall(Markup(html).format(top, body)) + (note(aside) if aside else Markup(""))


def _group(row: dict[object, object], name: str, more: Iterable[object]) -> Markup:
    share = float(str(row["rate"]))
    ends = float(str(row["low"])), float(str(row["high"]))
    html = (
        '<tr><td class="ss-clip" title="{0}">{0}</td><td class="n">{1}</td><td><span class="ss-mini">'
        '<i class="ss-bg-error" style="width:{2:.0f}%"></i></span>{3} <small>{4}</small></td>{5}</tr>'
    )
    cells = joined(Markup("<td>{}</td>").format(esc(cell)) for cell in more)
    return Markup(html).format(name, row["n"], 100 * share, rate(share, digits=0), bracket(ends, digits=0), cells)
