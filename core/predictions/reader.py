"""What a reader of predictions is, and how the one for a file is found: by what the file holds, not by its name."""

import re
import stat
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from core.errors import PredictionsError
from core.plugins import Registry

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["READERS", "Head", "Raw", "Reader", "read_raw"]

_LARGEST = 4 << 30
_COMMENT = re.compile(r"\ufeff?\s*#+(\s|$)")
_HEAD = 1 << 16
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_FOREIGN = {
    b"\x1f\x8b": "is compressed: unpack it (gunzip) and give the file inside",
    b"BZh": "is compressed: unpack it (bunzip2) and give the file inside",
    b"\xfd7zXZ": "is compressed: unpack it (unxz) and give the file inside",
    b"\x93NUMPY": "is one array without the clips' names: save names and scores together, as with numpy.savez",
    b"\xd0\xcf\x11\xe0": "is a spreadsheet: save it as CSV",
}


@dataclass(frozen=True)
class Head:
    """The beginning of a file; ``text`` is None where it is no text."""

    path: Path
    start: bytes
    text: str | None
    encoding: str

    @cached_property
    def skipped(self) -> int:
        """How many lines stand before the first that holds something: empty ones, and comments (``# ...``)."""
        lines = (self.text or "").splitlines()
        held = (at for at, line in enumerate(lines) if line.strip() and not _COMMENT.match(line))
        return next(held, len(lines))

    @cached_property
    def first_lines(self) -> list[str]:
        """The first lines that hold something; the last of them may be cut."""
        return [line for line in (self.text or "").splitlines()[self.skipped :] if line.strip()][:50]


@dataclass(frozen=True)
class Raw:
    """The columns of a file as they stand in it.

    Attributes
    ----------
    columns : mapping of str to Array [shape=(n,)]
        Text or float64; called by the file's header, or ``column 1``, ``column 2`` ... where it has none.
    headed : bool
        Whether the names are the file's own.
    notes : tuple of str
        What a person should know of the reading.
    """

    columns: Mapping[str, "pa.Array | pa.ChunkedArray"]
    headed: bool
    notes: tuple[str, ...] = ()


class Reader(ABC):
    """One format; a subclass registered in ``READERS``, in a file of its own under ``readers``."""

    #: What the format is called, for a person.
    title: ClassVar[str]

    @abstractmethod
    def claims(self, head: Head) -> bool:
        """Return whether a file that begins so is of this format; no two readers may claim one file."""

    @abstractmethod
    def read(self, head: Head) -> Raw:
        """Return the file's columns; raises ``PredictionsError`` where it is damaged."""


READERS: Registry[type[Reader]] = Registry("reader of predictions", "core.predictions.readers")


def read_raw(path: Path | str) -> tuple[str, Raw]:
    """Return the format of a file, by its title, and its columns.

    Raises
    ------
    PredictionsError
        When there is no such file, it is of no known format, or damaged; the message says what and what to do.
    """
    head = _head(Path(path))
    for name in READERS.names():
        reader = READERS.get(name)()
        if reader.claims(head):
            raw = reader.read(head)
            if not raw.columns or not len(next(iter(raw.columns.values()))):
                raise PredictionsError(f"{path} holds no predictions: it has no row. Write one line a clip.")
            return reader.title, raw
    known = "; ".join(READERS.get(name).title for name in READERS.names())
    raise PredictionsError(f"{path} is no file of predictions that is read here. These are: {known}.")


def _head(path: Path) -> Head:
    try:
        about = path.stat()
    except OSError as error:
        raise PredictionsError(f"{path} cannot be read ({error.strerror}): check the path.") from error
    if not stat.S_ISREG(about.st_mode):
        raise PredictionsError(f"{path} is no file: give a file of predictions, or a run's folder.")
    if about.st_size > _LARGEST:
        raise PredictionsError(f"{path} is larger than {_LARGEST >> 30} GB: give ids and scores alone.")
    if not about.st_size:
        raise PredictionsError(f"{path} is empty: write one line a clip.")
    with path.open("rb") as file:
        start = file.read(_HEAD)
    for magic, advice in _FOREIGN.items():
        if start.startswith(magic):
            raise PredictionsError(f"{path} {advice}.")
    return Head(path, start, *_decoded(start))


def _decoded(start: bytes) -> tuple[str | None, str]:
    encoding = next((name for bom, name in _BOMS.items() if start.startswith(bom)), "utf-8")
    if encoding != "utf-16" and b"\0" in start:
        return None, encoding
    # The last character may be cut in two.
    text = start.decode(encoding, "ignore" if len(start) == _HEAD else "replace")
    return text, encoding
