"""A second without its phase."""

import numpy as np
import torch

from core.audio.edit import istft, stft
from core.audio.splice import faded
from core.lab.planted import KINDS, Kind, Place, Planted, Source, audible_start

__all__ = ["PhaseSmear"]

_LENGTH_S = 1.0


@KINDS.register("phase-smear")
class PhaseSmear(Kind):
    """One second that keeps its magnitudes and gets phases at random."""

    def plant(self, source: Source, rng: np.random.Generator) -> Planted | None:
        """Return the clip with the phases of a second smeared."""
        start_s = audible_start(source.real, _LENGTH_S, rng)
        if start_s is None:
            return None
        place = Place(start_s, start_s + _LENGTH_S)
        gain = faded(len(source.real), place.start_s, place.end_s)
        smeared = _smeared(source.real, rng)
        inside = gain > 0
        smeared *= source.real[inside].std() / max(float(smeared[inside].std()), 1e-9)
        return Planted((source.real + gain * (smeared - source.real)).astype(np.float32), place)


def _smeared(waveform: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    magnitude = stft(torch.from_numpy(waveform)).abs()
    turns = torch.from_numpy(rng.uniform(0, 2 * np.pi, tuple(magnitude.shape))).float()
    return istft(torch.polar(magnitude, turns), len(waveform)).numpy()
