"""A band that is cut out for a second."""

import numpy as np

from core.audio.edit import HOP, apply_mask
from core.lab.kinds.band import random_band
from core.lab.planted import KINDS, Kind, Place, Planted, Source, audible_start

__all__ = ["Notch"]

_LENGTH_S, _WIDTH_HZ, _GAIN = 1.0, 1000.0, 0.01


@KINDS.register("notch")
class Notch(Kind):
    """One second in which a band of 1 kHz lies 40 dB lower."""

    def plant(self, source: Source, rng: np.random.Generator) -> Planted | None:
        """Return the clip with the notch in it."""
        start_s = audible_start(source.real, _LENGTH_S, rng)
        if start_s is None:
            return None
        place = Place(start_s, start_s + _LENGTH_S, *random_band(rng, _WIDTH_HZ))
        mask = np.where(place.mask(1 + len(source.real) // HOP), _GAIN, 1.0)
        return Planted(apply_mask(source.real, mask), place)
