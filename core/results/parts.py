"""Parts of a run: folders that are written once, sealed, and read only where they are intact."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.parquet
from numpy.typing import NDArray

from core.errors import ResultsError
from core.files import atomic_folder, sealed, sha256_bytes, sha256_file, write_bytes, write_json
from core.results.columns import column_names, find_row, read_columns, read_rows

__all__ = ["Part", "clips_digest", "part_folder", "read_part", "write_part"]

_ABOUT, _SEAL = "part.json", "part_sha256"
# So that several cores read one column, and a few rows do not cost all of it.
_ROWS_AT_ONCE = 65_536
_AGAIN = "restore it, or delete {folder} and run evaluate again"


@dataclass(frozen=True, eq=False)
class Part:
    """One part: tables in Parquet and arrays in .npy, each checked against its digest when it is first read.

    Attributes
    ----------
    folder : Path
    about : dict
        What the part is made from (``key``), and its ``files``: rows, bytes and SHA-256 of each.
    """

    folder: Path
    about: dict[str, Any]
    _checked: set[str] = field(default_factory=set)

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """Rows, bytes and SHA-256 of each file, by its name."""
        files: dict[str, dict[str, Any]] = self.about["files"]
        return files

    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table, or some of its columns; no other column is read.

        Raises
        ------
        ResultsError
            When the file is missing or damaged; the message names it.
        """
        path = self._intact(name)
        try:
            return pd.read_parquet(path, columns=None if columns is None else list(columns))
        except (OSError, pyarrow.ArrowException) as error:
            raise ResultsError(f"{path} cannot be read as a table: {error}") from error

    def column_names(self, name: str) -> tuple[str, ...]:
        """Return the names of a table's columns.

        Raises
        ------
        ResultsError
            When the file is missing or damaged; the message names it.
        """
        return column_names(self._intact(name))

    def columns(self, name: str, columns: Sequence[str]) -> dict[str, pd.Series]:
        """Return some columns of a table, text as ``category``; see ``core.results.columns.read_columns``.

        Raises
        ------
        ResultsError
            When the file is missing or damaged, or has no such column; the message names it.
        """
        return read_columns(self._intact(name), columns)

    def rows(self, name: str, index: NDArray[np.integer], columns: Sequence[str]) -> pd.DataFrame:
        """Return some columns of a few rows of a table; see ``core.results.columns.read_rows``.

        Raises
        ------
        ResultsError
            As ``columns`` does.
        """
        return read_rows(self._intact(name), index, columns)

    def find(self, name: str, column: str, value: str) -> int | None:
        """Return the first row of a table that has a value in a column; None where none has.

        Raises
        ------
        ResultsError
            As ``columns`` does.
        """
        return find_row(self._intact(name), column, value)

    def array(self, name: str) -> NDArray[np.floating]:
        """Return an array, mapped from its file.

        Raises
        ------
        ResultsError
            When the file is missing or damaged; the message names it.
        """
        path = self._intact(name)
        try:
            stored: NDArray[np.floating] = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise ResultsError(f"{path} cannot be read as an array: {error}") from error
        return stored

    def verify(self) -> None:
        """Check every file against its digest now.

        Raises
        ------
        ResultsError
            When one is missing or damaged; the message names it.
        """
        for name in self.files:
            self._intact(name)

    def _intact(self, name: str) -> Path:
        path = self.folder / name
        if name in self._checked:
            return path
        if name not in self.files:
            raise ResultsError(f"The part {self.folder} has no {name}: {_again(self.folder)}.")
        try:
            found = sha256_file(path)
        except OSError as error:
            reason = error.strerror or error
            raise ResultsError(f"{path} cannot be read ({reason}): was the run moved? Open it anew.") from error
        if found != self.files[name]["sha256"]:
            raise ResultsError(f"{path} does not match its digest: it was damaged; {_again(self.folder)}.")
        self._checked.add(name)
        return path


def clips_digest(part: Part) -> str:
    """Return the SHA-256 of the clips' table: the scores of a detector stand in its order."""
    return str(part.files["clips.parquet"]["sha256"])


def part_folder(run: Path, key: str) -> Path:
    """Return the folder of the part with this key."""
    return run / "parts" / key[:16]


def write_part(
    run: Path, key: str, about: Mapping[str, Any], files: Mapping[str, pd.DataFrame | NDArray[np.floating]]
) -> None:
    """Write a part, whole or not at all.

    Parameters
    ----------
    run : Path
        Folder of the run.
    key : str
        What the part is made from.
    about : mapping
        What else is known of it; plain JSON values.
    files : mapping of str to DataFrame or ndarray
        By name: tables end in .parquet, arrays in .npy.
    """
    entries: dict[str, dict[str, Any]] = {}
    with atomic_folder(part_folder(run, key), overwrite=True) as temporary:
        for name, content in files.items():
            data = _parquet(content) if isinstance(content, pd.DataFrame) else _npy(content)
            write_bytes(temporary / name, data)
            entries[name] = {"rows": len(content), "bytes": len(data), "sha256": sha256_bytes(data)}
        write_json(temporary / _ABOUT, sealed({**about, "key": key, "files": entries}, _SEAL))


def _parquet(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    # Without what pandas adds for itself: it is longer than some of these tables.
    plain = pyarrow.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
    pyarrow.parquet.write_table(plain, buffer, compression="zstd", row_group_size=_ROWS_AT_ONCE)
    return buffer.getvalue()


def _npy(array: NDArray[np.floating]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def read_part(run: Path, key: str) -> Part | None:
    """Return the part with this key, or None where there is none; every file is there and of the right length.

    Raises
    ------
    ResultsError
        When the part is incomplete or damaged; the message names the file.
    """
    folder = part_folder(run, key)
    if not folder.is_dir():
        return None
    path = folder / _ABOUT
    try:
        about = json.loads(path.read_bytes().decode())
    except (OSError, ValueError) as error:
        raise ResultsError(f"{path} cannot be read: {error}; {_again(folder)}.") from error
    if not isinstance(about, dict) or sealed(about, _SEAL) != about or about["key"] != key:
        raise ResultsError(f"{path} does not match its own digest: it was damaged or edited; {_again(folder)}.")
    for name, entry in about["files"].items():
        file = folder / name
        if not file.is_file():
            raise ResultsError(f"{file} is missing: the part is incomplete; {_again(folder)}.")
        if file.stat().st_size != entry["bytes"]:
            raise ResultsError(f"{file} is not as long as when it was written: it was damaged; {_again(folder)}.")
    return Part(folder, about)


def _again(folder: Path) -> str:
    return _AGAIN.format(folder=folder)
