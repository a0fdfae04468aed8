"""A click."""

import numpy as np

from core.audio.clip import SAMPLE_RATE
from core.lab.planted import KINDS, Kind, Place, Planted, Source, audible_start

__all__ = ["Click"]

_PLACE_S, _LENGTH_S, _DECAY_S = 0.1, 0.005, 0.001


@KINDS.register("click")
class Click(Kind):
    """A burst of noise of 5 ms that decays, as high as the clip's peak; its place is the tenth of a second around."""

    def plant(self, source: Source, rng: np.random.Generator) -> Planted | None:
        """Return the clip with the click in it."""
        start_s = audible_start(source.real, _PLACE_S, rng)
        if start_s is None:
            return None
        burst = rng.uniform(-1, 1, int(_LENGTH_S * SAMPLE_RATE))
        burst *= np.exp(-np.arange(len(burst)) / (_DECAY_S * SAMPLE_RATE))
        first = int((start_s + _PLACE_S / 2) * SAMPLE_RATE)
        waveform = source.real.copy()
        waveform[first : first + len(burst)] += np.abs(source.real).max() * burst / np.abs(burst).max()
        return Planted(waveform, Place(start_s, start_s + _PLACE_S))
