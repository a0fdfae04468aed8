"""What an explanation is worth, in words, and the small texts beside the spectrogram."""

from typing import TYPE_CHECKING

from dashboard.components.markup import esc, frame_head, loading, note, problem

if TYPE_CHECKING:
    from core.explain.base import Explanation
    from core.usecases import Reconstruction

__all__ = ["error_note", "receipt_line", "where_head"]


def receipt_line(explanation: "Explanation | None", *, busy: str = "", wrong: str = "") -> str:
    """Return what the explanation's own test says of it, or why there is no explanation."""
    if wrong:
        return f'<div class="ss-receipt">{problem(wrong)}</div>'
    if busy:
        return f'<div class="ss-receipt">{loading(busy)}</div>'
    if explanation is None:
        return '<div class="ss-receipt"></div>'
    axes = "" if "frequency" in explanation.axes else " It says when, not where: this map has no frequency axis."
    return f'<div class="ss-receipt">{_receipt_words(explanation, axes)}</div>'


def _receipt_words(explanation: "Explanation", axes: str) -> str:
    receipt = explanation.faithfulness
    if receipt is None:
        return f"<div><b>No receipt</b>: whether the detector relies on what is marked was not tested.{axes}</div>"
    head, _, rest = receipt.words.partition(": ")
    what, _, numbers = rest.partition("; ")
    kind, sign = ("ss-bonafide", "✓") if receipt.faithful else ("ss-not", "✗")
    return (
        f'<div><b class="{kind}">{sign} {esc(head)}</b>: {esc(what)}.{axes}</div>'
        f'<details class="ss-menu ss-proof"><summary>Receipt</summary><div>{esc(_sentence(numbers))}</div></details>'
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


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
    return frame_head("Where and when", aside=players)
