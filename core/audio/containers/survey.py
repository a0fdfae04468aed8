"""The survey of a file: which pieces it holds end to end, and how many bytes none of them covers."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.audio.containers.boxes import walk_boxes
from core.audio.containers.chunks import walk_au, walk_caf, walk_chunks, walk_w64
from core.audio.containers.file_bytes import FileBytes
from core.audio.containers.flac import walk_flac
from core.audio.containers.matroska import walk_matroska
from core.audio.containers.mpeg_audio import walk_mpeg_audio
from core.audio.containers.ogg import walk_ogg
from core.audio.containers.piece import Piece
from core.audio.containers.starts import mark_at, next_start
from core.audio.containers.tags import tag_bytes

__all__ = ["Survey", "survey"]

# More are noted as bytes that were dropped: each costs a reader its start.
MAX_PIECES = 256
# M3U and HLS, PLS, ffmpeg's own, a session description; XSPF and DASH.
PLAYLISTS = (b"#EXTM3U", b"[playlist]", b"ffconcat version", b"v=0\r\no=", b"v=0\no=")
XML_PLAYLISTS = (b"<playlist", b"<MPD", b"<asx", b"<smil")
# Sound, or notes in the last case, for which there is no safe reader.
UNREAD_FORMATS = ((b"OFR ", "OptimFROG"), (b"ADIF", "ADIF"), (b"LA0", "La"), (b"MThd", "MIDI"))
PLAYLIST_HEAD_BYTES = 1024


@dataclass(frozen=True)
class Survey:
    """What a file holds.

    Attributes
    ----------
    pieces : tuple of Piece
        In the order of the file, at least one.
    unread_bytes : int
        Bytes outside all pieces that are neither tags nor filling.
    is_playlist : bool
        Whether it names other files instead of holding a recording.
    unread_format : str or None
        Name of the format, where it is one that no reader reads.
    """

    pieces: tuple[Piece, ...]
    unread_bytes: int = 0
    is_playlist: bool = False
    unread_format: str | None = None


Walker = Callable[[FileBytes, int], Piece | None]


def survey(file: FileBytes) -> Survey:
    """Return the pieces of a file; one that is not recognised is one piece, left to the readers."""
    pieces: list[Piece] = []
    at = unread = 0
    while at < file.size and len(pieces) < MAX_PIECES:
        piece = _piece(file, at)
        if piece is not None and piece.stop > at:
            pieces.append(piece)
            at = piece.stop
        elif not pieces:
            head = file.read(0, 4)
            name = next((name for mark, name in UNREAD_FORMATS if head.startswith(mark)), None)
            return Survey((Piece(0, file.size),), is_playlist=_is_playlist(file), unread_format=name)
        elif tag := tag_bytes(file, at):
            at += tag
        else:
            following = next_start(file, at + 1)
            unread += following - at
            at = following
    unread += file.size - min(at, file.size)
    return Survey(_with_tags(pieces, file.size) if not unread else tuple(pieces), unread)


def _is_playlist(file: FileBytes) -> bool:
    head = file.read(0, PLAYLIST_HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(PLAYLISTS) or (head.startswith(b"<?xml") and any(mark in head for mark in XML_PLAYLISTS))


def _piece(file: FileBytes, at: int) -> Piece | None:
    walkers: tuple[Walker, ...] = (
        walk_chunks,
        walk_flac,
        walk_ogg,
        walk_boxes,
        walk_matroska,
        walk_au,
        walk_caf,
        walk_w64,
        walk_mpeg_audio,
        _behind_tag,
    )
    return next(filter(None, (walk(file, at) for walk in walkers)), None)


def _behind_tag(file: FileBytes, at: int) -> Piece | None:
    """Return the recording of another kind that begins at ``at``, or behind the tag there."""
    start = at + tag_bytes(file, at)
    if start < file.size and start > at:
        piece = _piece(file, start)
        return None if piece is None else replace(piece, start=at, patches=_moved(piece, start - at))
    mark = mark_at(file, at)
    return None if mark is None else Piece(at, next_start(file, at + 1, like=mark))


def _moved(piece: Piece, by: int) -> tuple[tuple[int, bytes], ...]:
    return tuple((place + by, new) for place, new in piece.patches)


def _with_tags(pieces: list[Piece], size: int) -> tuple[Piece, ...]:
    """Have the last piece take the tags behind it, so that a file of one piece is read as it is."""
    return (*pieces[:-1], replace(pieces[-1], stop=size))
