"""Griffin-Lim: a log-mel spectrogram, and a phase guessed until it fits."""

import numpy as np

from core.audio.resynthesis import griffin_lim
from trainers.spoofing.base import SYSTEMS, Resynthesis, Wave

__all__ = ["GriffinLim"]


@SYSTEMS.register("griffinlim")
class GriffinLim(Resynthesis):
    """Vocoder: Griffin-Lim from 64, 80 or 100 mel bands in 32 or 60 rounds; see :mod:`core.audio.resynthesis`."""

    kind = "vocoder"

    def render(self, waveform: Wave, rng: np.random.Generator) -> Wave:
        """Return the recording rebuilt from its mel spectrogram."""
        n_mels, iterations = int(rng.choice([64, 80, 100])), int(rng.choice([32, 60]))
        return griffin_lim(waveform, n_mels=n_mels, iterations=iterations, seed=int(rng.integers(2**31)))
