"""The fundamental frequency of a recording, for systems that need to know where the glottis closes."""

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE

__all__ = ["FRAME", "pitch_track"]

FRAME = SAMPLE_RATE // 200


def pitch_track(waveform: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the fundamental frequency in hertz every ``FRAME`` samples (5 ms) [shape=(1 + n // FRAME,)]; 0 unvoiced.

    References
    ----------
    M. Morise, "Harvest: a high-performance fundamental frequency estimator from speech signals", Interspeech 2017.
    """
    import pyworld

    samples = waveform.astype(np.float64)
    track, _times = pyworld.harvest(samples, SAMPLE_RATE, frame_period=1000 * FRAME / SAMPLE_RATE)
    frames = 1 + len(waveform) // FRAME
    return np.pad(np.asarray(track), (0, max(0, frames - len(track))))[:frames]
