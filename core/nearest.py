"""Which clips of a run a recording is most like, in the embedding of one of the panel's members."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.results.clusters import ranks

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["UNLIKE", "Known", "Nearest", "Space", "nearest_clips", "space_of"]

UNLIKE = 0.99
"""Share of the run's own clips whose nearest clip of another recording lies within the limit.

What lies farther from all clips than that is *unlike anything known*; so are 1 % of the run's own clips.
"""

# Neighbours that are looked at where a space is judged, and by default shown.
_FEW = 5
# Of a larger run so many clips are known, evenly taken; by so many of them the space is judged, so many at once.
_MOST_KNOWN, _MOST_JUDGED, _AT_ONCE = 20_000, 2_000, 250


@dataclass(frozen=True)
class Known:
    """A clip of the run.

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
        Share of the run's clips with a label whose nearest clip of another recording has the same; NaN without labels.
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
    places : ndarray of int [shape=(clips,)]
        Where the clips stand in the run: of a large one some, evenly taken.
    points : ndarray [shape=(clips, dims)]
    mean, spread : ndarray [shape=(dims,)]
        By which a new embedding becomes a point.
    limit : float
        The quantile ``UNLIKE`` of the distances from each clip to its nearest clip of another recording.
    label_rate, system_rate : float
        See ``Nearest``.
    """

    detector: str
    places: NDArray[np.intp]
    points: NDArray[np.float64]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    limit: float
    label_rate: float
    system_rate: float


def nearest_clips(run: "Run", embeddings: Mapping[str, NDArray[np.floating]], *, most: int = _FEW) -> Nearest | None:
    """Return the clips of a run that a recording is most like.

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
    # Without labels all are alike in that, and the first member's counts.
    space = max((space_of(run, name) for name in placed), key=lambda each: np.nan_to_num(each.label_rate))
    point = (placed[space.detector] - space.mean) / space.spread
    distances = np.linalg.norm(space.points - point, axis=1) / space.limit
    order = np.argsort(distances)[:most]
    rows = run.rows(space.places[order], [name for name in ("path", "label", "system") if name in run.columns])
    clips = tuple(
        Known(str(row["path"]), str(row.get("label", "-")), str(row.get("system", "-")), float(distances[at]))
        for at, row in zip(order, rows.to_dict("records"), strict=True)
    )
    return Nearest(space.detector, clips, len(space.points), space.label_rate, space.system_rate)


@lru_cache(maxsize=8)
def space_of(run: "Run", detector: str) -> Space:
    """Return a detector's space: its points, its limit, and how often neighbours are alike, by the run's own clips."""
    places = _evenly(len(run), _MOST_KNOWN)
    raw = np.asarray(run.embeddings(detector)[places], dtype=np.float64)
    mean, spread = raw.mean(axis=0), np.maximum(raw.std(axis=0), 1e-12)
    points = (raw - mean) / spread
    judged = _evenly(len(points), _MOST_JUDGED)
    order, distances = _neighbours(points, _recordings(run)[places], judged)
    real, fake, systems = run.real[places], run.fake[places], ranks(run, "system")[0][places]
    spoofs, labelled, first = fake[judged], (real | fake)[judged], order[:, 0]
    alike = ((systems[order] == systems[judged, np.newaxis]) & (systems[order] >= 0)).any(axis=1)
    same = (real[first] == real[judged]) & (fake[first] == fake[judged])
    return Space(
        detector, places, points, mean, spread, limit=float(np.quantile(distances, UNLIKE)),
        label_rate=float(same[labelled].mean()) if labelled.any() else float("nan"),
        system_rate=float(alike[spoofs].mean()) if spoofs.any() else float("nan"),
    )  # fmt: skip


def _evenly(n: int, most: int) -> NDArray[np.intp]:
    return np.linspace(0, n - 1, min(n, most)).astype(np.intp)


def _recordings(run: "Run") -> NDArray[np.int64]:
    """Return the recording that each clip is of, as a number; a clip of which it is not known is one by itself."""
    sources, n = ranks(run, "source")
    return np.where(sources >= 0, sources, n + np.arange(len(sources)))


def _neighbours(
    points: NDArray[np.float64], sources: NDArray[np.integer], judged: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return some clips' nearest clips of other recordings [shape=(judged, few)], and how far the nearest is."""
    squares, order, nearest = (points**2).sum(axis=1), [], []
    for start in range(0, len(judged), _AT_ONCE):
        some = judged[start : start + _AT_ONCE]
        distances = np.sqrt(np.maximum(squares[some, np.newaxis] + squares - 2 * points[some] @ points.T, 0))
        distances[sources[some, np.newaxis] == sources] = np.inf
        order.append(np.argsort(distances, axis=1)[:, :_FEW])
        nearest.append(distances.min(axis=1))
    return np.concatenate(order), np.concatenate(nearest)
