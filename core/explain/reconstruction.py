"""The autoencoder's input, output and error over a whole clip, put together from its windows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE, Clip
from core.audio.segment import cut_windows
from core.detectors.detector import Detector
from core.errors import ExplanationError

__all__ = ["Reconstruction", "rebuild", "reconstruct_clip"]

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
    if not hasattr(detector.network, "error_map"):
        raise ExplanationError(f"{detector.name} rebuilds nothing: choose an autoencoder.")
    times_s, features, rebuilt, error = rebuild(clip.waveform, detector)
    thirds = np.array_split(error, 3)
    bands = {name: float(part.mean()) for name, part in zip(("static", "delta", "delta-delta"), thirds, strict=True)}
    return Reconstruction(times_s, features, rebuilt, error, bands)


def rebuild(waveform: NDArray[np.float32], detector: Detector) -> tuple[NDArray[np.float64], Image, Image, Image]:
    """Return times and the three maps of a network that has ``error_map``.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz.
    detector : Detector

    Returns
    -------
    times_s : ndarray [shape=(frames,)]
        One frame every hop of the front-end, ``1 + n // hop`` of them.
    features, rebuilt, error : ndarray [shape=(bins, frames), float32]
        Where windows overlap, their mean.
    """
    hop = round(detector.network.frontend.hop_s * SAMPLE_RATE)
    pieces, spans = cut_windows(waveform, window=detector.window, hop=detector.hop)
    frames = 1 + len(waveform) // hop
    total: NDArray[np.float64] | None = None
    heard = np.zeros(frames)
    for piece, (start, _) in zip(pieces, spans, strict=True):
        with torch.inference_mode():
            maps = torch.stack(detector.network.error_map(torch.from_numpy(piece[None])))  # type: ignore[operator]
        image = maps[:, 0].double().numpy()
        if total is None:
            total = np.zeros((3, image.shape[1], frames))
        # The last window ends with the clip and may start between two frames: it takes the nearest.
        first = round(start / hop)
        count = min(image.shape[2], frames - first)
        total[:, :, first : first + count] += image[:, :, :count]
        heard[first : first + count] += 1
    assert total is not None
    features, rebuilt, error = (total / np.maximum(heard, 1)).astype(np.float32)
    return np.arange(frames) * hop / SAMPLE_RATE, features, rebuilt, error
