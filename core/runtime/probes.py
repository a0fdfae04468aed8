"""Windows to compare two engines on, the same every time."""

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE

__all__ = ["probe_windows", "speechlike"]

_PITCH_HZ, _SYLLABLES_HZ = 120.0, 4.0


def probe_windows(length: int) -> NDArray[np.float32]:
    """Return noise, something like speech, and digital silence [shape=(3, length), float32]."""
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.1, length).astype(np.float32)
    return np.stack([noise, speechlike(length), np.zeros(length, dtype=np.float32)])


def speechlike(length: int) -> NDArray[np.float32]:
    """Return a gliding harmonic tone with a voice's spectral tilt, in syllables, over faint noise [shape=(length,)]."""
    rng = np.random.default_rng(1)
    time_s = np.arange(length) / SAMPLE_RATE
    phase = 2 * np.pi * np.cumsum(_PITCH_HZ * (1 + 0.1 * np.sin(2 * np.pi * 0.7 * time_s))) / SAMPLE_RATE
    voice = sum(np.sin(k * phase) / k for k in range(1, 30))
    syllables = np.clip(np.sin(2 * np.pi * _SYLLABLES_HZ * time_s), 0, None)
    return (0.1 * voice * syllables + rng.normal(0, 0.003, length)).astype(np.float32)
