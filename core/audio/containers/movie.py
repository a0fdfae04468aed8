"""What the tables of an MP4 file leave out: sound data that no sample table counts, seconds that its edits cut.

References
----------
ISO/IEC 14496-12, sections 8.3.2 (tkhd), 8.4.2 (mdhd), 8.7.3 (stsz); QuickTime File Format.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from core.audio.containers.file_bytes import FileBytes

__all__ = ["LeftOut", "left_out"]

PARENTS = (b"trak", b"mdia", b"minf", b"stbl")
# Alignment and filling between samples are no loss, nor is the encoder's delay.
SLACK_BYTES, SLACK_SHARE, SLACK_S = 4096, 0.02, 0.5
MAX_SAMPLES = 1 << 22

Box = tuple[bytes, int, int]


@dataclass(frozen=True)
class LeftOut:
    """Bytes of media that no table counts, and seconds of the longest sound track that its edits cut."""

    n_bytes: int = 0
    seconds: float = 0.0


def left_out(data: FileBytes, start: int, stop: int) -> LeftOut:
    """Return what the tables of the file in ``start`` to ``stop`` leave out; nothing for a fragmented one."""
    boxes = list(_boxes(data, start, stop))
    names = {name for name, _, _ in boxes}
    if b"moof" in names or not {b"moov", b"mdat"} <= names:
        return LeftOut()
    media = sum(end - begin for name, begin, end in boxes if name == b"mdat")
    counted, cut_s, uniform, timescale = 0, 0.0, False, 0
    _, moov_begin, moov_end = next(box for box in boxes if box[0] == b"moov")
    tracks = list[list[Box]]()
    for name, begin, end in _boxes(data, moov_begin, moov_end):
        if name == b"mvhd":
            timescale = data.number(begin + (20 if data.read(begin, 1) == b"\1" else 12), 4)
        elif name == b"trak":
            tracks.append(list(_inside(data, begin, end)))
    for track in tracks:
        places = {name: begin for name, begin, _ in track}
        if b"stsz" in places:
            size, count = data.number(places[b"stsz"] + 4, 4), data.number(places[b"stsz"] + 8, 4)
            # Samples of one size are often counted in units of their own, as in raw sound.
            uniform = uniform or size > 0 or count > MAX_SAMPLES
            counted += 0 if uniform else _table_sum(data, places[b"stsz"] + 12, count)
        cut_s = max(cut_s, _cut_s(data, places, timescale))
    lost = 0 if uniform or not tracks else media - counted
    return LeftOut(
        n_bytes=lost if lost > SLACK_BYTES + SLACK_SHARE * media else 0,
        seconds=cut_s if cut_s > SLACK_S else 0.0,
    )


def _boxes(data: FileBytes, at: int, stop: int) -> Iterator[Box]:
    """Yield (name, begin, end) of the boxes, without their headers."""
    while at + 8 <= stop:
        size, name, head = data.number(at, 4), data.read(at + 4, 4), 8
        if size == 1:
            size, head = data.number(at + 8, 8), 16
        end = stop if size == 0 else min(stop, at + max(size, head))
        yield name, at + head, end
        at = end


def _inside(data: FileBytes, begin: int, end: int, *, depth: int = 0) -> Iterator[Box]:
    for box in _boxes(data, begin, end):
        if box[0] in PARENTS and depth < len(PARENTS):
            yield from _inside(data, box[1], box[2], depth=depth + 1)
        else:
            yield box


def _table_sum(data: FileBytes, at: int, count: int) -> int:
    table = data.read(at, 4 * count)
    return sum(int.from_bytes(table[place : place + 4], "big") for place in range(0, len(table), 4))


def _cut_s(data: FileBytes, places: dict[bytes, int], timescale: int) -> float:
    """Return by how many seconds a sound track is longer than what its edits show of it."""
    if not {b"hdlr", b"tkhd", b"mdhd", b"smhd"} <= places.keys() or not timescale:
        return 0.0
    shown = _duration(data, places[b"tkhd"], 20, 28) / timescale
    media_scale = data.number(places[b"mdhd"] + (20 if data.read(places[b"mdhd"], 1) == b"\1" else 12), 4)
    whole = _duration(data, places[b"mdhd"], 16, 24) / media_scale if media_scale else 0.0
    return max(0.0, whole - shown) if shown else 0.0


def _duration(data: FileBytes, box: int, at: int, at_version_1: int) -> int:
    return data.number(box + at_version_1, 8) if data.read(box, 1) == b"\1" else data.number(box + at, 4)
