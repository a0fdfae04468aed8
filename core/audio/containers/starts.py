"""Where a recording begins: the first bytes of each container that is told apart by them."""

from collections.abc import Callable

from core.audio.containers.file_bytes import FileBytes

__all__ = ["W64_HEADER", "is_start", "mark_at", "next_start"]

ASF_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
W64_HEADER = bytes.fromhex("726966662e91cf11a5d628db04c10000")
RIFF_FORMS = (b"WAVE", b"AVI ", b"QLCM")
MAX_RATE_HZ = 1 << 20
OGG_FIRST_PAGE = 2
WAVPACK_INITIAL_BLOCK = 0x800

Test = Callable[[FileBytes, int], bool]


def _riff(data: FileBytes, at: int) -> bool:
    return data.read(at + 8, 4) in RIFF_FORMS


def _aiff(data: FileBytes, at: int) -> bool:
    return data.read(at + 8, 4) in (b"AIFF", b"AIFC")


def _flac(data: FileBytes, at: int) -> bool:
    # Its first block is the stream information, of 34 bytes.
    return data.number(at + 4, 1) & 0x7F == 0 and data.number(at + 5, 3) == 34


def _ogg(data: FileBytes, at: int) -> bool:
    return data.number(at + 4, 1) == 0 and data.number(at + 5, 1) & OGG_FIRST_PAGE != 0


def _matroska(data: FileBytes, at: int) -> bool:
    head = data.read(at, 64)
    return b"webm" in head or b"matroska" in head


def _au(data: FileBytes, at: int) -> bool:
    offset, encoding, rate, channels = (data.number(at + place, 4) for place in (4, 12, 16, 20))
    return 24 <= offset <= 1 << 16 and 1 <= encoding <= 27 and 0 < rate <= MAX_RATE_HZ and 1 <= channels <= 256


def _true_audio(data: FileBytes, at: int) -> bool:
    form, channels, bits = (data.number(at + place, 2, big=False) for place in (4, 6, 8))
    return form in (1, 2) and 1 <= channels <= 256 and bits in (8, 16, 24)


def _wavpack(data: FileBytes, at: int) -> bool:
    version, block, flags = (data.number(at + place, size, big=False) for place, size in ((8, 2), (16, 4), (24, 4)))
    return 0x402 <= version <= 0x410 and block == 0 and flags & WAVPACK_INITIAL_BLOCK != 0


def _always(data: FileBytes, at: int) -> bool:
    return True


# Mark, its distance from the start, and what must hold beside it.
STARTS: tuple[tuple[bytes, int, Test], ...] = (
    (b"RIFF", 0, _riff),
    (b"RIFX", 0, _riff),
    (b"RF64", 0, _riff),
    (b"BW64", 0, _riff),
    (b"FORM", 0, _aiff),
    (b"fLaC", 0, _flac),
    (b"OggS", 0, _ogg),
    (b"ftyp", 4, lambda data, at: 8 <= data.number(at, 4) <= 1 << 12),
    (b"\x1aE\xdf\xa3", 0, _matroska),
    (b".snd", 0, _au),
    (b"caff\0\1\0\0", 0, _always),
    (W64_HEADER, 0, _always),
    (ASF_HEADER, 0, _always),
    (b"#!AMR", 0, _always),
    (b"FLV\1", 0, lambda data, at: data.number(at + 5, 4) == 9),
    (b"TTA1", 0, _true_audio),
    (b"wvpk", 0, _wavpack),
)
LONGEST_MARK = max(len(mark) + distance for mark, distance, _ in STARTS)


def next_start(data: FileBytes, at: int, *, like: bytes | None = None) -> int:
    """Return the first position at or after ``at`` at which a recording begins, or the end of the file.

    Parameters
    ----------
    data : FileBytes
    at : int
    like : bytes or None
        Only recordings of the kind of this mark: many kinds can lie inside another one (a FLAC stream in
        Matroska, the header of a WAV file in the FLAC that was made of it).
    """
    found = (_first(data, at, *start) for start in STARTS if like is None or start[0] == like)
    return min((position for position in found if position >= 0), default=data.size)


def mark_at(data: FileBytes, at: int) -> bytes | None:
    """Return the mark of the recording that begins at ``at``."""
    head = data.read(at, LONGEST_MARK)
    found = (mark for mark, distance, test in STARTS if head.startswith(mark, distance) and test(data, at))
    return next(found, None)


def is_start(data: FileBytes, at: int) -> bool:
    """Whether a recording begins at ``at``, by its first bytes."""
    return mark_at(data, at) is not None


def _first(data: FileBytes, at: int, mark: bytes, distance: int, test: Test) -> int:
    found = data.find(mark, at + distance)
    while found >= 0:
        if test(data, found - distance):
            return found - distance
        found = data.find(mark, found + 1)
    return -1
