"""Steady tones."""

import numpy as np

from core.audio.clip import SAMPLE_RATE
from core.audio.splice import faded
from core.lab.kinds.band import random_band
from core.lab.planted import KINDS, Kind, Place, Planted, Source, audible_start

__all__ = ["Tones"]

_LENGTH_S, _WIDTH_HZ, _STEP_HZ, _LEVEL = 1.0, 1000.0, 100.0, 0.3


@KINDS.register("tones")
class Tones(Kind):
    """One second of eleven steady tones over 1 kHz, 10 dB below the clip's level."""

    def plant(self, source: Source, rng: np.random.Generator) -> Planted | None:
        """Return the clip with the tones in it."""
        start_s = audible_start(source.real, _LENGTH_S, rng)
        if start_s is None:
            return None
        low_hz, high_hz = random_band(rng, _WIDTH_HZ)
        seconds = np.arange(len(source.real)) / SAMPLE_RATE
        tones = np.zeros(len(source.real))
        for hz in np.arange(max(low_hz, _STEP_HZ), high_hz + 1, _STEP_HZ):
            tones += np.cos(2 * np.pi * hz * seconds + rng.uniform(0, 2 * np.pi))
        tones *= _LEVEL * float(source.real.std()) / float(tones.std())
        place = Place(start_s, start_s + _LENGTH_S, low_hz, high_hz)
        gain = faded(len(source.real), place.start_s, place.end_s)
        return Planted((source.real + gain * tones).astype(np.float32), place)
