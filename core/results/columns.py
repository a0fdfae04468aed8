"""Columns of a run's tables, read through DuckDB when they are asked for; text comes as codes of a dictionary."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.parquet
from numpy.typing import NDArray

from core.errors import ResultsError

if TYPE_CHECKING:
    import duckdb

__all__ = ["column_names", "find_row", "read_columns", "read_rows"]

# What DuckDB, the reader of Parquet in it, and Arrow raise of a file that is no table, or is gone.
_UNREADABLE = (OSError, pyarrow.ArrowException)


@cache
def _database() -> "duckdb.DuckDBPyConnection":
    """Return a database in memory: the parts never change, so that nothing has to be locked or copied into it."""
    import duckdb

    # What is read is in the package; a database that may load extensions would look for them on the network.
    return duckdb.connect(
        ":memory:", config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    )  # fmt: skip


def column_names(path: Path) -> tuple[str, ...]:
    """Return the names of a table's columns, from its last bytes alone.

    Raises
    ------
    ResultsError
        When it cannot be read as a table.
    """
    try:
        return tuple(pyarrow.parquet.read_schema(path).names)
    except _UNREADABLE as error:
        raise ResultsError(f"{path} cannot be read as a table: {error}") from error


def read_columns(path: Path, columns: Sequence[str]) -> dict[str, pd.Series]:
    """Return columns of a Parquet file in its order, each of shape (n,); no other column is read.

    Text is of pandas' ``category`` dtype (a 32-bit code a row and each text once), numbers as they are stored.

    Raises
    ------
    ResultsError
        When the file cannot be read as a table, or lacks a column.
    """
    table = _asked(f"SELECT {_listed(path, columns)} FROM read_parquet(?)", [str(path)], path)
    return {name: _series(table.column(name), name) for name in columns}


def read_rows(path: Path, index: NDArray[np.integer], columns: Sequence[str]) -> pd.DataFrame:
    """Return columns of a few rows of a Parquet file, in the order of ``index`` (positions, first = 0).

    Raises
    ------
    ResultsError
        As ``read_columns`` does.
    """
    wanted = np.unique(np.asarray(index, dtype=np.int64))
    query = (
        f"SELECT file_row_number AS position, {_listed(path, columns)} FROM read_parquet(?, file_row_number = true) "
        "WHERE file_row_number IN (SELECT unnest(?)) ORDER BY file_row_number"
    )
    found = _asked(query, [str(path), wanted.tolist()], path).to_pandas()
    place = np.searchsorted(found.pop("position").to_numpy(), index)
    return found.iloc[place].reset_index(drop=True)


def find_row(path: Path, column: str, value: str) -> int | None:
    """Return the first row of a Parquet file (from 0) that has a value; None where none has.

    Raises
    ------
    ResultsError
        As ``read_columns`` does.
    """
    query = (
        "SELECT min(file_row_number) AS position FROM read_parquet(?, file_row_number = true) "
        f"WHERE {_listed(path, [column])} = ?"
    )
    found: int | None = _asked(query, [str(path), value], path).column("position")[0].as_py()
    return found


def _listed(path: Path, columns: Sequence[str]) -> str:
    known = column_names(path)
    if missing := [name for name in columns if name not in known]:
        raise ResultsError(f"{path} has no column {', '.join(missing)}; it has: {', '.join(known)}.")
    return ", ".join('"' + name.replace('"', '""') + '"' for name in columns)


def _asked(query: str, given: list[object], path: Path) -> pyarrow.Table:
    import duckdb

    try:
        # A cursor is this thread's own; one connection must not be used by two at once.
        with _database().cursor() as cursor:
            return cursor.sql(query, params=given).to_arrow_table()
    except (duckdb.Error, *_UNREADABLE) as error:
        raise ResultsError(f"{path} cannot be read as a table: {error}") from error


def _series(column: pyarrow.ChunkedArray, name: str) -> pd.Series:
    if not pyarrow.types.is_string(column.type) and not pyarrow.types.is_large_string(column.type):
        return pd.Series(column.to_numpy(), name=name, copy=False)
    coded = column.dictionary_encode().combine_chunks()
    return pd.Series(coded.to_pandas(), name=name, copy=False)
