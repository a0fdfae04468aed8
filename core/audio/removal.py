"""Cells of a clip's grid taken out: what stands in their place, and the waveform that is left.

What is taken out is not left empty: few recordings have such holes, and a detector may answer to the hole. It is left
as loud as the clip's own noise floor, with the phase of noise (as ``core.explain.masking.NOISE_FLOOR``).
"""

import numpy as np
import torch
from numpy.typing import NDArray

from core.audio.edit import HOP, istft, noise_floor, stft
from core.audio.segment import Sound

__all__ = ["Removal"]

Wave = NDArray[np.float32]


class Removal:
    """A clip of which cells can be taken out, again and again.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz.

    Attributes
    ----------
    waveform : ndarray [shape=(n,), float32]
    magnitude : ndarray [shape=(257, frames), float32]
        Of its cells.
    """

    def __init__(self, waveform: Wave) -> None:
        self.waveform = np.ascontiguousarray(waveform)
        self._spectrum = stft(torch.from_numpy(self.waveform))
        level = self._spectrum.abs()
        self.magnitude = level.numpy()
        # Long digital silence has no noise: in a clip that holds much of it nothing would be left.
        sounding = torch.from_numpy(np.unique(Sound.of(self.waveform).clip_frames(HOP)))
        floor = noise_floor(level[:, sounding])
        turns = torch.rand(level.shape, generator=torch.Generator().manual_seed(0))
        # Nothing is ever louder than it was.
        self._floor = torch.polar(torch.minimum(level, floor), 2 * torch.pi * turns)

    def without(self, cells: NDArray[np.floating] | NDArray[np.bool_]) -> Wave:
        """Return the waveform [shape=(n,)] with cells [shape=(257, frames)] taken out, each by its share in [0, 1]."""
        taken = torch.from_numpy(np.ascontiguousarray(cells, dtype=np.float32))
        return istft(self._spectrum * (1 - taken) + self._floor * taken, len(self.waveform)).numpy()
