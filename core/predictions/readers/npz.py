"""NumPy's archives of arrays."""

import zipfile
from typing import ClassVar

import numpy as np

from core.errors import PredictionsError
from core.files import DAMAGED_ZIP
from core.predictions.plain import columns_of
from core.predictions.reader import READERS, Head, Raw, Reader

__all__ = ["Npz"]

_LARGEST = 2 << 30


@READERS.register("npz")
class Npz(Reader):
    """One array a column, as ``numpy.savez(path, ids=ids, scores=scores)`` writes them; arrays of objects are not read.

    Arrays of the longest length are the columns; the others are left out.
    """

    title: ClassVar[str] = "NPZ"

    def claims(self, head: Head) -> bool:
        """Return whether it begins as a zip archive does."""
        return head.start.startswith(b"PK")

    def read(self, head: Head) -> Raw:
        """Return the flat arrays of the archive."""
        try:
            columns = _arrays(head)
        except (KeyError, *DAMAGED_ZIP) as error:
            raise PredictionsError(
                f"{head.path} is damaged, or no archive of plain arrays ({error}): write it with numpy.savez(path, "
                "ids=..., scores=...), the ids as an array of text, not of objects."
            ) from error
        longest = max((len(column) for column in columns.values()), default=0)
        kept = {name: list(column.tolist()) for name, column in columns.items() if len(column) == longest}
        return Raw(columns_of(kept, str(head.path)) if kept else {}, headed=True)


def _arrays(head: Head) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(head.path) as archive:
        names = [entry.filename for entry in archive.infolist()]
        if not any(name.endswith(".npy") for name in names):
            sheet = any(name.startswith(("xl/", "content.xml")) for name in names)
            advice = "a spreadsheet: save it as CSV" if sheet else "a zip without arrays: unpack it"
            raise PredictionsError(f"{head.path} is {advice}.")
        if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
            raise PredictionsError(f"{head.path} unpacks to more than {_LARGEST >> 30} GB: give ids and scores alone.")
    with np.load(head.path, allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in arrays.files if name + ".npy" in names or name in names}
    return {name: array for name, array in found.items() if array.ndim == 1}
