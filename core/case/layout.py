"""What all parts of the report are laid out with: tables, paragraphs, parts under a heading."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

__all__ = ["part", "say", "table"]


# Tables of so many rows are kept on one page.
_SHORT = 12


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, text: Sequence[int] = (0,), kind: str = ""
) -> Markup:
    """Return a table; the columns that are not numbered in ``text`` are set to the right."""
    rows = list(rows)

    def cells(tag: str, values: Sequence[object]) -> Markup:
        return Markup("").join(
            Markup("<{0}{1}>{2}</{0}>").format(tag, Markup("" if place in text else ' class="n"'), value)
            for place, value in enumerate(values)
        )

    body = Markup("").join(Markup("<tr>{}</tr>").format(cells("td", row)) for row in rows)
    classes = " ".join(filter(None, (kind, "short" if len(rows) <= _SHORT else "")))
    html = '<table class="{}"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
    return Markup(html).format(classes, cells("th", columns), body)


def part(title: str, *inside: Markup) -> Markup:
    """Return a part of a recording's section."""
    return Markup("<div class='part'><h3>{}</h3>{}</div>").format(title, Markup("").join(inside))


def say(text: str, *given: object) -> Markup:
    """Return a paragraph; what is given is escaped."""
    return Markup("<p>{}</p>").format(Markup(text).format(*given))
