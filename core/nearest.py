"""Which clips of the reference run a recording is most like, in the embedding of one of the panel's members."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["UNLIKE", "Known", "Nearest", "Space", "nearest_clips", "space_of"]

UNLIKE = 0.99
"""Share of the run's own clips whose nearest clip of another recording lies within the limit.

What lies farther from all clips than that is *unlike anything known*; so are 1 % of the run's own clips.
"""

# Neighbours that are looked at where a space is judged, and by default shown.
_FEW = 5


@dataclass(frozen=True)
class Known:
    """A clip of the reference run.

    Attributes
    ----------
    path : str
        In the run.
    label, system : str
        What it is, and the attack that made it ("-" for none).
    distance : float
        From the recording, in units of the limit: over 1 is unlike.
    """

    path: str
    label: str
    system: str
    distance: float


@dataclass(frozen=True)
class Nearest:
    """The clips that a recording is most like.

    Attributes
    ----------
    detector : str
        Whose embedding it is.
    clips : tuple of Known
        The nearest first.
    n_clips : int
        Of the run.
    label_rate : float
        Share of the run's clips whose nearest clip of another recording has their label.
    system_rate : float
        Share of its spoofs that have one of their own attack among their five nearest clips of other recordings.
    """

    detector: str
    clips: tuple[Known, ...]
    n_clips: int
    label_rate: float
    system_rate: float

    @property
    def is_unlike(self) -> bool:
        """Whether the recording lies farther from all clips than ``UNLIKE`` of them from their nearest."""
        return self.clips[0].distance > 1


@dataclass(frozen=True, eq=False)
class Space:
    """A detector's embeddings of the run's clips, each dimension with the same spread.

    Attributes
    ----------
    detector : str
    points : ndarray [shape=(clips, dims)]
    mean, spread : ndarray [shape=(dims,)]
        By which a new embedding becomes a point.
    limit : float
        The quantile ``UNLIKE`` of the distances from each clip to its nearest clip of another recording.
    label_rate, system_rate : float
        See ``Nearest``.
    """

    detector: str
    points: NDArray[np.float64]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    limit: float
    label_rate: float
    system_rate: float


def nearest_clips(run: "Run", embeddings: Mapping[str, NDArray[np.floating]], *, most: int = _FEW) -> Nearest | None:
    """Return the reference clips that a recording is most like.

    Of the detectors whose embedding is given, the one counts in whose space a clip's nearest clip of another recording
    has its label most often. Distances are Euclidean between principal components of one spread.

    Parameters
    ----------
    run : Run
    embeddings : mapping of str to ndarray [shape=(d,)]
        By detector, as ``ClipScore.embedding`` has them.
    most : int
        Clips that are returned.

    Returns
    -------
    Nearest or None
        None where no detector's embedding can be placed among those of the run (``Run.project``).
    """
    placed = {name: own for name, given in embeddings.items() if (own := run.project(name, given)) is not None}
    if not placed:
        return None
    space = max((space_of(run, name) for name in placed), key=lambda each: each.label_rate)
    point = (placed[space.detector] - space.mean) / space.spread
    distances = np.linalg.norm(space.points - point, axis=1) / space.limit
    rows = run.clips.iloc[np.argsort(distances)[:most]]
    clips = tuple(
        Known(str(row.path), str(row.label), str(row.system), float(distances[at]))
        for at, row in zip(rows.index, rows.itertuples(), strict=True)
    )
    return Nearest(space.detector, clips, len(run.clips), space.label_rate, space.system_rate)


@lru_cache(maxsize=8)
def space_of(run: "Run", detector: str) -> Space:
    """Return a detector's space: its points, its limit, and how often neighbours are alike, by the run's own clips."""
    raw = np.asarray(run.embeddings(detector), dtype=np.float64)
    mean, spread = raw.mean(axis=0), np.maximum(raw.std(axis=0), 1e-12)
    points = (raw - mean) / spread
    order, distances = _neighbours(points, run.clips["source"].to_numpy())
    labels, systems = run.clips["label"].to_numpy(), run.clips["system"].to_numpy()
    spoofs = labels == "spoof"
    alike = (systems[order] == systems[:, np.newaxis]).any(axis=1)
    return Space(
        detector, points, mean, spread, limit=float(np.quantile(distances, UNLIKE)),
        label_rate=float((labels[order[:, 0]] == labels).mean()),
        system_rate=float(alike[spoofs].mean()) if spoofs.any() else float("nan"),
    )  # fmt: skip


def _neighbours(
    points: NDArray[np.float64], sources: NDArray[np.object_]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return each clip's nearest clips of other recordings [shape=(clips, few)], and how far the nearest is."""
    squares = (points**2).sum(axis=1)
    distances = np.sqrt(np.maximum(squares[:, np.newaxis] + squares - 2 * points @ points.T, 0))
    distances[sources[:, np.newaxis] == sources] = np.inf
    return np.argsort(distances, axis=1)[:, :_FEW], distances.min(axis=1)
