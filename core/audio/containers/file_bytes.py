"""A file's bytes by position, read through a small buffer: a survey looks at many places and keeps none."""

from typing import BinaryIO

__all__ = ["FileBytes"]

BUFFER_BYTES = 1 << 18


class FileBytes:
    """The bytes of an open file, without holding them.

    Parameters
    ----------
    file : BinaryIO
        A regular file opened for reading.
    size : int
        Its length in bytes.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self.size = size
        self._at = 0
        self._buffer = b""

    def read(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset``, fewer where the file ends."""
        first = offset - self._at
        if first < 0 or first + length > len(self._buffer):
            self._file.seek(offset)
            self._buffer = self._file.read(max(BUFFER_BYTES, length))
            self._at, first = offset, 0
        return self._buffer[first : first + length]

    def number(self, offset: int, length: int, *, big: bool = True) -> int:
        """Return the unsigned number of ``length`` bytes at ``offset``; past the end its missing bytes are none."""
        return int.from_bytes(self.read(offset, length), "big" if big else "little")

    def find(self, needle: bytes, start: int) -> int:
        """Return the first position of ``needle`` at or after ``start``, or -1."""
        at = start
        while at < self.size:
            block = self.read(at, BUFFER_BYTES)
            found = block.find(needle)
            if found >= 0:
                return at + found
            if len(block) < len(needle):
                return -1
            at += len(block) - len(needle) + 1
        return -1
