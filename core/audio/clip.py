"""What a clip is: mono float32 at 16 kHz, with the record of how it was decoded."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["SAMPLE_RATE", "Clip", "DecodeRecord"]

SAMPLE_RATE = 16_000


@dataclass(frozen=True)
class DecodeRecord:
    """How a file became a waveform.

    Attributes
    ----------
    container, codec : str
        Format of the file as the decoder named it.
    sample_rate_hz, channels : int
        Of the file, before conversion to 16 kHz mono.
    duration_s : float
        Length of the whole recording in seconds.
    used_s, dropped_s : float
        Seconds decoded, and seconds left out.
    notes : tuple of str
        What a person should know ("decoding stopped at a damaged frame").
    """

    container: str
    codec: str
    sample_rate_hz: int
    channels: int
    duration_s: float
    used_s: float
    dropped_s: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def form(self) -> str:
        """Container and codec in words; where the codec names the container, that alone: ``FLAC (16-bit)``."""
        if self.codec.lower().startswith(self.container.lower()):
            return self.codec
        return f"{self.container} ({self.codec})" if self.codec else self.container

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values."""
        return {**asdict(self), "notes": list(self.notes)}


@dataclass(frozen=True)
class Clip:
    """One recording, decoded.

    Attributes
    ----------
    name : str
        File name as the person gave it; not trusted, escape it before showing it.
    waveform : ndarray [shape=(n,), float32]
        Mono samples at 16 kHz, nominally in [-1, 1].
    record : DecodeRecord
        How it was decoded.
    path : Path or None
        The file it came from.
    """

    name: str
    waveform: NDArray[np.float32]
    record: DecodeRecord
    path: Path | None = None

    @property
    def duration_s(self) -> float:
        """Length of the waveform in seconds."""
        return len(self.waveform) / SAMPLE_RATE
