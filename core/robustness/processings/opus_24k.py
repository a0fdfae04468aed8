"""Opus at 24 kbit/s."""

import numpy as np
from numpy.typing import NDArray

from core.audio.perturbations import below_one, round_trip
from core.robustness.processing import processing

# libsndfile spreads the levels 0 to 1 over 256 to 6 kbit/s.
_LEVEL = (256 - 24) / 250


@processing(
    "opus-24k", label="Opus, 24 kbit/s", probe="codec",
    summary="Encoded as Opus at 24 kbit/s, as messengers send a voice note, and back.",
)  # fmt: skip
def opus_24k(waveform: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the decoded waveform."""
    sent, scale = below_one(waveform)
    return round_trip(sent, "OGG", "OPUS", 16_000, compression_level=_LEVEL) * scale
