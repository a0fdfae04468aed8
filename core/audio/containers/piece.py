"""A piece: one recording among those that a file holds end to end, and the bytes that a reader is shown of it."""

import io
from dataclasses import dataclass
from typing import BinaryIO

__all__ = ["Piece", "View"]


@dataclass(frozen=True)
class Piece:
    """One recording inside a file.

    Attributes
    ----------
    start, stop : int
        Its bytes in the file, ``stop`` excluded.
    promised_s : float or None
        Seconds that its header promises; None leaves that to the reader.
    counted_s : float or None
        Seconds that its frames amount to, where they were counted.
    frames : int or None
        Sample frames that count: what a block codec holds beyond them is filling. None: all that can be read.
    prefix : bytes
        Header shown to libsndfile before the piece, where the piece lacks one.
    patches : tuple of (int, bytes)
        What libsndfile is shown in place of the piece's own bytes, with the offset in the piece.
    ffmpeg_first : bool
        Whether libsndfile would read it wrongly.
    unread_bytes, unread_s : int, float
        What of it no reader reads: bytes that its tables do not count, seconds that its edits cut.
    notes : tuple of str
        What a person should know of it.
    """

    start: int
    stop: int
    promised_s: float | None = None
    counted_s: float | None = None
    frames: int | None = None
    prefix: bytes = b""
    patches: tuple[tuple[int, bytes], ...] = ()
    ffmpeg_first: bool = False
    unread_bytes: int = 0
    unread_s: float = 0.0
    notes: tuple[str, ...] = ()


class View(io.RawIOBase):
    """The piece as a file of its own, its prefix before it and its patches in place."""

    def __init__(self, file: BinaryIO, piece: Piece) -> None:
        self._file = file
        self._piece = piece
        self._length = len(piece.prefix) + piece.stop - piece.start
        self._position = 0

    def seekable(self) -> bool:
        """Return True."""
        return True

    def readable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position in the view."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position, which may lie past the end but not before the start."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes, fewer only at the end."""
        left = max(0, self._length - self._position)
        size = left if size < 0 else min(size, left)
        head = self._piece.prefix[self._position : self._position + size]
        inside = self._position + len(head) - len(self._piece.prefix)
        data = head
        if size > len(head):
            self._file.seek(self._piece.start + inside)
            data += self._patched(self._file.read(size - len(head)), inside)
        self._position += len(data)
        return data

    def readinto(self, buffer: "memoryview | bytearray", /) -> int:  # type: ignore[override]
        """Fill a buffer and return how many bytes were there."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file below."""
        self._file.close()
        super().close()

    def _patched(self, data: bytes, offset: int) -> bytes:
        for place, new in self._piece.patches:
            first, last = max(place, offset), min(place + len(new), offset + len(data))
            if first < last:
                data = data[: first - offset] + new[first - place : last - place] + data[last - offset :]
        return data
