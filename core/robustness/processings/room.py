"""A room."""

import numpy as np
from numpy.typing import NDArray

from core.audio.perturbations import reverberate
from core.robustness.processing import processing


@processing("room", label="Room", summary="Reverberated for 0.1 to 0.6 s (to -60 dB) below the direct sound.")
def room(waveform: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the waveform as a room gives it back."""
    return reverberate(waveform, rng)
