"""Scores of a split by a detector under training, kept so that no clip is scored twice."""

import io

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import save as save_tensors

from core.detectors.detector import Detector
from core.files import sha256_bytes, write_bytes
from core.progress import progress
from core.threads import side_by_side
from trainers.waveforms import Clips

__all__ = ["score_split"]

_AT_ONCE = 32


def score_split(detector: Detector, waves: Clips, *, what: str = "clips") -> NDArray[np.float64]:
    """Return the raw score of every clip [shape=(n,)], over all its windows, as a user gets it.

    Scores are kept in the cache folder by the digests of weights and clips.
    """
    weights = save_tensors({k: v.contiguous() for k, v in detector.network.state_dict().items()})
    digest = sha256_bytes(weights + f"{detector.window} {waves.key}".encode())
    path = waves.cache / f"scores-{digest[:24]}.npy"
    if not path.exists():
        buffer = io.BytesIO()
        np.save(buffer, np.array(_scores(detector, waves, what), dtype=float))
        write_bytes(path, buffer.getvalue())
    return np.asarray(np.load(path, allow_pickle=False))


def _scores(detector: Detector, waves: Clips, what: str) -> list[float]:
    """Return the raw scores, as many clips at once as there are cores."""
    scores: list[float] = []
    with progress(f"{what} scored by {detector.name}") as report:
        for start in range(0, len(waves), _AT_ONCE):
            rows = range(start, min(start + _AT_ONCE, len(waves)))
            scores += side_by_side(lambda row: detector.score(waves[row]).raw, rows)
            report(len(scores), len(waves))
    return scores
