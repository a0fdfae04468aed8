"""What an explanation is worth, in words; the panel's rows; the small texts beside the spectrogram."""

from typing import TYPE_CHECKING

from dashboard.components.bars import BarRow, bar_rows
from dashboard.components.markup import card, empty, esc, heading, loading, note, problem

if TYPE_CHECKING:
    from core.explain.base import Explanation
    from core.usecases import Analysis, Reconstruction

__all__ = ["error_note", "panel_card", "receipt_line", "where_head"]


def panel_card(analysis: "Analysis | None", *, selected: str | None = None, basis: str = "") -> str:
    """Return the detectors' verdicts as rows that can be clicked; the chosen one is marked.

    Parameters
    ----------
    analysis : Analysis or None
    selected : str, optional
        The detector that is explained.
    basis : str
        What the panel's weights were set on; without any, its score is the detectors' mean.
    """
    if analysis is None:
        return card("The panel", f'<div class="ss-hold">{empty("Each detector’s own verdict appears here.")}</div>')
    rows = [BarRow(r.name, r.p_spoof, r.verdict, _remark(r.calibrated, r.score)) for r in analysis.detectors.values()]
    body = bar_rows(rows, selected=selected) + note("Press a detector to see what it heard.")
    body += note(
        f"The panel weighs its detectors as set on {basis}."
        if basis
        else "The panel’s score is the mean of its detectors’ log-likelihood ratios."
    )
    return card("The panel", f'<div class="ss-hold">{body}</div>', aside='<span class="ss-soft">P(spoof)</span>')


def _remark(calibrated: bool, score: float) -> str:
    kind = "log-likelihood ratio" if calibrated else "raw output, not calibrated"
    return f"{kind} {score:+.2f} (higher = more bona fide)"


def receipt_line(explanation: "Explanation | None", *, busy: str = "", wrong: str = "") -> str:
    """Return what the explanation's own test says of it, or why there is no explanation."""
    if wrong:
        return f'<div class="ss-receipt">{problem(wrong)}</div>'
    if busy:
        return f'<div class="ss-receipt">{loading(busy)}</div>'
    if explanation is None:
        return '<div class="ss-receipt"></div>'
    axes = "" if "frequency" in explanation.axes else " It says when, not where: this map has no frequency axis."
    return f'<div class="ss-receipt"><div>{_receipt_words(explanation)}{axes}</div></div>'


def _receipt_words(explanation: "Explanation") -> str:
    receipt = explanation.receipt
    if receipt is None:
        return "<b>No receipt</b>: whether the detector relies on what is marked was not tested."
    head, _, rest = receipt.words.partition(": ")
    kind, sign = ("ss-bonafide", "✓") if receipt.faithful else ("ss-not", "✗")
    return f'<b class="{kind}">{sign} {esc(head)}</b>: {esc(rest)}'


def error_note(rebuilt: "Reconstruction | None", name: str = "", *, wrong: str = "") -> str:
    """Return the error map's axes and numbers in words."""
    if rebuilt is None:
        return note(wrong or "Time against LFCC coefficient: cepstra have no frequency axis.")
    bands = " · ".join(f"{band} {value:.2f}" for band, value in rebuilt.bands.items())
    return note(
        f"{name}, taught bona fide speech alone: squared error of its z-scored LFCC, time against coefficient (not "
        f"hertz). Mean {rebuilt.total:.2f}; {bands}. Which way this error points was learnt, see Reconstruction."
    )


def where_head(players: str) -> str:
    """Return the heading over the spectrogram, with the players at its end."""
    return heading("Where and when", aside=players)
