"""The autoencoder's input, output and error over a whole clip, put together from its windows."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.segment import cut_windows
from core.detectors.base import Detector

__all__ = ["rebuild"]

Image = NDArray[np.float32]


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
