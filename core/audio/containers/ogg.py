"""Ogg: pages with a serial number; a chain of streams stands end to end, tracks begin together."""

from core.audio.containers.file_bytes import FileBytes
from core.audio.containers.piece import Piece

__all__ = ["walk_ogg"]

HEADER_BYTES = 27
FIRST_PAGE = 2
OPUS_RATE_HZ = 48_000
# How far the next page is looked for behind damaged ones.
MAX_GAP = 1 << 18
CRC_POLYNOMIAL = 0x04C11DB7


def walk_ogg(data: FileBytes, start: int) -> Piece | None:
    """Return the Ogg stream, or streams side by side, from the page at ``start`` to the next first page.

    libsndfile reads the first of several streams, and up to the position on the last page, even where it
    lies before that of others.
    """
    if data.read(start, 4) != b"OggS":
        return None
    at, tracks, inside, backwards = start, 0, False, False
    reached = 0
    while at < data.size:
        head = data.read(at, HEADER_BYTES)
        if head[:4] != b"OggS" or len(head) < HEADER_BYTES:
            following = data.find(b"OggS", at + 1)
            if following < 0 or following - at > MAX_GAP:
                break
            at = following
            continue
        first = bool(head[5] & FIRST_PAGE)
        if first and inside:
            break
        inside = inside or not first
        tracks += first
        position = int.from_bytes(head[6:14], "little", signed=True)
        # -1 marks a page on which no packet ends.
        backwards = 0 <= position < reached
        reached = max(reached, position)
        at += _page_bytes(data, at)
    notes = ("its last page states an end before that of others: its sound may be missing",) if backwards else ()
    return Piece(
        start,
        min(at, data.size),
        patches=_opus_patches(data, start),
        ffmpeg_first=tracks > 1 or backwards,
        notes=notes,
    )


def _page_bytes(data: FileBytes, at: int) -> int:
    segments = data.number(at + HEADER_BYTES - 1, 1)
    return HEADER_BYTES + segments + sum(data.read(at + HEADER_BYTES, segments))


def _opus_patches(data: FileBytes, start: int) -> tuple[tuple[int, bytes], ...]:
    """Return what makes libsndfile decode Opus at 48 kHz: the rate in its header is the input's, information only.

    A page holds its own checksum, so that a page with another rate needs another one.

    References
    ----------
    RFC 7845, section 5.1 ("this is not the sample rate to use for playback"); RFC 3533, section 6.
    """
    page = bytearray(data.read(start, _page_bytes(data, start)))
    body = HEADER_BYTES + page[HEADER_BYTES - 1]
    if page[body : body + 8] != b"OpusHead" or len(page) < body + 19:
        return ()
    rate = OPUS_RATE_HZ.to_bytes(4, "little")
    if page[body + 12 : body + 16] == rate:
        return ()
    page[body + 12 : body + 16] = rate
    page[22:26] = bytes(4)
    return (body + 12, rate), (22, _checksum(page).to_bytes(4, "little"))


def _checksum(page: bytes | bytearray) -> int:
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1) ^ (CRC_POLYNOMIAL if value & 1 << 31 else 0)
    return value & 0xFFFFFFFF
