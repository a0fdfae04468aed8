"""Recordings as libsndfile reads them: WAV, FLAC, Ogg, Opus, MP3, AIFF and their kin."""

import os
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import soundfile

from core.audio.budget import Budget
from core.audio.codecs import SOUNDFILE_CODECS, SOUNDFILE_CONTAINERS
from core.audio.containers.piece import Piece, View
from core.audio.source import BLOCK_VALUES, Block, Track, Unreadable, open_regular

__all__ = ["SoundfileSource"]

# What libsndfile gives for a stream of unknown length.
UNKNOWN_FRAMES = 1 << 62


class SoundfileSource:
    """A piece of a file as libsndfile reads it."""

    tracks: tuple[Track, ...] = ()
    notes: tuple[str, ...] = ()

    def __init__(self, path: str, piece: Piece) -> None:
        # By descriptor, so that the name can neither change the file nor suggest a format.
        handle = open_regular(path)
        self._file = _open_soundfile(handle, piece)
        self.rate_hz = int(self._file.samplerate)
        self.channels = int(self._file.channels)
        self.container = SOUNDFILE_CONTAINERS.get(self._file.format, self._file.format)
        self.codec = self._codec()
        frames = self._file.frames
        known = 0 < frames < UNKNOWN_FRAMES and self.rate_hz > 0
        self.claimed_s = piece.promised_s or (frames / self.rate_hz if known else None)
        self.damage: str | None = None
        self._left = piece.frames

    def _codec(self) -> str:
        codec = SOUNDFILE_CODECS.get(self._file.subtype, self._file.subtype)
        return f"FLAC ({codec.removesuffix(' PCM')})" if self._file.format == "FLAC" else codec

    def hold_to(self, budget: Budget) -> None:
        """Bound the processor time of this process, in which libsndfile computes."""
        budget.bind()

    def blocks(self) -> Iterator[Block]:
        """Yield the samples; a damaged frame ends them and is kept in ``damage``."""
        size = max(1, BLOCK_VALUES // self.channels)
        while True:
            try:
                block = self._file.read(size, dtype="float64", always_2d=True)
            except soundfile.LibsndfileError:
                self.damage = "the recording is damaged: it was read up to the first bad frame"
                return
            if self._left is not None:
                block = block[: self._left]
                self._left -= len(block)
            if not len(block):
                return
            yield block

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class _Stream(soundfile.SoundFile):
    """A file read from its start to its end, which soundfile would otherwise seek in after each block."""

    def seekable(self) -> bool:
        """Return False: streams of unknown length cannot be."""
        return False


def _open_soundfile(handle: int, piece: Piece) -> soundfile.SoundFile:
    whole = piece.start == 0 and piece.stop == os.fstat(handle).st_size and not piece.prefix and not piece.patches
    # A view costs a call of Python for each read, so that a file of one piece is read as it is.
    file = handle if whole else View(os.fdopen(handle, "rb"), piece)
    try:
        return _Stream(file, closefd=True)
    except (soundfile.LibsndfileError, TypeError, ValueError, OSError) as error:
        if isinstance(file, View):
            file.close()
        raise Unreadable(str(error)) from error
