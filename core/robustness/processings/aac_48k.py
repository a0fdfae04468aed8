"""AAC at 48 kbit/s."""

import numpy as np
from numpy.typing import NDArray

from core.audio.ffmpeg_pipe import coded_by_ffmpeg, without_ffmpeg
from core.audio.perturbations import below_one
from core.robustness.processing import processing

_DELAY = 1024


@processing(
    "aac-48k", label="AAC, 48 kbit/s", probe="codec", codec="aac", needs=without_ffmpeg,
    summary="Encoded as mono AAC at 44.1 kHz and 48 kbit/s, as a phone records, and back.",
)  # fmt: skip
def aac_48k(waveform: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the decoded waveform."""
    sent, scale = below_one(waveform)
    coded = coded_by_ffmpeg(sent, ("-c:a", "aac", "-b:a", "48k"), container="adts", delay=_DELAY, rate_hz=44_100)
    return coded * scale
