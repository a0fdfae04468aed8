"""Judgements as a table: exported for other programs and other people, and read back."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow
import pyarrow.csv
import pyarrow.parquet

from core.errors import ReviewError
from core.results.exporting import unguarded
from core.review.judgement import Judgement, read_judgement

__all__ = ["judgement_table", "read_judgements"]

_COLUMNS = tuple(Judgement.model_fields)


def judgement_table(judgements: Iterable[Judgement]) -> pyarrow.Table:
    """Return judgements as a table, a row each, oldest first; ``core.results.exporting`` makes a file of it.

    Returns
    -------
    Table
        ``clips``, ``clip``, ``answer``, ``note``, ``reviewer``, ``when`` (ISO 8601), ``blind``, ``votes`` (JSON).
    """
    rows = [
        {**judgement.model_dump(mode="json"), "votes": json.dumps(dict(judgement.votes), ensure_ascii=False)}
        for judgement in sorted(judgements, key=lambda one: one.when)
    ]  # fmt: skip
    kinds = {name: pyarrow.bool_() if name == "blind" else pyarrow.string() for name in _COLUMNS}
    return pyarrow.Table.from_pylist(rows, schema=pyarrow.schema(list(kinds.items())))


def read_judgements(path: Path) -> tuple[list[Judgement], list[str]]:
    """Return the judgements of an export (CSV or Parquet), and a sentence for each row that is none.

    Raises
    ------
    ReviewError
        When the file is no table of judgements.
    """
    frame = _frame(path)
    if missing := [name for name in _COLUMNS if name not in frame.columns]:
        raise ReviewError(f"{path.name} is no table of judgements: it lacks {', '.join(missing)}. Export them anew.")
    found, problems = [], []
    for number, row in enumerate(frame[list(_COLUMNS)].to_dict(orient="records"), start=1):
        try:
            found.append(_judgement(row))
        except ReviewError as error:
            problems.append(f"Row {number} of {path.name} is left out. {error}")
    return found, problems


def _frame(path: Path) -> pd.DataFrame:
    try:
        if path.read_bytes()[:4] == b"PAR1":
            return pyarrow.parquet.read_table(path).to_pandas()
        texts = dict.fromkeys(_COLUMNS, pyarrow.string())
        options = pyarrow.csv.ConvertOptions(column_types=texts, strings_can_be_null=False)
        newlines = pyarrow.csv.ParseOptions(newlines_in_values=True)
        frame = pyarrow.csv.read_csv(path, convert_options=options, parse_options=newlines).to_pandas()
    except (OSError, pyarrow.ArrowException) as error:
        raise ReviewError(f"{path.name} cannot be read as a table of judgements: {error}. Export them anew.") from error
    return frame.map(lambda cell: unguarded(cell) if isinstance(cell, str) else cell)


def _judgement(row: dict[Any, Any]) -> Judgement:
    try:
        return read_judgement({**row, "votes": json.loads(row["votes"] or "{}")})
    except (ValueError, TypeError, RecursionError) as error:
        raise ReviewError(f"Its votes are no JSON: {error}.") from error
