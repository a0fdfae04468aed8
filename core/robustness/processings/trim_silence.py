"""Silence trimmed."""

import numpy as np
from numpy.typing import NDArray

from core.audio import perturbations
from core.robustness.processing import processing


@processing(
    "trim-silence", label="Silence trimmed", probe="silence", moves_time=True,
    summary="What lies 40 dB below the loudest frame is cut off both ends.",
)  # fmt: skip
def trim_silence(waveform: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the waveform from its first to its last sound."""
    return perturbations.trim_silence(waveform)
