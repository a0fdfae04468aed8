"""MP4, M4A, 3GP and MOV: boxes one after the other; a second file type box begins another recording."""

from core.audio.containers.file_bytes import FileBytes
from core.audio.containers.movie import left_out
from core.audio.containers.piece import Piece

__all__ = ["walk_boxes"]

FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def walk_boxes(data: FileBytes, start: int) -> Piece | None:
    """Return the file of boxes that begins at ``start``."""
    if data.read(start + 4, 4) not in FIRST_BOXES:
        return None
    at = start
    while at + 8 <= data.size:
        size, name = data.number(at, 4), data.read(at + 4, 4)
        if (name == b"ftyp" and at > start) or not name.isascii() or not name.decode("ascii").isprintable():
            break
        if size == 1:
            size = data.number(at + 8, 8)
        # A size of 0 stands for the rest of the file, one past the end for a file that was cut off.
        at = data.size if size == 0 else at + max(8, size)
    if at == start:
        return None
    stop = min(at, data.size)
    left = left_out(data, start, stop)
    return Piece(start, stop, unread_bytes=left.n_bytes, unread_s=left.seconds)
