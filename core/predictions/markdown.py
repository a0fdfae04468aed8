"""A panel's figures as Markdown, for a document that a command keeps up to date."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.analysis.format import rate
from core.predictions.combined import Combining
from core.predictions.figures import PanelFigures
from core.predictions.panel import ImportedPanel
from core.predictions.report import (
    basis_words,
    best_words,
    combination_rows,
    generous_words,
    independence_words,
    matrix_rows,
    sweep_rows,
)

__all__ = ["panel_markdown"]

_ATTACKS, _DISPUTED = 12, 10


def panel_markdown(panel: ImportedPanel, figures: PanelFigures, combined: Combining | None = None) -> str:
    """Return one section: files, agreement, voters, disputes by attack, the most disputed clips, and combinations."""
    parts = [_files(panel), _counts(panel, figures), *_matrices(figures), _attacks(figures), _disputed(panel, figures)]
    if combined is not None:
        parts += _combined(combined)
    return "\n\n".join(part for part in parts if part)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a table of Markdown; the first names the columns."""
    lines = [rows[0], ("---",) * len(rows[0]), *rows[1:]]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in row) + " |" for row in lines)


def _cell(text: str) -> str:
    return re.sub(r"([|<>*`\\])", r"\\\1", text)


def _files(panel: ImportedPanel) -> str:
    rows = [["detector", "clips scored", "higher =", "settled by", "scale", "EER", "votes"]]
    for member in panel.members:
        auc = member.polarity.evidence.get("auc")
        how = f"{member.polarity.how}, AUC as it stands {auc:.4f}" if auc is not None else member.polarity.how
        eer = "-" if np.isnan(member.eer) else rate(member.eer, digits=2)
        cut = member.barred or ("-" if member.cut is None else member.cut.how)
        covered = rate(member.aligned.coverage, digits=2)
        rows.append([member.name, covered, member.polarity.higher, how, member.kind, eer, cut])
    return table(rows)


def _counts(panel: ImportedPanel, figures: PanelFigures) -> str:
    counts = [(int((panel.labels == label).sum()), word)
              for label, word in ((1, "bona fide"), (0, "spoofed"), (-1, "unlabelled"))]  # fmt: skip
    classes = ", ".join(f"{n:,} {word}" for n, word in counts if n)
    one = len(figures.unanimous_bonafide) + len(figures.unanimous_spoof)
    errors, who = figures.effective_by_errors, generous_words(figures)
    by_errors = f", {errors:.2f} by their errors" if np.isfinite(errors) else ""
    return (
        f"{figures.n:,} clips ({classes or 'none'}) scored by all. The {len(figures.names)} voters amount to "
        f"**{figures.effective:.2f} independent ones** by their {basis_words(figures)}{by_errors}. "
        f"**{one:,} clips are unanimous** ({len(figures.unanimous_bonafide):,} bona fide, "
        f"{len(figures.unanimous_spoof):,} spoof), **{len(figures.split):,} are split**. {who[0].upper()}{who[1:]}."
    )


def _matrices(figures: PanelFigures) -> list[str]:
    parts = ["Share of equal votes (below the diagonal) and Cohen's kappa (above it):",
             _two(figures, figures.agreement, figures.kappa)]  # fmt: skip
    if figures.error_correlation is not None and figures.double_fault is not None:
        parts += ["Correlation of errors (below the diagonal) and rank correlation of scores (above it):",
                  _two(figures, figures.error_correlation, figures.score_correlation)]  # fmt: skip
    return parts


def _two(figures: PanelFigures, below: NDArray[np.float64], above: NDArray[np.float64]) -> str:
    lower, upper = matrix_rows(figures, below), matrix_rows(figures, above)
    return table([
        lower[0], *([lower[i][0], *("" if i == j else lower[i][j] if j < i else upper[i][j]
                                    for j in range(1, len(lower)))] for i in range(1, len(lower)))
    ])  # fmt: skip


def _attacks(figures: PanelFigures) -> str:
    if not figures.by_attack:
        return ""
    rows = [["attack", "clips", "disputed", *(f"{name} errs" for name in figures.names)]]
    for row in figures.by_attack[:_ATTACKS]:
        shares = ("-" if np.isnan(each) else rate(each) for each in row.error_rates)
        rows.append([row.attack, f"{row.n:,}", f"{row.split:,}", *shares])
    rest = figures.by_attack[_ATTACKS:]
    more = f"\n\n{len(rest)} more attacks: {sum(row.split for row in rest):,} disputed of " \
           f"{sum(row.n for row in rest):,} clips." if rest else ""  # fmt: skip
    return table(rows) + more


def _disputed(panel: ImportedPanel, figures: PanelFigures) -> str:
    shown = figures.split[:_DISPUTED]
    if not len(shown):
        return "No clip is disputed."
    places, attacks = np.searchsorted(panel.shared, shown), panel.clips.attacks
    words = {1: "bona fide", 0: "spoof", -1: "not sure"}
    rows = [["disputed clip", "label", *figures.names]]
    for name, place in zip(panel.clips.names(shown), places, strict=True):
        label = words[int(panel.labels[place])] if panel.labels[place] >= 0 else "-"
        if attacks is not None and panel.labels[place] == 0:
            label = f"spoof, {attacks[panel.shared[place]]}"
        rows.append([name, label, *(words[int(vote)] for vote in panel.votes[place])])
    return f"The first {len(shown)} of {len(figures.split):,} (`--json` lists all):\n\n{table(rows)}"


def _combined(found: Combining) -> list[str]:
    parts = [table(combination_rows(found)), best_words(found), independence_words(found)]
    return [*parts, table(sweep_rows(found))] if found.sweep else parts
