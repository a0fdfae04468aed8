"""Matroska and WebM: elements; a second header begins another recording."""

from core.audio.containers.file_bytes import FileBytes
from core.audio.containers.piece import Piece
from core.audio.containers.starts import mark_at, next_start

__all__ = ["walk_matroska"]

EBML = b"\x1aE\xdf\xa3"
HEADER_BYTES = 1 << 14
# The identifier of the element with the encoder's delay.
CODEC_DELAY = b"\x56\xaa"


def walk_matroska(data: FileBytes, start: int) -> Piece | None:
    """Return the Matroska file that begins at ``start``."""
    if mark_at(data, start) != EBML:
        return None
    head = data.read(start, HEADER_BYTES)
    late = b"A_AAC" in head and CODEC_DELAY not in head
    notes = ("this Matroska file states no encoder delay: times may be 64 ms late",) if late else ()
    return Piece(start, next_start(data, start + 1, like=EBML), notes=notes)
