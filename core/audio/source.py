"""What a reader of recordings is: what it found in the header, the samples in bounded blocks, why it refuses."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.audio.budget import Budget

__all__ = [
    "BLOCK_VALUES",
    "TOO_COSTLY",
    "Block",
    "NotRead",
    "Refusal",
    "Source",
    "TooShort",
    "Track",
    "Unreadable",
    "open_regular",
]

Block = NDArray[np.float64]

# Samples in one block, all channels together: 2 MB of float64.
BLOCK_VALUES = 1 << 18
TOO_COSTLY = "takes too long to decode: convert it to WAV or cut out the part to examine."


class Refusal(Exception):  # noqa: N818 - it is a judgement on the file, not a fault of the program
    """Why a file is refused: the rest of a sentence that begins with the file's name."""


class Unreadable(Refusal):
    """This reader makes nothing of the file; another one may.

    Parameters
    ----------
    reason : str
        The rest of the sentence.
    tracks : int
        How many sound tracks it knows of: another track may be readable.
    """

    def __init__(self, reason: str = "", *, tracks: int = 1) -> None:
        super().__init__(reason)
        self.tracks = tracks


class NotRead(Unreadable):
    """This reader knows the format, and it is none that is read."""


class TooShort(Refusal):
    """This reader found too few samples; another one may find more."""


@dataclass(frozen=True)
class Track:
    """One of the sound tracks of a recording: its codec, and whether the recording marks it as the default."""

    codec: str
    default: bool


class Source(Protocol):
    """A recording being read: what its header states, then its samples.

    Attributes
    ----------
    container, codec : str
        As people call them.
    rate_hz, channels : int
        Of the file.
    claimed_s : float or None
        Length by the header, in seconds; None when it states none, or only a guess.
    damage : str or None
        What went wrong while reading, once the blocks are used up.
    tracks : tuple of Track
        The sound tracks of the recording, where the reader knows of several.
    notes : tuple of str
        What a person should know of how it is read.
    """

    container: str
    codec: str
    rate_hz: int
    channels: int
    claimed_s: float | None
    damage: str | None
    tracks: tuple[Track, ...]
    notes: tuple[str, ...]

    def blocks(self) -> Iterator[Block]:
        """Yield float64 blocks [frames, channels], full scale 1, from the start to the end."""
        ...

    def hold_to(self, budget: Budget) -> None:
        """Have the kernel end the reading when the budget is spent."""
        ...


def open_regular(path: str) -> int:
    """Open a regular file and return its descriptor; links, devices and pipes are refused unopened."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise Refusal(f"cannot be opened ({reason}): check that the file is still there and readable.") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Refusal("is not a regular file: give an audio file.")
    return handle
