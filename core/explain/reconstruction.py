"""The autoencoder's input, output and error over a whole clip, put together from its windows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE, Clip
from core.audio.segment import cut_windows, overlap_mean
from core.detectors.detector import Detector
from core.errors import ExplanationError
from core.watch import report

__all__ = ["Reconstruction", "reconstruct_clip"]

Image = NDArray[np.float32]


@dataclass(frozen=True)
class Reconstruction:
    """What an autoencoder rebuilds of a clip, z-scored, and where it fails.

    Attributes
    ----------
    times_s : ndarray [shape=(frames,)]
    input, output, error : ndarray [shape=(bins, frames), float32]
        Features, what was rebuilt, and the squared difference.
    bands : dict of str to float
        Mean squared error of the static coefficients, their deltas and delta-deltas.
    """

    times_s: NDArray[np.float64]
    input: NDArray[np.float32]
    output: NDArray[np.float32]
    error: NDArray[np.float32]
    bands: dict[str, float]

    @cached_property
    def total(self) -> float:
        """Mean squared error over all bins and frames."""
        return float(self.error.mean())


def reconstruct_clip(clip: Clip, detector: Detector) -> Reconstruction:
    """Return what an autoencoder makes of a whole clip; where windows overlap, their mean.

    Raises
    ------
    ExplanationError
        When the detector rebuilds nothing.
    """
    if not detector.network.rebuilds:
        raise ExplanationError(f"{detector.name} rebuilds nothing: choose an autoencoder.")
    times_s, features, rebuilt, error = _rebuild(clip.waveform, detector)
    thirds = np.array_split(error, 3)
    bands = {name: float(part.mean()) for name, part in zip(("static", "delta", "delta-delta"), thirds, strict=True)}
    return Reconstruction(times_s, features, rebuilt, error, bands)


def _rebuild(waveform: NDArray[np.float32], detector: Detector) -> tuple[NDArray[np.float64], Image, Image, Image]:
    """Return the times of the front-end's frames, and features, rebuilt features and error [shape=(bins, frames)]."""
    hop = round(detector.network.frontend.hop_s * SAMPLE_RATE)
    pieces, spans = cut_windows(waveform, window=detector.window, hop=detector.hop)
    images = []
    for done, piece in enumerate(pieces):
        report(done, len(pieces))
        with torch.inference_mode():
            maps = torch.stack(detector.network.error_map(torch.from_numpy(piece[None])))
        images.append(maps[:, 0].double().numpy())
    frames = 1 + len(waveform) // hop
    # The last window ends with the clip and may start between two frames: it takes the nearest.
    whole = overlap_mean(images, [round(start / hop) for start, _ in spans], frames)
    features, rebuilt, error = whole.astype(np.float32)
    return np.arange(frames) * hop / SAMPLE_RATE, features, rebuilt, error
