"""A second and a band at once from a spoofing system."""

from typing import ClassVar

import numpy as np

from core.audio.splice import splice
from core.lab.kinds.band import random_band
from core.lab.planted import FADE_S, KINDS, Kind, Place, Planted, Source, audible_start

__all__ = ["SecondBand"]

_LENGTH_S, _WIDTH_HZ = 1.0, 2000.0


@KINDS.register("second-band")
class SecondBand(Kind):
    """One second of a band of 2 kHz of the same utterance from a spoofing system."""

    needs_copy: ClassVar[bool] = True

    def plant(self, source: Source, rng: np.random.Generator) -> Planted | None:
        """Return the clip with a second of a band of the copy in it."""
        start_s = audible_start(source.real, _LENGTH_S, rng)
        if source.copy is None or start_s is None:
            return None
        band = random_band(rng, _WIDTH_HZ)
        place = Place(start_s, start_s + _LENGTH_S, *band)
        start_s, end_s = place.start_s, place.end_s
        made = splice(source.real, source.copy, start_s=start_s, end_s=end_s, band_hz=band, fade_s=FADE_S)
        return Planted(made.waveform, place)
