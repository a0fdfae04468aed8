"""Opus at 24 kbit/s."""

import numpy as np
from numpy.typing import NDArray

from core.audio.perturbations import opus
from core.robustness.processing import processing


@processing(
    "opus-24k", label="Opus, 24 kbit/s", probe="codec", codec="opus",
    summary="Encoded as Opus at 24 kbit/s, as messengers send a voice note, and back.",
)  # fmt: skip
def opus_24k(waveform: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the decoded waveform."""
    return opus(waveform, kbits=24)
