"""Surveys of files: pieces, patches and positions, byte by byte."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio.clip import SAMPLE_RATE
from core.audio.containers.file_bytes import BUFFER_BYTES, FileBytes
from core.audio.containers.piece import Piece, View
from core.audio.containers.survey import MAX_PIECES, survey
from core.audio.containers.tags import tag_bytes


def file_bytes(content: bytes) -> FileBytes:
    return FileBytes(io.BytesIO(content), len(content))


def recording(form: str, *, seconds: float = 0.5) -> bytes:
    buffer = io.BytesIO()
    samples = 0.2 * np.random.default_rng(0).standard_normal(int(seconds * SAMPLE_RATE))
    soundfile.write(buffer, samples, SAMPLE_RATE, format=form)
    return buffer.getvalue()


@pytest.mark.parametrize("place", [0, 5, BUFFER_BYTES - 3, BUFFER_BYTES - 1, BUFFER_BYTES, 2 * BUFFER_BYTES + 7])
def test_a_mark_is_found_wherever_the_buffer_ends(place: int) -> None:
    content = bytes(place) + b"mark" + bytes(100)
    assert file_bytes(content).find(b"mark", 0) == place
    assert file_bytes(content).find(b"mark", place + 1) == -1


def test_a_view_shows_prefix_and_patches_at_every_position_and_size() -> None:
    content = bytes(range(100))
    piece = Piece(10, 60, prefix=b"prefix", patches=((0, b"AB"), (20, b"CDE"), (48, b"FG")))
    expected = bytearray(b"prefix" + content[10:60])
    for place, new in piece.patches:
        expected[6 + place : 6 + place + len(new)] = new
    view = View(io.BytesIO(content), piece)
    for start in range(len(expected) + 3):
        for size in (1, 2, 7, 100):
            view.seek(start)
            assert view.read(size) == bytes(expected[start : start + size])
    assert view.seek(-5, io.SEEK_END) == len(expected) - 5 and view.read() == bytes(expected[-5:])


@pytest.mark.parametrize("form", ["WAV", "AIFF", "AU", "CAF", "W64", "RF64", "FLAC", "OGG", "MP3"])
def test_pieces_lie_where_the_files_were_joined(form: str) -> None:
    first, second = recording(form), recording(form, seconds=0.8)
    found = survey(file_bytes(first + second))
    assert [(piece.start, piece.stop) for piece in found.pieces] == [
        (0, len(first)),
        (len(first), len(first) + len(second)),
    ]
    assert found.unread_bytes == 0


@pytest.mark.parametrize("form", ["WAV", "AIFF", "AU", "CAF", "W64", "MP3"])
def test_bytes_behind_a_recording_are_counted_but_not_tags_and_zeros(form: str) -> None:
    content = recording(form)
    rubbish = bytes(np.random.default_rng(1).integers(128, 250, 3001, dtype=np.uint8))
    assert survey(file_bytes(content + rubbish)).unread_bytes == len(rubbish)
    assert survey(file_bytes(content + b"TAG" + bytes(125))).unread_bytes == 0
    assert survey(file_bytes(content + bytes(5000))).unread_bytes == 0


def test_a_stream_of_wav_pieces_with_sizes_unknown_is_cut_at_each_header() -> None:
    content = bytearray(recording("WAV"))
    at = content.index(b"data")
    content[at + 4 : at + 8] = content[4:8] = b"\xff\xff\xff\xff"
    found = survey(file_bytes(bytes(content) * 3))
    assert [piece.start for piece in found.pieces] == [0, len(content), 2 * len(content)]


def test_what_is_not_recognised_is_one_piece() -> None:
    found = survey(file_bytes(b"\x00\x01 nothing known" * 50))
    assert found.pieces == (Piece(0, 16 * 50),) and not found.is_playlist


def test_pieces_beyond_the_most_that_are_read_are_unread_bytes() -> None:
    content = recording("WAV", seconds=0.01)
    found = survey(file_bytes(content * (MAX_PIECES + 5)))
    assert len(found.pieces) == MAX_PIECES and found.unread_bytes == 5 * len(content)


@pytest.mark.parametrize(
    ("tag", "length"),
    [
        (b"ID3\4\0\0\0\0\1\0" + bytes(128), 138),
        (b"TAG" + b"x" * 125, 128),
        (b"APETAGEX" + (2000).to_bytes(4, "little") + (32).to_bytes(4, "little") + bytes(16), 32),
        (b"no tag", 0),
        (bytes(700), 700),
    ],
)
def test_the_length_of_a_tag_is_its_own(tag: bytes, length: int) -> None:
    behind = b"sound" if tag.strip(b"\0") else b""
    assert tag_bytes(file_bytes(tag + behind), 0) == length


@pytest.mark.parametrize("form", ["WAV", "AIFF", "AU", "CAF", "W64", "FLAC", "OGG", "MP3"])
def test_no_bytes_make_a_survey_fail(form: str) -> None:
    content = recording(form, seconds=0.2)
    rng = np.random.default_rng(2)
    for _ in range(60):
        broken = bytearray(content[: rng.integers(1, len(content))])
        for place in rng.integers(0, min(len(broken), 200), 4):
            broken[place] = rng.integers(256)
        found = survey(file_bytes(bytes(broken)))
        assert found.pieces and found.unread_bytes >= 0
        assert all(0 <= piece.start < piece.stop <= len(broken) for piece in found.pieces)


def test_a_whole_file_of_one_piece_needs_no_view(tmp_path: Path) -> None:
    for form in ("WAV", "AIFF", "MP3"):
        content = recording(form)
        (piece,) = survey(file_bytes(content)).pieces
        assert (piece.start, piece.stop, piece.prefix, piece.patches) == (0, len(content), b"", ())
