"""A panel's figures as JSON values and as text."""

from dataclasses import asdict
from typing import Any

import numpy as np

from core.analysis.format import first_few, rate
from core.analysis.paired import Difference
from core.predictions.combined import Combining
from core.predictions.figures import PanelFigures, plain
from core.predictions.matching import LEAST_COVERAGE
from core.predictions.panel import ImportedPanel, Member
from core.predictions.scales import WORDS

__all__ = [
    "apart_words",
    "as_json",
    "as_text",
    "basis_words",
    "best_words",
    "combination_rows",
    "combining_json",
    "combining_text",
    "file_lines",
    "generous_words",
    "independence_words",
    "matrix_rows",
    "sweep_rows",
]

_LISTED = 10


def as_json(panel: ImportedPanel, figures: PanelFigures) -> dict[str, Any]:
    """Return all that is known of a panel, with every id that did not match and every disputed one."""
    clips = panel.clips
    matrices = {
        "agreement": figures.agreement, "kappa": figures.kappa, "score_correlation": figures.score_correlation,
        "error_correlation": figures.error_correlation, "q_statistic": figures.q_statistic,
        "double_fault": figures.double_fault,
    }  # fmt: skip
    return plain({
        "clips": {
            "n": len(clips), "labels": clips.basis, "bonafide": int((clips.labels == 1).sum()),
            "spoof": int((clips.labels == 0).sum()), "scored_by_all": len(panel.shared), "conflicts": clips.conflicts,
        },
        "files": [_file(panel, member) for member in panel.members],
        "voters": list(figures.names),
        "effective_voters": figures.effective,
        "effective_voters_by_errors": figures.effective_by_errors,
        "effective_voters_of": "scores within each class" if figures.of_errors else "scores; there are no labels",
        "weights": dict(zip(figures.names, figures.weights.tolist(), strict=True)),
        **matrices,
        "dendrogram": [figures.names[place] for place in figures.order],
        "bonafide_share": dict(zip(figures.names, figures.bonafide_share.tolist(), strict=True)),
        "most_generous": figures.most_generous, "most_severe": figures.most_severe,
        "unanimous": {"bonafide": len(figures.unanimous_bonafide), "spoof": len(figures.unanimous_spoof)},
        "split": len(figures.split),
        "verdict": {word: int((figures.verdict == vote).sum())
                    for word, vote in (("bonafide", 1), ("spoof", 0), ("tied", -1))},
        "sets": [{"bonafide_by": names, "n": n} for names, n in figures.sets],
        "error_sets": [{"wrong": names, "n": n} for names, n in figures.error_sets],
        "by_attack": [
            {"attack": row.attack, "n": row.n, "split": row.split,
             "error_rates": dict(zip(figures.names, row.error_rates, strict=True))} for row in figures.by_attack
        ],
        "disputed": clips.names(figures.split),
    })  # fmt: skip


def combining_json(found: Combining) -> dict[str, Any]:
    """Return the combinations as JSON values, without their scores."""
    keys = ("name", "n_bonafide", "n_spoof", "n_tied", "of_votes", "note")
    return plain({
        "best_single": found.best or None, "intervals_over": found.grouped_by or None,
        "errors_independent": found.independent, "errors_together_times_as_often": found.times_as_often,
        "rows": [
            {**{key: getattr(row, key) for key in keys}, "against_best": [asdict(own) for own in row.differences]}
            for row in found.rows
        ],
        "hybrid": [asdict(point) for point in found.sweep],
    })  # fmt: skip


def combining_text(found: Combining) -> str:
    """Return the combinations as lines for a terminal."""
    parts = ["\n".join(_table(combination_rows(found))), independence_words(found)]
    if found.best:
        parts[0] += f"\n{best_words(found)}"
    if found.sweep:
        parts.append("\n".join(_table(sweep_rows(found))))
    parts.append("\n".join(f"{row.name}: {row.note}" for row in found.rows if row.note))
    return "\n\n".join(part for part in parts if part)


def best_words(found: Combining) -> str:
    """Return what the combinations stand beside; empty without labels."""
    if not found.best:
        return ""
    return (
        f"Best single detector: {found.best}, chosen on these very clips, which favours it. In brackets: points more "
        f"than it has, with a 95 % interval over {found.grouped_by}."
    )


