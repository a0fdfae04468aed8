"""Containers made of chunks: WAV (RIFF, RIFX, RF64), AIFF, CAF, Wave64, and AU with its one header.

A piece ends where its chunks end, whatever the size of the outermost one: recorders that were cut off,
and programs that stream, write that size wrongly.
"""

from core.audio.containers.file_bytes import FileBytes
from core.audio.containers.piece import Piece
from core.audio.containers.starts import W64_HEADER, is_start, next_start

__all__ = ["walk_au", "walk_caf", "walk_chunks", "walk_w64"]

UNKNOWN_SIZE = 0xFFFFFFFF
EXTENSIBLE = 0xFFFE
MICROSOFT_ADPCM, IMA_ADPCM, GSM_610 = 2, 0x11, 0x31
GSM_SAMPLES_PER_BLOCK = 320
# How a chunk's name may be written.
PRINTABLE = range(0x20, 0x7F)


def walk_chunks(data: FileBytes, start: int) -> Piece | None:
    """Return the WAV, AVI, QCP or AIFF file that begins at ``start``."""
    kind = data.read(start, 4)
    if kind not in (b"RIFF", b"RIFX", b"RF64", b"BW64", b"FORM") or not is_start(data, start):
        return None
    if data.read(start + 8, 4) == b"AVI ":
        return Piece(start, _end_of_avi(data, start))
    big = kind in (b"RIFX", b"FORM")
    at, chunks = start + 12, dict[bytes, tuple[int, int]]()
    while at + 8 <= data.size:
        name, size = data.read(at, 4), data.number(at + 4, 4, big=big)
        if is_start(data, at) or any(byte not in PRINTABLE for byte in name):
            break
        if size == UNKNOWN_SIZE and name == b"data" and b"ds64" in chunks:
            size = data.number(chunks[b"ds64"][0] + 8, 8, big=False)
        if at + 8 + size > data.size or (size == 0 and name == b"data"):
            # Written as a stream, or cut off: it holds what follows, up to the next recording.
            size = next_start(data, at + 8) - at - 8
        chunks.setdefault(name, (at + 8, size))
        at = _after(data, at + 8 + size)
    return Piece(start, min(at, data.size), frames=None if kind == b"FORM" else _frames(data, chunks, big=big))


def _after(data: FileBytes, at: int) -> int:
    """Return where the next chunk begins: chunks are padded to even places, except where they are not."""
    return at + 1 if at % 2 and data.read(at, 1) == b"\0" else at


def _end_of_avi(data: FileBytes, start: int) -> int:
    at = start + 8 + data.number(start + 4, 4, big=False)
    while data.read(at, 4) == b"RIFF" and data.read(at + 8, 4) == b"AVIX":
        at += 8 + data.number(at + 4, 4, big=False)
    return at if start + 8 < at <= data.size else data.size


def _frames(data: FileBytes, chunks: dict[bytes, tuple[int, int]], *, big: bool) -> int | None:
    """Return the sample frames that count in a WAV file of a block codec.

    Encoders fill the last block; the fact chunk holds how many samples there were. It is believed where it
    cuts no more than that.
    """
    if b"fmt " not in chunks or b"data" not in chunks:
        return None
    form, size = chunks[b"fmt "][0], chunks[b"data"][1]
    tag, block_bytes = data.number(form, 2, big=big), data.number(form + 12, 2, big=big)
    if tag == EXTENSIBLE:
        tag = data.number(form + 24, 2, big=big)
    if tag not in (MICROSOFT_ADPCM, IMA_ADPCM, GSM_610) or block_bytes == 0:
        return None
    per_block = GSM_SAMPLES_PER_BLOCK if tag == GSM_610 else data.number(form + 18, 2, big=big)
    frames = size // block_bytes * per_block
    stated = data.number(chunks[b"fact"][0], 4, big=big) if b"fact" in chunks else frames
    return stated if frames - 2 * per_block < stated < frames else frames or None


def walk_w64(data: FileBytes, start: int) -> Piece | None:
    """Return the Wave64 file that begins at ``start``."""
    if data.read(start, 16) != W64_HEADER:
        return None
    stop = start + data.number(start + 16, 8, big=False)
    return Piece(start, stop if start + 40 < stop <= data.size else next_start(data, start + 40))


def walk_au(data: FileBytes, start: int) -> Piece | None:
    """Return the AU file that begins at ``start``."""
    if data.read(start, 4) != b".snd" or not is_start(data, start):
        return None
    offset, size = data.number(start + 4, 4), data.number(start + 8, 4)
    stop = start + offset + size
    return Piece(start, stop if size and stop <= data.size else next_start(data, start + offset))


def walk_caf(data: FileBytes, start: int) -> Piece | None:
    """Return the CAF file that begins at ``start``."""
    if data.read(start, 8) != b"caff\0\1\0\0":
        return None
    at = start + 8
    while at + 12 <= data.size:
        size = data.number(at + 4, 8)
        if is_start(data, at) or any(byte not in PRINTABLE for byte in data.read(at, 4)):
            break
        # A size of -1 stands for a stream, one past the end for a file that was cut off.
        at = at + 12 + size if at + 12 + size <= data.size else next_start(data, at + 12)
    return Piece(start, min(at, data.size))
