"""MPEG audio (MP1, MP2, MP3): frames counted one by one, since a file's own count is often absent or wrong.

References
----------
ISO/IEC 11172-3, section 2.4.1.3 (frame header); ISO/IEC 13818-3 (lower sampling frequencies).
"""

from dataclasses import dataclass, replace

from core.audio.containers.file_bytes import FileBytes
from core.audio.containers.piece import Piece
from core.audio.containers.starts import is_start
from core.audio.containers.tags import tag_bytes

__all__ = ["walk_mpeg_audio"]

# Bit rates in kbit/s by (version is 1, layer).
KBITS = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
RATES_HZ = (44_100, 48_000, 32_000)
# By the version's two bits: 2.5, reserved, 2, 1.
RATE_DIVISORS = (4, 0, 2, 1)
# How far the next frame is looked for behind damaged bytes.
MAX_GAP = 1 << 16
# So many frames in a row are no accident.
SURE = 3
COUNTS_FRAMES = 1
VBRI_AT, VBRI_FRAMES_AT = 36, 14
# Samples that LAME puts before the first one of the recording, where its header does not state them.
USUAL_DELAY = 576
# Samples that a decoder adds to them, unless a header has it leave them out.
DECODER_DELAY = 529
NOTED_MS = 40


@dataclass(frozen=True)
class _Frame:
    """One frame's header: its length in bytes, its samples, its bit rate, what may not change within a stream."""

    length: int
    samples: int
    kbits: int
    rate_hz: int
    mono: bool
    version_1: bool
    layer: int

    @property
    def stream(self) -> tuple[int, bool, bool, int]:
        return self.rate_hz, self.mono, self.version_1, self.layer


def walk_mpeg_audio(data: FileBytes, start: int) -> Piece | None:
    """Return the stream of frames that begins at ``start``, or behind the tag there.

    libsndfile reads as many frames as the first one counts, or as it guesses from the first bit rate: where
    that is wrong it is shown the number that there is.
    """
    first_at = start + tag_bytes(data, start)
    first = _frame(data, first_at)
    if first is None or not _sure(data, first_at, first):
        return None
    info_at, stated = _info(data, first_at, first)
    at, frames, gaps, constant = first_at, 0, 0, True
    while at < data.size:
        frame = _frame(data, at)
        if frame is None or frame.stream != first.stream:
            following = _resume(data, at, first)
            if following is None:
                break
            gaps += following - at
            at = following
        elif at > first_at and _info(data, at, frame)[0] is not None:
            # The header of another recording.
            break
        else:
            frames += 1
            constant = constant and frame.kbits == first.kbits
            at += frame.length
    if info_at is not None:
        frames -= 1
    whole = Piece(
        start,
        min(at, data.size),
        counted_s=frames * first.samples / first.rate_hz,
        notes=(f"{gaps:,} bytes between its frames are damaged",) if gaps else (),
    )
    if info_at is None and constant and not gaps:
        # Of a constant bit rate the guess is right.
        return _late(replace(whole, promised_s=whole.counted_s), first, USUAL_DELAY + DECODER_DELAY)
    if stated is not None and abs(stated - frames) <= 1:
        return whole
    if info_at is not None and stated is not None:
        return _recounted(whole, first, frames, stated=stated, place=info_at - start)
    if first.layer != 3:
        return replace(whole, ffmpeg_first=True)
    begin = first_at if info_at is None else first_at + first.length
    shown = replace(whole, start=begin, prefix=_info_frame(data.read(first_at, 4), first, frames))
    return shown if info_at is not None else _late(shown, first, USUAL_DELAY)


def _recounted(piece: Piece, first: _Frame, frames: int, *, stated: int, place: int) -> Piece:
    """Return the piece with the number of its frames in place of the stated one."""
    promised_s, notes = stated * first.samples / first.rate_hz, piece.notes
    if 0 < stated < frames:
        notes = (*notes, f"its header counts {promised_s:.1f} s and {piece.counted_s:.1f} s are there: all were read")
    return replace(piece, promised_s=promised_s, patches=((place, frames.to_bytes(4, "big")),), notes=notes)


