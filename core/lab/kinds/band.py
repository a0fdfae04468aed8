"""A band of the whole utterance from a spoofing system."""

from typing import ClassVar

import numpy as np

from core.audio.clip import SAMPLE_RATE
from core.audio.edit import HOP
from core.audio.splice import splice
from core.lab.planted import FADE_S, KINDS, NYQUIST_HZ, Kind, Place, Planted, Source

__all__ = ["Band", "random_band"]

_WIDTH_HZ, _STEP_HZ = 2000.0, 250.0


@KINDS.register("band")
class Band(Kind):
    """A band of 2 kHz of the same utterance from a spoofing system, over the whole clip."""

    needs_copy: ClassVar[bool] = True

    def plant(self, source: Source, rng: np.random.Generator) -> Planted | None:
        """Return the clip with a band of the copy in it."""
        if source.copy is None:
            return None
        low_hz, high_hz = random_band(rng, _WIDTH_HZ)
        end_s = len(source.real) / SAMPLE_RATE
        made = splice(source.real, source.copy, start_s=0.0, end_s=end_s, band_hz=(low_hz, high_hz), fade_s=FADE_S)
        # The last frame may be centred on the very end.
        return Planted(made.waveform, Place(0.0, end_s + HOP / SAMPLE_RATE, low_hz, high_hz))


def random_band(rng: np.random.Generator, width_hz: float) -> tuple[float, float]:
    """Return a band of that width anywhere between 0 and 8 kHz, on steps of 250 Hz."""
    low_hz = _STEP_HZ * int(rng.integers(0, int((NYQUIST_HZ - width_hz) / _STEP_HZ) + 1))
    return low_hz, low_hz + width_hz
