"""A panel as one HTML page that asks for nothing else."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from core import case
from core.analysis.format import rate
from core.case.sections import table
from core.predictions.combined import Combining
from core.predictions.dendrogram import dendrogram_svg
from core.predictions.figures import PanelFigures
from core.predictions.panel import ImportedPanel
from core.predictions.report import best_words, combination_rows, file_lines, independence_words, sweep_rows

__all__ = ["page_html"]

_PAGE = Markup(
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title><style>{style}</style>'
    "</head><body><main>{body}</main></body></html>\n"
)
_STYLE = """
.heat td { text-align: center; padding: 6px 4px; border: 1px solid #fff; }
.heat { width: auto; } .heat th { padding: 4px 8px; }
.upset { display: grid; grid-template-columns: minmax(160px, auto) 70px 1fr; gap: 2px 10px; font-size: 12px; }
.upset i { background: #2457a6; height: 12px; align-self: center; } .upset span:nth-child(3n+2) { text-align: right; }
"""
_MOST_SETS, _MOST_DISPUTED = 16, 200


def page_html(panel: ImportedPanel, figures: PanelFigures, combined: Combining | None = None) -> str:
    """Return the page: each file, agreement, dendrogram, overlaps, disputes by attack, and the disputed clips.

    Parameters
    ----------
    panel : ImportedPanel
    figures : PanelFigures
    combined : Combining, optional
        Shown too, where it is given.
    """
    title = f"Panel of {len(figures.names)} voters on {len(panel.clips):,} clips"
    head = Markup('<header><p class="brand">Spoofscope</p><p>{}</p></header>').format(title)
    parts = [head, _answer(panel, figures), _files(panel)]
    if combined is not None:
        parts.append(_combined(combined))
    if figures.names and figures.n:
        parts += [_matrices(figures), _overlaps(figures), _attacks(figures), _disputed(panel, figures)]
    style = Path(next(iter(case.__path__)), "report.css").read_text(encoding="utf-8") + _STYLE
    return str(_PAGE.format(title=title, style=Markup(style), body=Markup("").join(parts)))


def _answer(panel: ImportedPanel, figures: PanelFigures) -> Markup:
    one = len(figures.unanimous_bonafide) + len(figures.unanimous_spoof)
    by_errors = figures.effective_by_errors
    facts = [
        ("labels", panel.clips.basis), ("scored by all voters", f"{figures.n:,} of {len(panel.clips):,}"),
        ("effective number of voters", f"{figures.effective:.2f} of {len(figures.names)}"),
        ("the same by their errors", "-" if np.isnan(by_errors) else f"{by_errors:.2f}"),
        ("unanimous", f"{one:,} ({len(figures.unanimous_bonafide):,} bona fide, "
                      f"{len(figures.unanimous_spoof):,} spoof)"),
        ("split", f"{len(figures.split):,}"), ("most generous voter", figures.most_generous or "-"),
        ("most severe voter", figures.most_severe or "-"),
    ]  # fmt: skip
    rows = Markup("").join(Markup("<tr><th>{}</th><td>{}</td></tr>").format(*fact) for fact in facts)
    why = (
        "Copies of one detector count once: the effective number is the participation ratio of the correlations of "
        "scores within each class, with the weights that make it greatest."
        if figures.of_errors else
        "Without labels of both classes detectors that are right together count as alike: the effective number is "
        "lower than it would be with labels."
    )  # fmt: skip
    html = '<h2>What the panel amounts to</h2><table class="facts">{}</table><p class="small">{}</p>'
    return Markup(html).format(rows, why)


def _files(panel: ImportedPanel) -> Markup:
    parts = [Markup("<h2>The files</h2>")]
    for member in panel.members:
        # Where a file lay on the machine that read it is nobody's business.
        where = Path(member.predictions.source).name
        lines = Markup("").join(Markup("<li>{}</li>").format(line) for line in file_lines(member, panel, where=where))
        parts.append(Markup("<h3>{}</h3><ul>{}</ul>").format(member.name, lines))
    return Markup("").join(parts)


def _matrices(figures: PanelFigures) -> Markup:
    parts = [Markup("<h2>Who agrees with whom</h2>"), dendrogram_svg(figures.links, list(figures.names))]
    for title, matrix in (
        ("Share of equal votes", figures.agreement), ("Cohen's kappa", figures.kappa),
        ("Rank correlation of scores", figures.score_correlation),
        ("Correlation of errors", figures.error_correlation), ("Q statistic of errors", figures.q_statistic),
        ("Share of clips that both are wrong on", figures.double_fault),
    ):  # fmt: skip
        if matrix is not None:
            parts.append(Markup("<h3>{}</h3>").format(title) + _heat(figures, matrix))
    return Markup("").join(parts)


def _heat(figures: PanelFigures, matrix: NDArray[np.float64]) -> Markup:
    names = [figures.names[place] for place in figures.order]
    cells = matrix[np.ix_(list(figures.order), list(figures.order))]
    head = Markup("").join(Markup("<th>{}</th>").format(name) for name in ("", *names))
    lines = [_heat_line(name, line) for name, line in zip(names, cells, strict=True)]
    return Markup('<table class="heat"><tr>{}</tr>{}</table>').format(head, Markup("").join(lines))


def _heat_line(name: str, line: NDArray[np.float64]) -> Markup:
    cells = [Markup("<td>-</td>") if np.isnan(value) else _heat_cell(float(value)) for value in line]
    return Markup("<tr><th>{}</th>{}</tr>").format(name, Markup("").join(cells))


def _heat_cell(value: float) -> Markup:
    colour = Markup("36,87,166" if value >= 0 else "168,74,0")
    return Markup('<td style="background:rgba({},{:.2f})">{:.3f}</td>').format(colour, 0.6 * min(abs(value), 1), value)


def _combined(found: Combining) -> Markup:
    parts = [Markup("<h2>Combined</h2>")]
    for head, *rows in [combination_rows(found), *([sweep_rows(found)] if found.sweep else [])]:
        parts.append(table(head, rows))
    notes = [f"{row.name}: {row.note}" for row in found.rows if row.note]
    words = [best_words(found), independence_words(found), *notes]
    parts += [Markup('<p class="small">{}</p>').format(text) for text in words if text]
    return Markup("").join(parts)


def _overlaps(figures: PanelFigures) -> Markup:
    parts = []
    for title, sets in (("Clips that exactly these voters call bona fide", figures.sets),
                        ("Clips that exactly these voters are wrong on", figures.error_sets)):  # fmt: skip
        if sets:
            most = max(n for _, n in sets)
            bars = [
                Markup('<span>{}</span><span>{:,}</span><i style="width:{:.1f}%"></i>').format(
                    " + ".join(names), n, 100 * n / most
                )
                for names, n in sets[:_MOST_SETS]
            ]
            parts.append(Markup('<h3>{}</h3><div class="upset">{}</div>').format(title, Markup("").join(bars)))
    return Markup("<h2>Overlaps</h2>") + Markup("").join(parts) if parts else Markup("")


def _attacks(figures: PanelFigures) -> Markup:
    if not figures.by_attack:
        return Markup("")
    rows = [
        (row.attack, f"{row.n:,}", f"{row.split:,}",
         *("-" if np.isnan(each) else rate(each, digits=2) for each in row.error_rates))
        for row in figures.by_attack
    ]  # fmt: skip
    columns = ("attack", "clips", "split", *(f"wrong: {name}" for name in figures.names))
    return Markup("<h2>Disputed by attack</h2>") + table(columns, rows)


def _disputed(panel: ImportedPanel, figures: PanelFigures) -> Markup:
    shown = figures.split[:_MOST_DISPUTED]
    if not len(shown):
        return Markup("<h2>Disputed clips</h2><p>None: no voter contradicts another.</p>")
    places = np.searchsorted(panel.shared, shown)
    votes, labels = panel.votes[places], panel.labels[places]
    words: Sequence[str] = ("not sure", "spoof", "bona fide")
    rows = [
        (name, {1: "bona fide", 0: "spoof", -1: "-"}[int(label)], *(words[int(vote) + 1] for vote in line))
        for name, label, line in zip(panel.clips.names(shown), labels, votes, strict=True)
    ]
    more = f"The first {len(shown)} of {len(figures.split):,}; --json lists all." if len(figures.split) > len(shown) \
        else f"All {len(shown)}."  # fmt: skip
    text = tuple(range(2 + len(figures.names)))
    head = Markup('<h2>Disputed clips</h2><p class="small">{}</p>').format(more)
    return head + table(("clip", "label", *figures.names), rows, text=text)