def _late(piece: Piece, first: _Frame, delay: int) -> Piece:
    """Return the piece with a note on the samples that come before its first one."""
    delay_ms = 1000 * delay / first.rate_hz
    if first.layer != 3 or delay_ms < NOTED_MS:
        return piece
    note = f"MP3 without a header states no encoder delay: times may be {delay_ms:.0f} ms late"
    return replace(piece, notes=(*piece.notes, note))


def _frame(data: FileBytes, at: int) -> _Frame | None:
    head = data.read(at, 4)
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    divisor, layer = RATE_DIVISORS[head[1] >> 3 & 3], 4 - (head[1] >> 1 & 3)
    kbit_index, rate_index = head[2] >> 4, head[2] >> 2 & 3
    # An index of 0 stands for a free bit rate, whose frames cannot be measured.
    if divisor == 0 or layer == 4 or kbit_index in (0, 15) or rate_index == 3:
        return None
    version_1 = divisor == 1
    kbits = KBITS[version_1, layer][kbit_index - 1]
    rate_hz = RATES_HZ[rate_index] // divisor
    padding = head[2] >> 1 & 1
    if layer == 1:
        length, samples = (12_000 * kbits // rate_hz + padding) * 4, 384
    else:
        samples = 576 if layer == 3 and not version_1 else 1152
        length = samples // 8 * 1000 * kbits // rate_hz + padding
    return _Frame(length, samples, kbits, rate_hz, head[3] >> 6 == 3, version_1, layer)


def _sure(data: FileBytes, at: int, first: _Frame) -> bool:
    """Whether frames of one stream follow each other from ``at``, or one reaches to the end or a tag."""
    frame: _Frame | None = first
    for _ in range(SURE):
        if frame is None or frame.stream != first.stream:
            return False
        at += frame.length
        if at >= data.size or tag_bytes(data, at) or is_start(data, at):
            return True
        frame = _frame(data, at)
    return True


def _resume(data: FileBytes, at: int, first: _Frame) -> int | None:
    """Return where the same stream goes on behind damaged bytes; None at a tag, another recording or the end."""
    if tag_bytes(data, at) or is_start(data, at):
        return None
    other = _frame(data, at)
    if other is not None and _sure(data, at, other):
        return None
    stop = min(data.size, at + MAX_GAP)
    while (at := data.find(b"\xff", at + 1)) >= 0 and at < stop:
        frame = _frame(data, at)
        if frame is not None and frame.stream == first.stream and _sure(data, at, frame):
            return at
    return None


def _info(data: FileBytes, at: int, frame: _Frame) -> tuple[int | None, int | None]:
    """Return where a frame counts the frames of its stream, and the count.

    The place is None in a frame of sound, the count where the frame has none.
    """
    if frame.layer != 3:
        return None, None
    mark_at = at + 4 + _side_bytes(frame)
    if data.read(mark_at, 4) in (b"Xing", b"Info"):
        counted = data.number(mark_at + 4, 4) & COUNTS_FRAMES
        return mark_at + 8, data.number(mark_at + 8, 4) if counted else None
    if data.read(at + VBRI_AT, 4) == b"VBRI":
        place = at + VBRI_AT + VBRI_FRAMES_AT
        return place, data.number(place, 4)
    return None, None


def _side_bytes(frame: _Frame) -> int:
    if frame.version_1:
        return 17 if frame.mono else 32
    return 9 if frame.mono else 17


def _info_frame(head: bytes, first: _Frame, frames: int) -> bytes:
    """Return a frame of no sound, of the stream's own kind, that counts its frames."""
    # No checksum; the highest bit rate, so that the count has room in every kind of frame.
    header = bytes((head[0], head[1] | 1, 14 << 4 | head[2] & 0x0C, head[3]))
    length = first.samples // 8 * 1000 * KBITS[first.version_1, 3][13] // first.rate_hz
    body = bytes(_side_bytes(first)) + b"Info" + COUNTS_FRAMES.to_bytes(4, "big") + frames.to_bytes(4, "big")
    return (header + body).ljust(length, b"\0")
