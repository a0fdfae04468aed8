"""Loudness normalisation."""

import numpy as np
from numpy.typing import NDArray

from core.audio.ffmpeg_pipe import filtered_by_ffmpeg, without_ffmpeg
from core.audio.segment import fit_length
from core.robustness.processing import processing


@processing(
    "loudness", label="Loudness normalisation", needs=without_ffmpeg,
    summary="A gain that follows the level over some 1.4 s (ffmpeg's dynaudnorm), as players and podcasts use.",
)  # fmt: skip
def loudness(waveform: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the waveform at the common loudness."""
    return fit_length(filtered_by_ffmpeg(waveform, "dynaudnorm=f=200:g=7"), len(waveform))
