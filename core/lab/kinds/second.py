"""One second of the utterance from a spoofing system."""

from typing import ClassVar

import numpy as np

from core.audio.splice import splice
from core.lab.planted import FADE_S, KINDS, Kind, Place, Planted, Source, audible_start

__all__ = ["Second"]

_LENGTH_S = 1.0


@KINDS.register("second")
class Second(Kind):
    """One second of the same utterance from a spoofing system, aligned, cross-faded and matched in level."""

    needs_copy: ClassVar[bool] = True

    def plant(self, source: Source, rng: np.random.Generator) -> Planted | None:
        """Return the clip with a second of the copy in it."""
        start_s = audible_start(source.real, _LENGTH_S, rng)
        if source.copy is None or start_s is None:
            return None
        place = Place(start_s, start_s + _LENGTH_S)
        made = splice(source.real, source.copy, start_s=place.start_s, end_s=place.end_s, fade_s=FADE_S)
        return Planted(made.waveform, place)
