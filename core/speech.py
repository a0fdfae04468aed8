"""Where somebody speaks: Silero's voice activity detector, which ships inside its package and needs no network.

https://github.com/snakers4/silero-vad, MIT licence. The sequence model scores 16 s at once by ONNX Runtime.
"""

import functools
import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE

if TYPE_CHECKING:
    from silero_vad.sequence_vad import SileroVADSequence

__all__ = ["find_speech", "speech_seconds"]

_MODEL = "silero_vad_16k_sequence.onnx"
# The level that the detectors bring their windows to, too: -26 dBFS.
_RMS = 0.05
_QUIET = 1e-5
_BLOCK = 1 << 20


def find_speech(waveform: NDArray[np.float32]) -> tuple[tuple[float, float], ...]:
    """Return where there is speech in a clip, as (start, end) in seconds.

    Stretches are at least 0.25 s long; pauses under 0.1 s are part of them (the library's own settings).

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz. Its level does not matter.
    """
    from silero_vad.sequence_vad import get_speech_timestamps_sequence

    level = _level(waveform)
    if level < _QUIET:
        return ()
    samples = np.asarray(waveform * (_RMS / level), dtype=np.float32)
    found = get_speech_timestamps_sequence(samples, _model(), sampling_rate=SAMPLE_RATE)
    return tuple((stretch["start"] / SAMPLE_RATE, stretch["end"] / SAMPLE_RATE) for stretch in found)


def _level(waveform: NDArray[np.float32]) -> float:
    """Return the root mean square; block by block, since squares in double precision take twice the room."""
    blocks = (waveform[start : start + _BLOCK] for start in range(0, len(waveform), _BLOCK))
    return math.sqrt(sum(float(np.square(block, dtype=np.float64).sum()) for block in blocks) / max(len(waveform), 1))


def speech_seconds(waveform: NDArray[np.float32]) -> float:
    """Return how many seconds of a clip are speech; see ``find_speech``."""
    return sum((end - start for start, end in find_speech(waveform)), start=0.0)


@functools.cache
def _model() -> "SileroVADSequence":
    from importlib.resources import files

    from silero_vad.sequence_vad import SileroVADSequence

    return SileroVADSequence(str(files("silero_vad.data") / _MODEL))
