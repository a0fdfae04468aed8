"""What is planted into a real recording, where, and the registry of its kinds."""

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.edit import HOP, grid_freqs_hz, grid_times_s
from core.audio.splice import is_pause
from core.plugins import Registry

__all__ = [
    "FADE_S",
    "KINDS",
    "NYQUIST_HZ",
    "Kind",
    "Place",
    "Planted",
    "Source",
    "audible_start",
    "plant",
    "seed_of",
]  # fmt: skip

NYQUIST_HZ = SAMPLE_RATE / 2
FADE_S = 0.01
_MARGIN_S, _TRIES = 0.1, 20

Waveform = NDArray[np.float32]


@dataclass(frozen=True)
class Source:
    """A real recording, and what is planted into it.

    Attributes
    ----------
    name : str
        The recording's path, from which everything random is drawn.
    real : ndarray [shape=(n,), float32]
    copy : ndarray [shape=(n,), float32] or None
        The same utterance by a spoofing system, moved onto the real one and as loud.
    system, speaker : str
    other : ndarray [shape=(m,), float32] or None
        Another real recording of the same speaker.
    """

    name: str
    real: Waveform
    copy: Waveform | None
    system: str
    speaker: str
    other: Waveform | None = None


@dataclass(frozen=True)
class Place:
    """Seconds and hertz of what was planted."""

    start_s: float
    end_s: float
    low_hz: float = 0.0
    high_hz: float = NYQUIST_HZ

    def mask(self, frames: int) -> NDArray[np.bool_]:
        """Return the cells of the clip's grid that lie in it [shape=(257, frames)]."""
        times, freqs = grid_times_s(frames), grid_freqs_hz()
        rows = (freqs >= self.low_hz) & (freqs <= self.high_hz)
        return rows[:, None] & ((times >= self.start_s) & (times < self.end_s))


@dataclass(frozen=True)
class Planted:
    """A clip whose evidence is known: the waveform [shape=(n,), float32], and the place of what was planted."""

    waveform: Waveform
    place: Place

    @property
    def mask(self) -> NDArray[np.bool_]:
        """The cells of the clip's grid that hold the evidence [shape=(257, 1 + n // 160)]."""
        return self.place.mask(1 + len(self.waveform) // HOP)


class Kind(ABC):
    """One kind of planted evidence; one file each.

    Registers itself with ``@KINDS.register("name")`` and implements ``plant``. The first sentence of its docstring
    describes it in the documents.

    Attributes
    ----------
    needs_copy : bool
        Whether the evidence is a spoofing system's, so that systems of training and unseen ones are told apart.
    """

    needs_copy: ClassVar[bool] = False

    @abstractmethod
    def plant(self, source: Source, rng: np.random.Generator) -> Planted | None:
        """Return the clip with the evidence in it; None where there is no room for it."""


KINDS: Registry[type[Kind]] = Registry("kind of planted evidence", "core.lab.kinds")


def plant(kind: str, source: Source) -> Planted | None:
    """Return a source with one kind of evidence planted into it, the same each time; None where it does not fit."""
    found = KINDS.get(kind)()
    if found.needs_copy and source.copy is None:
        return None
    return found.plant(source, np.random.default_rng(seed_of(source.name, source.system, kind)))


def seed_of(*words: str) -> int:
    """Return a seed that depends on the words alone, on every machine."""
    return int.from_bytes(hashlib.sha256("\n".join(words).encode()).digest()[:8], "big")


def audible_start(waveform: Waveform, length_s: float, rng: np.random.Generator) -> float | None:
    """Return a random second at which a part of that length begins that is no pause; None where there is no room.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
    length_s : float
    rng : Generator
    """
    latest = len(waveform) / SAMPLE_RATE - length_s - _MARGIN_S
    if latest <= _MARGIN_S:
        return None
    for _ in range(_TRIES):
        # On the grid of frames, so that place and mask agree.
        start_s = round(rng.uniform(_MARGIN_S, latest) * 100) / 100
        part = waveform[int(start_s * SAMPLE_RATE) : int((start_s + length_s) * SAMPLE_RATE)]
        if not is_pause(part, waveform):
            return float(start_s)
    return None
