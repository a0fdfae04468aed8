"""Scores of a split by a detector under training, kept so that no clip is scored twice."""

import io
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.detectors.detector import Detector
from core.files import write_bytes
from core.progress import progress
from core.threads import side_by_side
from trainers.cache_key import cache_key
from trainers.waveforms import Clips

__all__ = ["score_split"]

_AT_ONCE = 32


def score_split(detector: Detector, waves: Clips, *, what: str = "clips") -> NDArray[np.float64]:
    """Return the raw score of every clip [shape=(n,)], over all its windows, as a user gets it.

    Scores are kept in the cache folder by the digests of weights and clips, as they are made: a call that was
    interrupted goes on with the next clips.
    """
    path = waves.cache / f"scores-{cache_key(detector.network.state_dict(), f'{detector.window} {waves.key}')}.npy"
    if not path.exists():
        part = path.with_suffix(".part")
        _fill(_opened(part, len(waves)), detector, waves, what)
        # Another process of the same training may have been faster.
        with suppress(FileNotFoundError):
            part.replace(path)
    return np.asarray(np.load(path, allow_pickle=False))


def _opened(part: Path, n: int) -> NDArray[np.float64]:
    """Return the scores of an unfinished file [shape=(n,)]: NaN from the first clip on that is still to be scored."""
    if not part.exists():
        buffer = io.BytesIO()
        np.save(buffer, np.full(n, np.nan))
        write_bytes(part, buffer.getvalue())
    return np.load(part, mmap_mode="r+", allow_pickle=False)


def _fill(scores: NDArray[np.float64], detector: Detector, waves: Clips, what: str) -> None:
    """Score what is missing, as many clips at once as there are cores."""
    done = int(np.isfinite(scores).sum())
    with progress(f"{what} scored by {detector.name}") as report:
        for start in range(done, len(waves), _AT_ONCE):
            rows = range(start, min(start + _AT_ONCE, len(waves)))
            scores[start : rows.stop] = side_by_side(lambda row: detector.score(waves[row]).raw, rows)
            report(rows.stop, len(waves))
