"""WORLD with another voice: pitch and formants moved together, as from one body to another."""

import numpy as np

from core.audio.resynthesis import world_shift
from trainers.spoofing.base import SYSTEMS, Resynthesis, Wave

__all__ = ["WorldConversion"]


@SYSTEMS.register("world-vc")
class WorldConversion(Resynthesis):
    """Voice conversion: WORLD, the pitch times 1.15 to 1.6 or divided by as much, the formants moved with it.

    Formants move by a third of that on a logarithmic scale. See :func:`core.audio.resynthesis.world_shift`.
    """

    kind = "vc"

    def render(self, waveform: Wave, rng: np.random.Generator) -> Wave:
        """Return the recording in a higher or a lower voice."""
        pitch = float(rng.uniform(1.15, 1.6) ** rng.choice([-1, 1]))
        return world_shift(waveform, pitch=pitch, formants=pitch ** (1 / 3))
