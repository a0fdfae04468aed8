"""What a threshold does: counts of right and wrong answers, the rates they give, and where they fall."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.components.markup import Markup, class_word, esc, note

if TYPE_CHECKING:
    from core.analysis.metrics import ThresholdReport

__all__ = ["ErrorRow", "confusion", "error_table", "percent", "rates", "span", "wilson"]


def percent(rate: float) -> str:
    """Return a share in per cent with one decimal; an en dash where it is not defined."""
    return "–" if rate != rate else f"{100 * rate:.1f} %"


def wilson(count: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson, 1927); the whole range where nothing was counted."""
    from scipy.stats import binomtest

    if not n:
        return 0.0, 1.0
    ends = binomtest(count, n).proportion_ci(method="wilson")
    return float(ends.low), float(ends.high)


def span(ends: tuple[float, float] | None, *, digits: int = 0) -> str:
    """Return an interval in per cent, ``[4, 11]``; nothing where it is not known."""
    if ends is None or ends[0] != ends[0]:
        return ""
    return f"[{100 * ends[0]:.{digits}f}, {100 * ends[1]:.{digits}f}]"


def confusion(report: "ThresholdReport") -> str:
    """Return the four counts: in truth down, called across; the two errors are framed."""
    real, fake = report.tn + report.fp, report.tp + report.fn
    spoken, forged = class_word("bonafide"), class_word("spoof")
    return (
        '<div class="ss-counts" role="table" aria-label="Counts at this threshold">'
        f'<div class="h"></div><div class="h">called {spoken}</div><div class="h">called {forged}</div>'
        f'<div class="h">in truth<br>{spoken}</div>{_cell(report.tn, real, "right")}'
        f"{_cell(report.fp, real, 'false alarms', wrong=True)}"
        f'<div class="h">in truth<br>{forged}</div>{_cell(report.fn, fake, "missed", wrong=True)}'
        f"{_cell(report.tp, fake, 'right')}</div>"
    )


def _cell(count: int, total: int, words: str, *, wrong: bool = False) -> str:
    share = f"{percent(count / total)} of {total}" if total else "of 0"
    known = f"<br>95 %: {span(wilson(count, total), digits=1)}" if wrong and total else ""
    return f"<div{' class=wrong' if wrong else ''}><b>{count}</b>{words}<br><small>{share}{known}</small></div>"


def rates(report: "ThresholdReport", *, eer: float, eer_interval: tuple[float, float] | None) -> str:
    """Return the rates at the threshold, and the equal error rate, which no threshold moves.

    Parameters
    ----------
    report : ThresholdReport
    eer : float
        0 to 1.
    eer_interval : (float, float) or None
        95 % interval; None while it is being estimated.
    """
    known = "estimating the interval …" if eer_interval is None else f"95 %: {span(eer_interval, digits=1)}"
    lines = (
        ("accuracy", percent(report.accuracy), f"n = {report.tp + report.tn + report.fp + report.fn}"),
        ("precision for spoof", percent(report.precision), f"of {report.tp + report.fp} called spoof"),
        ("recall of spoof", percent(report.recall), f"of {report.tp + report.fn} spoofs"),
        ("F1 for spoof", f"{report.f1:.3f}", "harmonic mean of both"),
        ("equal error rate", percent(eer), known),
    )
    cells = "".join(
        f'<span>{esc(name)}</span><span class="v">{esc(value)}</span><span class="u">{esc(of)}</span>'
        for name, value, of in lines
    )
    return f'<div class="ss-rates">{cells}</div>'


@dataclass(frozen=True)
class ErrorRow:
    """One group of clips: its name, what it is, how many, how many were called wrongly, and further cells."""

    name: str
    what: str
    n: int
    wrong: int
    more: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Share called wrongly."""
        return self.wrong / self.n

    @property
    def ends(self) -> tuple[float, float]:
        """Its 95 % interval."""
        return wilson(self.wrong, self.n)


def error_table(rows: Iterable[ErrorRow], *, columns: tuple[str, ...], colour: str, aside: str = "") -> str:
    """Return groups as a table with a bar each; first the group whose share is surely the highest.

    Parameters
    ----------
    rows : iterable of ErrorRow
    columns : tuple of str
        Heads: name, what, n, share called wrongly, and those of ``more``.
    colour : str
        Class key of the bars: what the group was wrongly called.
    aside : str
        A sentence below.
    """
    ordered = sorted(rows, key=lambda row: (-row.ends[0], -row.rate, -row.n))
    head = "".join(f"<th{' class=n' if i == 2 else ''}>{esc(name)}</th>" for i, name in enumerate(columns))
    body = "".join(_group(row, colour) for row in ordered)
    table = f'<table class="ss-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return Markup(f'<div class="ss-tall">{table}</div>{note(aside) if aside else ""}')


def _group(row: ErrorRow, colour: str) -> str:
    bar = f'<span class="ss-mini"><i class="ss-bg-{colour}" style="width:{100 * row.rate:.0f}%"></i></span>'
    more = "".join(f"<td>{esc(cell)}</td>" for cell in row.more)
    return (
        f'<tr><td class="ss-clip" title="{esc(row.name)}">{esc(row.name)}</td><td>{esc(row.what)}</td>'
        f'<td class="n">{row.n}</td><td>{bar}{100 * row.rate:.0f} % <small>{span(row.ends)}</small></td>{more}</tr>'
    )
