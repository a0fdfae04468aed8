"""Files that the page hands over: tables as they stand on it, and a run's clips with their scores."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import gradio as gr

from core.errors import ResultsError
from dashboard.components.markup import Markup

if TYPE_CHECKING:
    import pandas as pd
    from gradio.components import Component

__all__ = ["DOWNLOAD", "all_rows", "handed_over", "page_table", "wire_tables"]

#: A script that saves the file whose link was just put into an element: ``DOWNLOAD % elem_id``.
DOWNLOAD = (
    "() => { const link = document.querySelector('#%s a[data-fresh]'); if (link) { link.removeAttribute('data-fresh'); "
    "link.click(); } }"
)
_MOST_LETTERS = 20_000_000


def handed_over(owner: "Component", data: bytes, name: str) -> Markup:
    """Return a link to a file of these bytes in the server's cache, which is emptied by itself."""
    from gradio.processing_utils import save_bytes_to_cache

    path = save_bytes_to_cache(data, name, owner.GRADIO_CACHE)
    owner.temp_files.add(path)
    html = '<a class="ss-file" href="gradio_api/file={}" download="{}" data-fresh>{}</a>'
    return Markup(html).format(quote(path), name, name)


def all_rows(owner: "Component", rows: "pd.DataFrame", name: str, ending: str) -> Markup:
    """Return a link to all rows of a table that stands on the page in pages, as one of the formats of an export."""
    import pyarrow

    from core.results.exporting import table_bytes

    table = pyarrow.Table.from_pandas(rows, preserve_index=False)
    return handed_over(owner, table_bytes(table, ending), f"{name}.{ending}")


def page_table(request: str) -> tuple[str, bytes]:
    """Return name and Parquet of a table that the browser sends as it stands on the page.

    Parameters
    ----------
    request : str
        JSON: ``name``, ``head`` (texts) and ``rows`` (lists of texts as long as ``head``).

    Raises
    ------
    ResultsError
        When it is none.
    """
    from core.results.exporting import parquet_bytes, plain_table

    try:
        if len(request) > _MOST_LETTERS:
            raise ValueError("it is too large")
        asked = json.loads(request)
        name, head, rows = (asked[key] for key in ("name", "head", "rows"))
        texts = [name, *head, *(cell for row in rows for cell in row)]
        if not all(isinstance(text, str) for text in texts) or any(len(row) != len(head) for row in rows):
            raise ValueError("its rows are not as long as its head")
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ResultsError(f"This is no table of the page ({error}): load the page anew.") from error
    safe = "".join(letter for letter in name if letter.isalnum() or letter == "-")[:60] or "table"
    return f"{safe}.parquet", parquet_bytes(plain_table(head, rows))


def wire_tables() -> None:
    """Lay out the hidden parts by which ``static/exporting.js`` asks for a table as Parquet, and is given it."""
    request = gr.Textbox(visible="hidden", elem_id="ss-table-request", container=False)
    link = gr.HTML(visible="hidden", elem_id="ss-table-file", padding=False)

    def make(asked: str) -> Any:
        name, data = page_table(asked)
        return handed_over(link, data, name)

    from dashboard.context import AT_ONCE

    request.change(make, request, link, **AT_ONCE).then(
        None, None, None, js=DOWNLOAD % "ss-table-file", api_visibility="private"
    )
