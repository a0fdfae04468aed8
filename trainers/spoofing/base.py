"""The contract of a spoofing system: a recording, or a text, becomes speech that nobody spoke."""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import SpoofscopeError
from core.plugins import Registry

__all__ = ["SYSTEMS", "Resynthesis", "SpoofingError", "System", "TextToSpeech", "Wave", "resynthesise"]

Wave = NDArray[np.float32]

_PEAK = 0.99
_SAME = 1e-3


class SpoofingError(SpoofscopeError):
    """Spoofs that cannot be made: nothing to make them of, no system to make them with, no place to put them."""


class System(ABC):
    """A way to make spoofs. A subclass registers itself with ``@SYSTEMS.register("name")``.

    Attributes
    ----------
    kind : {'vocoder', 'vc', 'codec', 'tts'}
        As in the manifest.
    """

    kind: ClassVar[Literal["vocoder", "vc", "codec", "tts"]]

    def absent(self) -> str:
        """Return what is missing on this machine and how to get it; empty where the system can run."""
        return ""


class Resynthesis(System):
    """A system that takes a recording apart and puts it together again."""

    @abstractmethod
    def render(self, waveform: Wave, rng: np.random.Generator) -> NDArray[np.floating]:
        """Return the spoof of a recording [shape=(n,), mono, 16 kHz]; about as long, at any level."""


class TextToSpeech(System):
    """A system that speaks a text."""

    kind = "tts"

    @abstractmethod
    def speak(self, text: str, rng: np.random.Generator) -> tuple[Wave, str]:
        """Return the text as speech [shape=(n,), mono, 16 kHz] and the name of the voice."""


SYSTEMS: Registry[type[System]] = Registry("spoofing system", "trainers.spoofing.systems")


def resynthesise(system: Resynthesis, waveform: Wave, rng: np.random.Generator) -> Wave:
    """Return the spoof of a recording at its own length and RMS, lowered where its peak would pass 0.99.

    Raises
    ------
    SpoofingError
        When what comes back is silent or not finite, or is the recording itself.
    """
    rendered = np.asarray(system.render(waveform, rng), dtype=np.float64)[: len(waveform)]
    rendered = np.pad(rendered, (0, len(waveform) - len(rendered)))
    if not np.isfinite(rendered).all() or not rendered.any():
        raise SpoofingError("what came back is silent or not finite.")
    gain = _rms(waveform) / _rms(rendered)
    spoof = rendered * gain * min(1.0, _PEAK / float(np.abs(rendered).max() * gain))
    if _rms(spoof - waveform) < _SAME * _rms(waveform):
        raise SpoofingError("what came back is the recording itself.")
    return np.asarray(spoof, dtype=np.float32)


def _rms(waveform: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.mean(np.square(waveform, dtype=np.float64)))) + 1e-12
