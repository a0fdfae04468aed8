"""All lines on a file, from every reader; what one cannot read is a line of its own."""

from collections.abc import Iterator
from pathlib import Path

from core.audio.clip import Clip
from core.audio.decode import decode
from core.errors import AudioError, SpoofscopeError
from core.provenance.anchors import public_anchors, trust_anchors
from core.provenance.asking import ask
from core.provenance.credentials import credential_lines
from core.provenance.history import form_lines, sample_lines
from core.provenance.lines import Line, plain
from core.provenance.marks import mark_lines
from core.provenance.tags import tag_lines

__all__ = ["found_lines"]


def found_lines(path: Path, clip: Clip | None, anchors: Path | None) -> tuple[Line, ...]:
    """Return the lines on a file; see ``core.provenance.provenance``."""
    try:
        return tuple(_lines(path, clip, anchors))
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        return (Line("history", f"The file could not be read ({plain(reason)}).", "Nothing is known of it.", "unread"),)


def _lines(path: Path, clip: Clip | None, anchors: Path | None) -> Iterator[Line]:
    yield from _credentials(path, anchors)
    try:
        clip = clip if clip is not None else decode(path)
    except AudioError as error:
        yield Line("history", plain(error, 200), "Watermarks and history need sound that can be decoded.", "unread")
        return
    yield from mark_lines(clip.waveform)
    tags = ask("tags", path)
    yield from form_lines(clip.record, tags)
    yield from tag_lines(tags)
    yield from sample_lines(ask("samples", path))


def _credentials(path: Path, anchors: Path | None) -> Iterator[Line]:
    try:
        trusted = trust_anchors(anchors)
    except SpoofscopeError as error:
        yield Line("credentials", str(error), "Only the public list of anchors was used.", "unread")
        trusted = public_anchors()
    yield from credential_lines(ask("credentials", path, anchors=trusted))
