"""Plain values as columns: the shapes in which people keep predictions in JSON, pickles and arrays."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import PredictionsError
from core.predictions.columns import ID_NAMES

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["columns_of", "columns_of_lists"]

# A longer list in a cell is an embedding, or the like.
_MOST_PARTS = 8
# Beyond it not every whole number is a float, and beyond the other none is an id.
_EXACT, _MOST = 2**53, 2**512
_SHAPES = (
    "a dictionary from each clip's name to its score (or to a dictionary or list of values), a dictionary of equally "
    "long lists such as ids and scores, or a list of rows"
)


def columns_of(value: Any, where: str) -> "dict[str, pa.Array]":
    """Return the columns [shape=(n,)] of a plain value, text or float64.

    Parameters
    ----------
    value : object
        A dictionary from names to scores, to dictionaries or to lists of values; a dictionary of equally long lists;
        or a list of rows, each a dictionary or a list; or a dictionary whose one value is such a list of dictionaries.
    where : str
        The file, for messages.

    Raises
    ------
    PredictionsError
        When it has no such shape, or the rows have different columns.
    """
    if isinstance(value, Mapping):
        if value and all(_is_list(column) for column in value.values()) and _has_ids(value):
            return columns_of_lists({str(name): list(column) for name, column in value.items()}, where)
        if len(value) == 1 and _is_rows(wrapped := next(iter(value.values()))):
            return columns_of(wrapped, where)
        rows = [_row(content, where) for content in value.values()]
        return columns_of_lists({"id": [str(name) for name in value], **_of_rows(rows, where)}, where)
    if _is_list(value) and len(value):
        return columns_of_lists(_of_rows([_row(content, where) for content in value], where), where)
    raise PredictionsError(f"{where} holds no predictions: it must hold {_SHAPES}.")


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim > 0)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _has_ids(value: Mapping[Any, Any]) -> bool:
    """Return whether one of the lists is of ids, or of text: those of a dictionary by names are all of numbers."""
    if any(str(name).lower() in ID_NAMES for name in value):
        return True
    return any(len(column) and isinstance(column[0], str | bytes) for column in value.values())


def _row(content: Any, where: str) -> dict[str, Any]:
    if isinstance(content, Mapping):
        cells: dict[str, Any] = {}
        for name, cell in content.items():
            cells |= {f"{name} {part}": value for part, value in _parts(cell)} or {str(name): cell}
        return cells
    if isinstance(content, np.ndarray) and content.ndim == 0:
        return {"score": content.item()}
    if _is_list(content):
        return {f"column {place}": cell for place, cell in enumerate(content, start=1)}
    return {"score": content}


def _parts(cell: Any) -> list[tuple[str, Any]]:
    """Return the parts of a cell that holds several: a dictionary's, or those of a short list such as a softmax."""
    if isinstance(cell, Mapping):
        return [(str(name), value) for name, value in cell.items()]
    if _is_list(cell) and 1 < len(cell) <= _MOST_PARTS:
        return [(str(place), value) for place, value in enumerate(cell, start=1)]
    return []


def _of_rows(rows: Sequence[dict[str, Any]], where: str) -> dict[str, list[Any]]:
    names = list(rows[0]) if rows else []
    for number, row in enumerate(rows, start=1):
        if row.keys() != rows[0].keys():
            found, wanted = (", ".join(some)[:80] for some in (row, names))
            raise PredictionsError(
                f"{where}: entry {number} has {found} and the first has {wanted}: give all the same, or write null."
            )
    return {name: [row[name] for row in rows] for name in names}


def columns_of_lists(columns: Mapping[str, list[Any]], where: str) -> "dict[str, pa.Array]":
    """Return equally long lists as columns [shape=(n,)], text or float64; those of anything else are left out.

    Raises
    ------
    PredictionsError
        When their lengths differ.
    """
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        text = ", ".join(f"{name} {length:,}" for name, length in lengths.items())
        raise PredictionsError(f"{where} holds lists of different lengths ({text}): give one value a clip in each.")
    found = {name: _array(column) for name, column in columns.items()}
    return {name: column for name, column in found.items() if column is not None}


def _array(column: list[Any]) -> "pa.Array | None":
    """Return a column as numbers where all are, as text where all are either; one of anything else is left out."""
    import pyarrow as pa

    plain = [value.item() if isinstance(value, np.generic | np.ndarray) and value.size == 1 else value
             for value in column]  # fmt: skip
    # Whole numbers that a float would round, such as hashes that are ids, are kept as text.
    largest = max((abs(value) for value in plain if isinstance(value, int)), default=0)
    if largest > _MOST:
        return None
    if largest <= _EXACT and all(value is None or isinstance(value, int | float) for value in plain):
        return pa.array([None if value is None else float(value) for value in plain], pa.float64())
    if all(value is None or isinstance(value, str | bytes | int | float) for value in plain):
        return pa.array([None if value is None else _text(value) for value in plain], pa.string())
    return None


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
