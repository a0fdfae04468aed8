"""A low pass."""

import numpy as np
from numpy.typing import NDArray

from core.audio.perturbations import low_passed
from core.robustness.processing import processing


@processing("low-pass", label="Low pass at 4 kHz", probe="band", summary="All above 4 kHz is taken away.")
def low_pass(waveform: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return what lies below 4 kHz."""
    return low_passed(waveform, 4000.0)
