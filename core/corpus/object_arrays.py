"""Reading ``.npy`` files that hold Python objects without unpickling them (``core.plain_pickle``)."""

from pathlib import Path
from typing import Any

import numpy as np

from core.errors import CorpusError
from core.plain_pickle import NotPlainError, plain_value

__all__ = ["read_object"]

_LARGEST = 2 << 30


def read_object(path: Path) -> Any:
    """Return the one value of a ``.npy`` file of objects, such as a dictionary of arrays.

    Parameters
    ----------
    path : Path
        Written by ``numpy.save`` of a dictionary or list.

    Raises
    ------
    CorpusError
        When it is no such file, or holds anything but dictionaries, lists, tuples, text, numbers and arrays of these.
    """
    if path.stat().st_size > _LARGEST:
        raise CorpusError(f"{path} is larger than 2 GB: no segment labels are.")
    with path.open("rb") as file:
        try:
            version = np.lib.format.read_magic(file)
            header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
            shape, _, kind = header(file)
            if kind.hasobject and shape == ():
                found = plain_value(file.read())
                if isinstance(found, np.ndarray):
                    return found.item()
        except NotPlainError as error:
            raise CorpusError(
                f"{path} holds more than dictionaries, lists, text and arrays ({error.what}), which reading it could "
                "run: it was not read. Save it anew as a dictionary of arrays, where you trust it."
            ) from error
        except (ValueError, KeyError) as error:
            raise CorpusError(f"{path} cannot be read as an array of objects: {error}.") from error
    raise CorpusError(f"{path} holds no dictionary: give a file that numpy.save wrote of one, as PartialSpoof's are.")
