"""FLAC: one stream of frames after a header that counts the samples, rightly or not."""

from core.audio.containers.file_bytes import FileBytes
from core.audio.containers.piece import Piece
from core.audio.containers.starts import is_start, next_start

__all__ = ["walk_flac"]

# In the stream information, after 10 bytes of block and frame sizes: 20 bits of rate, 3 of channels,
# 5 of sample size, 36 of the number of samples.
FIELDS_AT, FIELDS_BYTES = 8 + 10, 8
TOTAL_BITS = 36


def walk_flac(data: FileBytes, start: int) -> Piece | None:
    """Return the FLAC stream that begins at ``start``, to be read to its end whatever it counts.

    libsndfile reads no further than the count; shown a count of zero, which stands for unknown, it reads all.
    """
    if data.read(start, 4) != b"fLaC" or not is_start(data, start):
        return None
    fields = data.number(start + FIELDS_AT, FIELDS_BYTES)
    rate_hz, total = fields >> 44, fields & ((1 << TOTAL_BITS) - 1)
    unknown = (fields ^ total).to_bytes(FIELDS_BYTES, "big")
    return Piece(
        start,
        next_start(data, start + 4, like=b"fLaC"),
        promised_s=total / rate_hz if total and rate_hz else None,
        patches=((FIELDS_AT, unknown),) if total else (),
    )
