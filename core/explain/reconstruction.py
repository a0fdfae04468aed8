"""The autoencoder's input, output and error over a whole clip, put together from its windows."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE, Clip
from core.audio.segment import Sound, cut_windows, overlap_mean
from core.detectors.detector import Detector
from core.errors import ExplanationError
from core.watch import report

__all__ = ["Reconstruction", "reconstruct_clip"]


@dataclass(frozen=True)
class Reconstruction:
    """What an autoencoder rebuilds of a clip, z-scored, and where it fails.

    Attributes
    ----------
    times_s : ndarray [shape=(frames,)]
    input, output, error : ndarray [shape=(bins, frames), float32]
        Features, what was rebuilt, and the squared difference; zero in long digital silence, which is not scored.
    total : float
        Mean squared error over all bins and all frames that are scored.
    bands : dict of str to float
        The same of the static coefficients, their deltas and delta-deltas.
    """

    times_s: NDArray[np.float64]
    input: NDArray[np.float32]
    output: NDArray[np.float32]
    error: NDArray[np.float32]
    total: float
    bands: dict[str, float]


def reconstruct_clip(clip: Clip, detector: Detector) -> Reconstruction:
    """Return what an autoencoder makes of a whole clip; where windows overlap, their mean.

    Raises
    ------
    ExplanationError
        When the detector rebuilds nothing.
    """
    if not detector.network.rebuilds:
        raise ExplanationError(f"{detector.name} rebuilds nothing: choose an autoencoder.")
    sound, hop = Sound.of(clip.waveform), round(detector.network.frontend.hop_s * SAMPLE_RATE)
    images = _rebuild(sound.waveform, detector, hop)
    error = images[2]
    bands = zip(("static", "delta", "delta-delta"), np.array_split(error, 3), strict=True)
    means = {name: float(part.mean()) for name, part in bands}
    whole = np.zeros((*images.shape[:2], 1 + sound.n_samples // hop), np.float32)
    whole[..., sound.clip_frames(hop)] = images
    times_s = np.arange(whole.shape[2]) * hop / SAMPLE_RATE
    return Reconstruction(times_s, whole[0], whole[1], whole[2], float(error.mean()), means)


def _rebuild(waveform: NDArray[np.float32], detector: Detector, hop: int) -> NDArray[np.float32]:
    """Return features, rebuilt features and error of a sound [shape=(3, bins, frames)], on the front-end's frames."""
    pieces, spans = cut_windows(waveform, window=detector.window, hop=detector.hop)
    images = []
    for done, piece in enumerate(pieces):
        report(done, len(pieces))
        with torch.inference_mode():
            maps = torch.stack(detector.network.error_map(torch.from_numpy(piece[None])))
        images.append(maps[:, 0].double().numpy())
    frames = 1 + len(waveform) // hop
    # The last window ends with the clip and may start between two frames: it takes the nearest.
    return overlap_mean(images, [round(start / hop) for start, _ in spans], frames).astype(np.float32)
