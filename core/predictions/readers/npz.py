"""NumPy's archives of arrays."""

import zipfile
from typing import IO, ClassVar

import numpy as np
from numpy.lib import format as npy

from core.errors import PredictionsError
from core.files import DAMAGED_ZIP
from core.plain_pickle import NotPlainError, plain_value
from core.predictions.plain import columns_of_lists
from core.predictions.reader import READERS, Head, Raw, Reader

__all__ = ["Npz"]

_LARGEST = 2 << 30
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


@READERS.register("npz")
class Npz(Reader):
    """One array a column, as ``numpy.savez(path, ids=ids, scores=scores)`` writes them.

    Arrays of the longest length are the columns; the others are left out. An array of objects, as pandas gives names,
    is a pickle, and is read where it holds plain values.
    """

    title: ClassVar[str] = "NPZ"

    def claims(self, head: Head) -> bool:
        """Return whether it begins as a zip archive does."""
        return head.start.startswith(b"PK")

    def read(self, head: Head) -> Raw:
        """Return the flat arrays of the archive."""
        try:
            columns = _arrays(head)
        except NotPlainError as error:
            raise PredictionsError(
                f"{head.path} has an array of objects other than text and numbers ({error.what}), which reading it "
                "could run: it was not read. Save ids and scores as arrays of text and of numbers."
            ) from error
        except (KeyError, *DAMAGED_ZIP) as error:
            raise PredictionsError(
                f"{head.path} is damaged, or no archive of plain arrays ({error}): write it with numpy.savez(path, "
                "ids=..., scores=...)."
            ) from error
        longest = max((len(column) for column in columns.values()), default=0)
        kept = {name: list(column.tolist()) for name, column in columns.items() if len(column) == longest}
        return Raw(columns_of_lists(kept, str(head.path)), headed=True)


def _arrays(head: Head) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(head.path) as archive:
        entries = archive.infolist()
        if not any(entry.filename.endswith(".npy") for entry in entries):
            sheet = any(entry.filename.startswith(("xl/", "content.xml")) for entry in entries)
            advice = "a spreadsheet: save it as CSV" if sheet else "a zip without arrays: unpack it"
            raise PredictionsError(f"{head.path} is {advice}.")
        if sum(entry.file_size for entry in entries) > _LARGEST:
            raise PredictionsError(f"{head.path} unpacks to more than {_LARGEST >> 30} GB: give ids and scores alone.")
        found = {}
        for entry in entries:
            if entry.filename.endswith(".npy"):
                with archive.open(entry) as stream:
                    found[entry.filename.removesuffix(".npy")] = _array(stream)
    return {name: array for name, array in found.items() if array.ndim == 1}


def _array(stream: IO[bytes]) -> np.ndarray:
    version = npy.read_magic(stream)
    _, _, kind = _HEADERS[version](stream)
    if kind.hasobject:
        return np.asarray(plain_value(stream.read()), dtype=object)
    stream.seek(0)
    return np.asarray(npy.read_array(stream, allow_pickle=False))
