"""WORLD: pitch, spectral envelope and aperiodicity, analysed and put together again unchanged."""

import numpy as np

from core.audio.resynthesis import world_shift
from trainers.spoofing.base import SYSTEMS, Resynthesis, Wave

__all__ = ["World"]


@SYSTEMS.register("world")
class World(Resynthesis):
    """Vocoder: WORLD, analysed and rebuilt unchanged; see :func:`core.audio.resynthesis.world_shift`."""

    kind = "vocoder"

    def render(self, waveform: Wave, rng: np.random.Generator) -> Wave:
        """Return the recording as WORLD rebuilds it."""
        return world_shift(waveform, pitch=1.0, formants=1.0)
