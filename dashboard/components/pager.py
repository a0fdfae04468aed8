"""Long tables in pages: every row can be reached, a hundred at a time."""

from typing import Any

import gradio as gr

from core.results.exporting import FORMATS
from dashboard.components.markup import Markup, joined

__all__ = ["PAGE_ROWS", "page_of", "pager", "saved_as", "turned"]

#: Rows on a page.
PAGE_ROWS = 100
_MOST_PAGES, _AROUND = 20, 3


def page_of(rows: int, wanted: int) -> tuple[int, int, int]:
    """Return the page that is shown (from 1), and its first and last row (from 0, the last one excluded).

    Parameters
    ----------
    rows : int
        How many there are.
    wanted : int
        The page asked for; the nearest one where there is none of that number.
    """
    page = min(max(1, wanted), max(1, -(-rows // PAGE_ROWS)))
    return page, (page - 1) * PAGE_ROWS, min(rows, page * PAGE_ROWS)


def pager(rows: int, page: int, *, what: str) -> Markup:
    """Return which rows are shown, and buttons to the other pages; ``turned`` reads which was pressed."""
    _, first, last = page_of(rows, page)
    shown = f"{first + 1:,}–{last:,} of {rows:,} {what}" if rows else f"0 {what}"
    pages = range(1, -(-rows // PAGE_ROWS) + 1)
    near = [number for number in pages if _is_listed(number, page, len(pages))]
    gaps = [Markup("… " if at - before > 1 else "") for before, at in zip([0, *near], near, strict=False)]
    buttons = joined(gap + _button(number, page) for gap, number in zip(gaps, near, strict=True) if len(pages) > 1)
    html = '<nav class="ss-pager" aria-label="Pages of {}"><span>{}</span>{}</nav>'
    return Markup(html).format(what, shown, buttons)


def _is_listed(number: int, page: int, last: int) -> bool:
    """Return whether a page has a button: all where they are few, else the ends and those around the one shown."""
    return last <= _MOST_PAGES or number in (1, last) or abs(number - page) <= _AROUND


def _button(number: int, page: int) -> Markup:
    here = Markup(' aria-current="page"') if number == page else Markup("")
    return Markup('<button type="button" data-page="{0}"{1} aria-label="Page {0}">{0}</button>').format(number, here)


def turned(event: gr.EventData) -> int | None:
    """Return the page that was pressed, or None where a row was."""
    page: Any = getattr(event, "page", None)
    return int(page) if page else None


def saved_as(event: gr.EventData) -> str | None:
    """Return the format in which all rows are asked for, or None where they are not (``core.results.exporting``)."""
    ending: Any = getattr(event, "save", None)
    return ending if ending in FORMATS else None
