"""The smallest pieces: cards, states, class words; every text that comes in is escaped."""

from collections.abc import Iterable, Sequence
from html import escape

from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED

__all__ = [
    "CLASSES", "SHAPES", "card", "class_of", "class_word", "definitions", "empty", "esc", "heading", "loading", "note",
    "number", "problem", "table",
]  # fmt: skip

#: Class key to its shape and word; a colour never stands alone.
SHAPES = {"spoof": "●", "bonafide": "■", "unsure": "◐"}
CLASSES = {"spoof": "spoof", "bonafide": "bona fide", "unsure": "not sure"}
_OF_VERDICT = {SPOOFED: "spoof", BONAFIDE: "bonafide", NOT_SURE: "unsure"}


def esc(value: object) -> str:
    """Return any value as text that is safe inside HTML, in quotes too."""
    return escape(str(value), quote=True)


def class_of(verdict: str) -> str:
    """Return the class key (``spoof``, ``bonafide``, ``unsure``) of a verdict's words or of a label."""
    return _OF_VERDICT.get(verdict, verdict if verdict in CLASSES else "unsure")


def class_word(verdict: str, *, word: str | None = None, brief: bool = False) -> str:
    """Return shape and word of a class in its colour: ``● spoof``; when ``brief``, the word is for screen readers."""
    key = class_of(verdict)
    shape, said = f'<i aria-hidden="true">{SHAPES[key]}</i>', esc(word or CLASSES[key])
    if brief:
        return f'<span class="ss-w ss-brief ss-{key}">{shape}<span class="ss-hear">{said}</span></span>'
    return f'<span class="ss-w ss-{key}">{shape} {said}</span>'


def card(title: str, body: str, *, aside: str = "", name: str = "") -> str:
    """Return a framed piece of the page.

    Parameters
    ----------
    title, name : str
        Heading and class of the frame; escaped.
    body, aside : str
        HTML, made by functions that escape.
    """
    head = heading(title, aside=aside) if title else ""
    return f'<section class="ss-card {esc(name)}">{head}{body}</section>'


def heading(title: str, *, aside: str = "") -> str:
    """Return the line over a frame's content; ``aside`` is HTML at its end."""
    return f'<div class="ss-hd"><h2>{esc(title)}</h2><span class="ss-sp"></span>{aside}</div>'


def note(text: str) -> str:
    """Return small explaining text."""
    return f'<p class="ss-note">{esc(text)}</p>'


def empty(text: str) -> str:
    """Return the inside of a frame that waits: a word of what will fill it."""
    return f'<div class="ss-empty">{esc(text)}</div>'


def loading(text: str) -> str:
    """Return the inside of a frame whose content is being made."""
    return f'<div class="ss-empty ss-loading" role="status"><span class="ss-dot"></span>{esc(text)}</div>'


def problem(what: str, *, todo: str = "") -> str:
    """Return the inside of a frame whose content cannot be made: what was wrong and what to do."""
    more = f"<span>{esc(todo)}</span>" if todo else ""
    return f'<div class="ss-problem" role="alert"><b aria-hidden="true">!</b><div>{esc(what)}{more}</div></div>'


def number(value: float | None, *, digits: int = 2, unit: str = "") -> str:
    """Return a number with its unit, tabular; an en dash where there is none."""
    if value is None or value != value:
        return "–"
    return f"{value:.{digits}f}" + (f"\u2009{esc(unit)}" if unit else "")


def definitions(pairs: Iterable[tuple[str, object]]) -> str:
    """Return names and values, one pair a line."""
    rows = "".join(f"<dt>{esc(name)}</dt><dd>{esc(value)}</dd>" for name, value in pairs)
    return f'<dl class="ss-dl">{rows}</dl>'


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, numeric: Sequence[int] = ()) -> str:
    """Return a plain table; the columns numbered in ``numeric`` are set to the right."""
    kinds = ['class="n"' if index in set(numeric) else "" for index in range(len(columns))]
    head = "".join(f"<th {kind}>{esc(name)}</th>" for kind, name in zip(kinds, columns, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td {kind}>{esc(cell)}</td>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>"
        for row in rows
    )
    inside = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="ss-scroll"><table class="ss-table">{inside}</table></div>'
