"""Arrays as ``.npz`` files that may come from anyone: written uncompressed, and read without trusting a header."""

import io
import math
import zipfile
from collections.abc import Mapping

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.errors import CaseError
from core.files import DAMAGED_ZIP

__all__ = ["npz", "read_npz"]


def npz(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Return arrays as an ``.npz`` file; its bytes follow from the arrays alone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            one = io.BytesIO()
            npy.write_array(one, np.asarray(array, order="C"), version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), one.getvalue())
    return buffer.getvalue()


def read_npz(data: bytes) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a file that ``npz`` wrote.

    Raises
    ------
    CaseError
        When the file is damaged, compressed, or claims more than it holds.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {info.filename.removesuffix(".npy"): _array(archive, info) for info in archive.infolist()}
    except DAMAGED_ZIP as error:
        raise CaseError(f"An array of the case cannot be read: {error}.") from error


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> NDArray[np.generic]:
    if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
        raise ValueError(f"{info.filename} is compressed")
    content = io.BytesIO(archive.read(info))
    if npy.read_magic(content) != (1, 0):
        raise ValueError(f"{info.filename} is of another version of the format")
    shape, fortran, dtype = npy.read_array_header_1_0(content)
    rest = content.read()
    if dtype.hasobject or fortran or len(rest) != dtype.itemsize * math.prod(shape):
        raise ValueError(f"{info.filename} holds other than its header claims")
    return np.frombuffer(rest, dtype=dtype).reshape(shape)
