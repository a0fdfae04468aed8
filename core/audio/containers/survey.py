"""The survey of a file: which pieces it holds end to end, and how many bytes none of them covers."""

import os
from dataclasses import dataclass

from core.audio.containers.piece import Piece

__all__ = ["Survey", "survey"]


@dataclass(frozen=True)
class Survey:
    """What a file holds.

    Attributes
    ----------
    pieces : tuple of Piece
        In the order of the file, at least one.
    unread_bytes : int
        Bytes outside all pieces that are neither tags nor filling.
    """

    pieces: tuple[Piece, ...]
    unread_bytes: int = 0


def survey(path: str) -> Survey:
    """Return the pieces of a file; what is not recognised is one piece, left to the readers."""
    return Survey((Piece(0, os.lstat(path).st_size),))
