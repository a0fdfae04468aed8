"""Noise 20 dB below the speech."""

import numpy as np
from numpy.typing import NDArray

from core.audio.perturbations import add_noise
from core.robustness.processing import processing


@processing(
    "noise-20db", label="Noise at 20 dB", probe="background",
    summary="Steady noise added 20 dB below the clip, its spectrum flat or falling by up to 6 dB an octave.",
)  # fmt: skip
def noise_20db(waveform: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the noisy waveform."""
    return add_noise(waveform, rng, snr_db=20.0)
