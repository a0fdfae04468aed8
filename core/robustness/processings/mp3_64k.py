"""MP3 at 64 kbit/s."""

import numpy as np
from numpy.typing import NDArray

from core.audio.perturbations import below_one, round_trip
from core.robustness.processing import processing

# libsndfile spreads the levels 0 to 1 over 320 to 32 kbit/s at this rate.
_LEVEL = (320 - 64) / (320 - 32)


@processing(
    "mp3-64k", label="MP3, 64 kbit/s", probe="codec", codec="mp3",
    summary="Encoded as mono MP3 at 44.1 kHz and 64 kbit/s, and back.",
)  # fmt: skip
def mp3_64k(waveform: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the decoded waveform."""
    sent, scale = below_one(waveform)
    options = {"compression_level": _LEVEL, "bitrate_mode": "CONSTANT"}
    return round_trip(sent, "MP3", "MPEG_LAYER_III", 44_100, **options) * scale