def combination_rows(found: Combining) -> list[list[str]]:
    """Return a row of cells for each combination, below their names."""
    rows = [["combination", "bona fide", "spoof", "tied", "EER", "false alarms", "misses"]]
    for row in found.rows:
        cells = [_against(own) for own in row.differences] or ["-"] * 3
        if row.of_votes:
            cells[0] = "-"
        rows.append([row.name, f"{row.n_bonafide:,}", f"{row.n_spoof:,}", f"{row.n_tied:,}", *cells])
    return rows


def independence_words(found: Combining) -> str:
    """Return whether the voters err independently, with the pair that does so least; empty without labels."""
    if found.times_as_often is None or found.independent is None:
        return ""
    pairs = [
        (found.times_as_often[i, j], found.names[i], found.names[j])
        for i in range(len(found.names)) for j in range(i) if np.isfinite(found.times_as_often[i, j])
    ]  # fmt: skip
    if not pairs:
        return ""
    times, one, other = max(pairs)
    verdict = "err independently" if found.independent else "do not err independently"
    return (
        f"The voters {verdict}: {one} and {other} err together {times:.1f} times as often as independent ones "
        "would."
    )


def sweep_rows(found: Combining) -> list[list[str]]:
    """Return a row of cells for each alpha of the hybrid, below their names."""
    head = ["alpha", "EER", "bona fide", "spoof", "as supervised", "as anomaly", "flipped", "of them disputed"]
    return [head, *([f"{at.alpha:.1f}", "-" if np.isnan(at.eer) else rate(at.eer, digits=2), f"{at.n_bonafide:,}",
                     f"{at.n_spoof:,}", rate(at.with_supervised), rate(at.with_anomaly), f"{at.flipped:,}",
                     f"{at.flipped_disputed:,}"] for at in found.sweep)]  # fmt: skip


def _against(own: Difference) -> str:
    ends = "-" if np.isnan(own.low) else f"{100 * own.low:+.2f} to {100 * own.high:+.2f}"
    return f"{rate(own.first, digits=2)} ({100 * own.difference:+.2f}, {ends})"


def _file(panel: ImportedPanel, member: Member) -> dict[str, Any]:
    aligned, clips, predictions = member.aligned, panel.clips, member.predictions
    return {
        "name": member.name, "file": predictions.source, "format": predictions.format,
        "columns": {role: name for role in ("id", "score", "label", "attack", "group")
                    if (name := getattr(predictions.columns, role)) is not None},
        "notes": list(predictions.notes), "rows": len(predictions.ids), "ids_matched": aligned.how,
        "coverage": aligned.coverage, "complete": aligned.coverage >= LEAST_COVERAGE,
        "missing": clips.names(aligned.missing), "repeated": clips.names(aligned.repeated),
        "repeated_with_other_scores": clips.names(aligned.unlike), "extra": aligned.extra,
        "not_finite": clips.names(aligned.not_finite), "unreadable": predictions.unreadable,
        "polarity": member.polarity.to_json(), "scale": WORDS[member.kind],
        "votes_cut": None if member.cut is None else member.cut.how, "mapping": "rank",
        "auc": member.auc, "eer": member.eer, "votes": not member.barred, "barred": member.barred or None,
    }  # fmt: skip


def as_text(panel: ImportedPanel, figures: PanelFigures) -> str:
    """Return a panel's figures as lines for a terminal."""
    clips = panel.clips
    head = f"{len(clips):,} clips; {clips.basis}"
    if clips.conflicts:
        head += f"; {len(clips.conflicts):,} with contradicting labels, which count as unlabelled"
    parts = [head, *("\n".join([member.name, *(f"  {line}" for line in file_lines(member, panel))])
                     for member in panel.members)]  # fmt: skip
    parts += [apart] if (apart := apart_words(panel)) else []
    return "\n\n".join([*parts, *_panel_text(panel, figures)])


def file_lines(member: Member, panel: ImportedPanel, *, where: str = "") -> list[str]:
    """Return what a person should know of one file; ``where`` stands for its path."""
    aligned, predictions = member.aligned, member.predictions
    lines = [
        f"{where or predictions.source}: {predictions.format}; {predictions.columns.words}",
        f"{len(predictions.ids):,} rows; covers {rate(aligned.coverage, digits=2)} of the clips; "
        f"ids matched {aligned.how}",
        f"polarity {member.polarity.words}",
        f"scale: {WORDS[member.kind]}, compared by rank; "
        f"votes: {'none' if member.cut is None else member.cut.how}",
    ]
    if aligned.coverage < LEAST_COVERAGE:
        lines.append(f"incomplete: it covers under {rate(LEAST_COVERAGE, digits=0)} of the clips")
    for what, places in (("missing", aligned.missing), ("repeated", aligned.repeated), (
            "repeated with other scores, left out", aligned.unlike), ("not finite, left out", aligned.not_finite)):
        if len(places):
            lines.append(f"{len(places):,} {what}: {_some(panel.clips.names(places[:_LISTED]), len(places))}")
    if aligned.extra:
        lines.append(f"{len(aligned.extra):,} that are none of the clips: {_some(aligned.extra, len(aligned.extra))}")
    if predictions.unreadable:
        lines.append(f"{predictions.unreadable:,} scores that are no number")
    lines += [f"note: {note}" for note in predictions.notes]
    if np.isfinite(member.eer):
        lines.append(f"EER {rate(member.eer, digits=2)}, AUC {member.auc:.4f}")
    if member.barred:
        lines.append(f"does not vote: {member.barred}")
    return lines


