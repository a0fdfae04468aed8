"""Tables for other programs: a run's clips with their scores, as CSV that no spreadsheet runs, or as Parquet."""

import io
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

from core.analysis.calibration import p_spoof
from core.results.embedded import has_embeddings
from core.results.maps import instant
from core.results.queries import detectors, names

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.results.store import Run

__all__ = [
    "FORMATS", "atlas_table", "clips_table", "csv_bytes", "parquet_bytes", "plain_table", "table_bytes", "unguarded",
]  # fmt: skip

#: The formats of a table, by the ending of its file.
FORMATS = ("csv", "parquet")
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection). A dash alone is none: it stands for
# "no value" in the field's manifests, and has to come back as it was.
_FORMULA = "^(?s:[=+@\\t\\r\\x00]|-.)"
# What stands on the page where there is no value.
_NONE = ("", "–")
_RISKY = {"=", "+", "-", "@", "\t", "\r", "\x00"}


def clips_table(run: "Run", chosen: Sequence[str] | None = None) -> pyarrow.Table:
    """Return the clips of a run, or the selected ones: a row each, in the order of the run.

    Parameters
    ----------
    run : Run
        Whole, or some clips of it (``core.results.selected``).
    chosen : sequence of str, optional
        Whose scores are in it, "panel" among them; the panel's and all detectors' when not given.

    Returns
    -------
    Table
        Columns position (in the whole run), the clips' own, and for each detector ``llr_NAME`` (log-likelihood ratio,
        higher = more bona fide) and ``p_spoof_NAME``. Text is dictionary-encoded.
    """
    found: dict[str, Any] = {"position": np.asarray(run.positions, dtype=np.int64)}
    found |= {name: run.column(name) for name in run.columns}
    for name in names(run) if chosen is None else chosen:
        llr = run.llr(name)
        found[f"llr_{name}"] = llr.astype(np.float32)
        found[f"p_spoof_{name}"] = p_spoof(llr).astype(np.float32)
    return pyarrow.table({name: pyarrow.array(values, from_pandas=True) for name, values in found.items()})


def atlas_table(
    run: "Run", detector: str | None = None, *, audio: str = "none",
    locate: "Callable[[str], Path | None] | None" = None,
) -> pyarrow.Table:  # fmt: skip
    """Return ``clips_table`` with sound, embeddings and a map, as Embedding Atlas and Renumics Spotlight take them.

    Parameters
    ----------
    run : Run
        Whole, or some clips of it.
    detector : str, optional
        Whose embeddings; by default the detector with the lowest equal error rate of those that have some.
    audio : {"none", "path", "bytes"}
        What the column ``audio`` holds: nothing, the recording's path on this machine, or the recording itself. A clip
        whose recording is not here has none.
    locate : callable, optional
        Returns the recording of a clip by its path in the run.

    Returns
    -------
    Table
        Besides the clips' columns ``embedding`` (lists of float32), ``x`` and ``y`` (first two principal components),
        ``detector``; without the last four where the run keeps no embeddings.

    Raises
    ------
    ResultsError
        When ``detector`` is named and the run keeps no embeddings of it.
    """
    table = _with_plain_text(clips_table(run))
    if audio != "none":
        files = [locate(path) if locate is not None else None for path in table.column("path").to_pylist()]
        sound = [None if file is None else file.read_bytes() if audio == "bytes" else str(file) for file in files]
        table = table.append_column("audio", pyarrow.array(sound, pyarrow.binary() if audio == "bytes" else None))
    having = [name for name in detectors(run) if has_embeddings(run.whole, name)]
    name = detector or (having[0] if having else None)
    if name is None:
        return table
    plane = instant(run.whole, name).plane[run.positions]
    vectors = np.asarray(run.embeddings(name), dtype=np.float32)
    flat = pyarrow.array(vectors.ravel())
    lists = pyarrow.FixedSizeListArray.from_arrays(flat, vectors.shape[1]).cast(pyarrow.list_(pyarrow.float32()))
    for column, values in (("embedding", lists), ("x", plane[:, 0]), ("y", plane[:, 1])):
        table = table.append_column(column, pyarrow.array(values) if column != "embedding" else values)
    return table.append_column("detector", pyarrow.array([name] * len(run)))


def _with_plain_text(table: pyarrow.Table) -> pyarrow.Table:
    """Return a table without dictionaries: Embedding Atlas offers no colour by a column that has one."""
    plain = [
        pyarrow.field(field.name, field.type.value_type) if pyarrow.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    return table.cast(pyarrow.schema(plain))


def plain_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> pyarrow.Table:
    """Return a table of texts as it stands on the page; columns whose every cell is a number become numbers.

    A column of ids stays text where numbers would not give them back.

    Parameters
    ----------
    head : sequence of str
        Names; an empty or a repeated one is numbered.
    rows : sequence of sequences of str
        All as long as ``head``.
    """
    columns: dict[str, Any] = {}
    for at, name in enumerate(head):
        unique = name if name and name not in columns else f"{name or 'column'} {at + 1}"
        texts = pd.Series([row[at] for row in rows], dtype=object)
        known = [text for text in texts if text not in _NONE]
        columns[unique] = pd.to_numeric(texts, errors="coerce") if known and all(map(_is_number, known)) else texts
    return pyarrow.table({name: pyarrow.array(values, from_pandas=True) for name, values in columns.items()})


def _is_number(text: str) -> bool:
    """Whether a text is a number and nothing is lost by reading it as one, as the zeros of an id such as 0001 are."""
    try:
        number = float(text)
    except ValueError:
        return False
    decimals = len(text.partition(".")[2])
    return not math.isnan(number) and text.removeprefix("+") in {f"{number:.{decimals}f}", f"{number:g}"}


def table_bytes(table: pyarrow.Table, ending: str) -> bytes:
    """Return a table as a file of one of ``FORMATS``."""
    return {"csv": csv_bytes, "parquet": parquet_bytes}[ending](table)


def parquet_bytes(table: pyarrow.Table) -> bytes:
    """Return a table as Parquet."""
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def csv_bytes(table: pyarrow.Table) -> bytes:
    """Return a table as CSV in UTF-8 that a spreadsheet does not run.

    A text, or a column's name, that would begin a formula has an apostrophe before it.
    """
    safe = [_safe(table.column(name)) for name in table.column_names]
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(pyarrow.table(safe, names=[_safe_name(name) for name in table.column_names]), buffer)
    return buffer.getvalue()


def unguarded(text: str) -> str:
    """Return a text as it was before ``csv_bytes`` put an apostrophe before it."""
    return text[1:] if text.startswith("'") and re.match(_FORMULA, text[1:]) else text


def _safe_name(name: str) -> str:
    return f"'{name}" if name[:1] in _RISKY else name


def _safe(column: pyarrow.ChunkedArray) -> pyarrow.ChunkedArray:
    if pyarrow.types.is_dictionary(column.type):
        # Each text once, not once a clip.
        whole = column.combine_chunks()
        whole = whole.chunk(0) if isinstance(whole, pyarrow.ChunkedArray) else whole
        return pyarrow.chunked_array([_guarded(whole.dictionary).take(whole.indices)])
    is_text = pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type)
    return _guarded(column) if is_text else column


def _guarded(texts: Any) -> Any:
    risky = pyarrow.compute.match_substring_regex(texts, _FORMULA)
    mark, nothing = (pyarrow.scalar(text, texts.type) for text in ("'", ""))
    marked = pyarrow.compute.binary_join_element_wise(mark, texts, nothing)
    return pyarrow.compute.if_else(risky, marked, texts)
