"""Scores of a split by a detector under training, kept so that no clip is scored twice."""

import io

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import save as save_tensors

from core.detectors.detector import Detector
from core.files import sha256_bytes, write_bytes
from trainers.data import PerturbedWaveforms, Waveforms
from trainers.progress import counted

__all__ = ["score_split"]


def score_split(
    detector: Detector, waves: Waveforms | PerturbedWaveforms, *, what: str = "clips"
) -> NDArray[np.float64]:
    """Return the raw score of every clip [shape=(n,)], over all its windows, as a user gets it.

    Scores are kept in the cache folder by the digests of weights and clips.
    """
    weights = save_tensors({k: v.contiguous() for k, v in detector.network.state_dict().items()})
    digest = sha256_bytes(weights + f"{detector.window} {waves.key}".encode())
    path = waves.cache / f"scores-{digest[:24]}.npy"
    if not path.exists():
        rows = counted(range(len(waves)), f"{what} scored by {detector.name}")
        scores = np.array([detector.score(waves[row]).raw for row in rows], dtype=float)
        buffer = io.BytesIO()
        np.save(buffer, scores)
        write_bytes(path, buffer.getvalue())
    return np.asarray(np.load(path, allow_pickle=False))