def _some(names: list[str], n: int) -> str:
    return first_few(names, _LISTED, of=n) + (" (--json lists all)" if n > _LISTED else "")


def apart_words(panel: ImportedPanel) -> str:
    """Return what to do where two files score none of the same clips; empty where there are none."""
    if panel.apart is None:
        return ""
    one, other = panel.apart
    return (
        f"{one} and {other} score none of the same clips: if they are parts of one detector's list, such as a file for "
        "each class, put them into one file."
    )


def _panel_text(panel: ImportedPanel, figures: PanelFigures) -> list[str]:
    if not figures.names or not figures.n:
        return ["No votes: no detector that may vote, or no clip that all of them score."]
    one, d = len(figures.unanimous_bonafide) + len(figures.unanimous_spoof), len(figures.names)
    lines = [
        f"{d} {'voter amounts' if d == 1 else 'voters amount'} to {figures.effective:.2f} independent ones "
        f"(by {basis_words(figures)})"
        + (f", {figures.effective_by_errors:.2f} by their errors" if np.isfinite(figures.effective_by_errors) else ""),
        "weights: " + ", ".join(f"{name} {weight:.2f}" for name, weight in zip(
            figures.names, figures.weights, strict=True)),
        f"{figures.n:,} clips are scored by all: {one:,} unanimous ({len(figures.unanimous_bonafide):,} bona fide, "
        f"{len(figures.unanimous_spoof):,} spoof), {len(figures.split):,} split",
        generous_words(figures),
    ]  # fmt: skip
    parts = ["\n".join(lines)]
    for title, matrix in (("agreement", figures.agreement), ("Cohen's kappa", figures.kappa),
                          ("rank correlation of scores", figures.score_correlation),
                          ("correlation of errors", figures.error_correlation),
                          ("Q statistic of errors", figures.q_statistic),
                          ("both wrong", figures.double_fault)):  # fmt: skip
        if matrix is not None:
            parts.append("\n".join([title, *_table(matrix_rows(figures, matrix))]))
    if figures.by_attack:
        rows = [["disputed by attack", "clips", "split"], *([row.attack, f"{row.n:,}", f"{row.split:,}"]
                                                           for row in figures.by_attack)]  # fmt: skip
        parts.append("\n".join(_table(rows)))
    if len(figures.split):
        shown = panel.clips.names(figures.split[:_LISTED])
        parts.append(f"disputed: {_some(shown, len(figures.split))}")
    return parts


def basis_words(figures: PanelFigures) -> str:
    """Return what the effective number of voters follows from."""
    of = "within each class" if figures.of_errors else "alone, since there are no labels of both classes"
    return f"scores {of}"


def generous_words(figures: PanelFigures) -> str:
    """Return who votes bona fide most and least often."""
    low, high = float(figures.bonafide_share.min()), float(figures.bonafide_share.max())
    if not figures.most_generous:
        return f"no voter is more generous or more severe than another: {rate(low)} bona fide"
    return (
        f"most generous: {figures.most_generous} ({rate(high)} bona fide); "
        f"most severe: {figures.most_severe} ({rate(low)})"
    )


def matrix_rows(figures: PanelFigures, matrix: np.ndarray, *, digits: int = 3) -> list[list[str]]:
    """Return a matrix as rows of cells, in the dendrogram's order, with a row and a column of names."""
    order = list(figures.order)
    names = [figures.names[place] for place in order]
    cells = matrix[np.ix_(order, order)]
    return [["", *names], *([name, *("-" if np.isnan(value) else f"{value:.{digits}f}" for value in line)]
                            for name, line in zip(names, cells, strict=True))]  # fmt: skip


def _table(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return ["  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(
        row[1:], widths[1:], strict=True))]) for row in rows]  # fmt: skip
