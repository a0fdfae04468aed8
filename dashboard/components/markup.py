"""The smallest pieces: cards, states, class words, terms. ``Markup`` is HTML; every other text is escaped."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from core.analysis.verdict import BONAFIDE, NOT_SURE, PARTLY, SPOOFED
from dashboard.glossary import meaning

__all__ = [
    "CLASSES", "SHAPES", "Markup", "card", "class_of", "class_word", "definitions", "empty", "esc", "frame_head",
    "joined", "label_word", "loading", "note", "number", "problem", "table", "tall", "term",
]  # fmt: skip

#: Class key to its shape and word; a colour never stands alone.
SHAPES = {"spoof": "●", "bonafide": "■", "unsure": "◐", "partly": "◔"}
CLASSES = {"spoof": "spoof", "bonafide": "bona fide", "unsure": "not sure", "partly": "spoof in part"}
_OF_VERDICT = {SPOOFED: "spoof", PARTLY: "partly", BONAFIDE: "bonafide", NOT_SURE: "unsure"}


def esc(value: object) -> Markup:
    """Return any value as HTML: text is escaped, in quotes too, and ``Markup`` stays as it is."""
    return escape(value if isinstance(value, Markup) else str(value))


def joined(parts: Iterable[Markup]) -> Markup:
    """Return pieces of HTML one after the other."""
    return Markup("").join(parts)


def term(name: str, shown: str | None = None) -> Markup:
    """Return a term with its meaning as a tooltip, for mouse, keyboard and touch.

    Parameters
    ----------
    name : str
        A term of the glossary.
    shown : str, optional
        The word on the page where it is another: a plural, say.
    """
    html = '<abbr class="ss-term" tabindex="0" title="{}">{}</abbr>'
    return Markup(html).format(meaning(name), name if shown is None else shown)


def class_of(verdict: str | None) -> str:
    """Return the class key (one of ``CLASSES``) of a verdict's words, none included, or of a label."""
    return _OF_VERDICT.get(verdict or "", verdict if verdict in CLASSES else "unsure")


def class_word(verdict: str, *, word: str | None = None, brief: bool = False) -> Markup:
    """Return shape and word of a class in its colour: ``● spoof``; when ``brief``, the word is for screen readers."""
    key = class_of(verdict)
    shape, text = Markup('<i aria-hidden="true">{}</i>').format(SHAPES[key]), word or CLASSES[key]
    if brief:
        html = '<span class="ss-w ss-brief ss-{}">{}<span class="ss-unseen">{}</span></span>'
        return Markup(html).format(key, shape, text)
    return Markup('<span class="ss-w ss-{}">{} {}</span>').format(key, shape, text)


def label_word(label: object, *, brief: bool = False) -> Markup:
    """Return shape and word of a clip's label; a clip that has none is *no label*, not *not sure*."""
    if label in ("bonafide", "spoof"):
        return class_word(str(label), brief=brief)
    return Markup('<span class="ss-w ss-unsure"><i aria-hidden="true">◇</i> no label</span>')


def card(title: str, body: str, *, aside: str = "", name: str = "") -> Markup:
    """Return a framed piece of the page.

    Parameters
    ----------
    title, name : str
        Heading and class of the frame; escaped.
    body, aside : Markup
        HTML, made by functions that escape.
    """
    head = frame_head(title, aside=aside) if title else Markup("")
    return Markup('<section class="ss-card {}">{}{}</section>').format(name, head, Markup(body))


def frame_head(title: str, *, aside: str = "") -> Markup:
    """Return the line over a frame's content; ``aside`` is HTML at its end."""
    html = '<div class="ss-hd"><h2>{}</h2><span class="ss-sp"></span>{}</div>'
    return Markup(html).format(title, Markup(aside))


def note(text: str) -> Markup:
    """Return small explaining text; ``Markup`` may hold terms."""
    return Markup('<p class="ss-note">{}</p>').format(text)


def tall(body: Markup) -> Markup:
    """Return a long table in a frame of limited height that scrolls, under the keyboard too."""
    return Markup('<div class="ss-tall" tabindex="0">{}</div>').format(body)


def empty(text: str) -> Markup:
    """Return the inside of a frame that waits: a word of what will fill it."""
    return Markup('<div class="ss-empty">{}</div>').format(text)


def loading(text: str) -> Markup:
    """Return the inside of a frame whose content is being made."""
    html = '<div class="ss-empty ss-loading" role="status"><span class="ss-dot"></span>{}</div>'
    return Markup(html).format(text)


def problem(what: str, *, todo: str = "") -> Markup:
    """Return the inside of a frame whose content cannot be made: what was wrong and what to do."""
    more = Markup("<span>{}</span>").format(todo) if todo else Markup("")
    html = '<div class="ss-problem" role="alert"><b aria-hidden="true">!</b><div>{}{}</div></div>'
    return Markup(html).format(what, more)


def number(value: float | None, *, digits: int = 2, unit: str = "") -> Markup:
    """Return a number with its unit, tabular; an en dash where there is none."""
    if value is None or value != value:
        return Markup("–")
    return Markup("{}{}").format(f"{value:.{digits}f}", f"\u2009{unit}" if unit else "")


def definitions(pairs: Iterable[tuple[str, object]]) -> Markup:
    """Return names and values, one pair a line."""
    rows = joined(Markup("<dt>{}</dt><dd>{}</dd>").format(name, esc(value)) for name, value in pairs)
    return Markup('<dl class="ss-dl">{}</dl>').format(rows)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, numeric: Sequence[int] = ()) -> Markup:
    """Return a plain table; the columns numbered in ``numeric`` are set to the right."""
    kinds = [Markup(' class="n"') if index in set(numeric) else Markup("") for index in range(len(columns))]
    head = _cells("th", columns, kinds)
    body = joined(Markup("<tr>{}</tr>").format(_cells("td", row, kinds)) for row in rows)
    html = '<div class="ss-scroll"><table class="ss-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    return Markup(html).format(head, body)


def _cells(tag: str, values: Sequence[object], kinds: Sequence[Markup]) -> Markup:
    cell = Markup("<{0}{1}>{2}</{0}>")
    return joined(cell.format(tag, kind, esc(value)) for value, kind in zip(values, kinds, strict=True))
