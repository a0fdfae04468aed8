"""A telephone."""

import numpy as np
from numpy.typing import NDArray

from core.audio import perturbations
from core.robustness.processing import processing


@processing(
    "telephone", label="Telephone band", probe="band", summary="Limited to 300 to 3400 Hz, then A-law at 8 kHz (G.711)."
)
def telephone(waveform: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return what the other end of a telephone gets."""
    return perturbations.telephone(waveform, "ALAW")
