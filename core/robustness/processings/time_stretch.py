"""Time stretch."""

import numpy as np
from numpy.typing import NDArray

from core.audio.ffmpeg_pipe import filtered_by_ffmpeg, without_ffmpeg
from core.robustness.processing import processing


@processing(
    "time-stretch", label="Time stretch, 1.1 times", moves_time=True, needs=without_ffmpeg,
    summary="Played 1.1 times as fast at the same pitch, as players do (overlap and add, ffmpeg's atempo).",
)  # fmt: skip
def time_stretch(waveform: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the faster waveform, which is shorter."""
    return filtered_by_ffmpeg(waveform, "atempo=1.1")
