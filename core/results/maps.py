"""Maps of a run: clips on a plane by their embeddings. PCA at once; the others by a thread of their own, and kept.

A map is kept in the cache folder under the digest of the embeddings, the projection and its parameters: another
calibration or another name of the run needs no new fit. A damaged file is laid out anew.
"""

import importlib.metadata
import io
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analysis.format import rate
from core.analysis.honesty import Honesty, Stability, measure_honesty, measure_stability
from core.analysis.projections.base import PROJECTIONS, Fitted, Plane, Projection
from core.analysis.space import COMPONENTS, blocks, drawn, fit_space
from core.files import DAMAGED_ZIP, sha256_json, write_bytes
from core.later import Later, Task
from core.paths import cache_folder
from core.results.embedded import Embedded, embedded
from core.watch import report

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["DEFAULT", "Layout", "Trust", "about", "begin", "instant", "maps", "place", "titles", "trust"]

#: The projection that takes no time.
DEFAULT = "pca"
_PLACED_AT_ONCE = 8_192
_log = logging.getLogger(__name__)

# One thread for all that takes long: UMAP's compiled loops end the whole process when two threads run them at once.
maps = Later("maps")
# What PCA needs is no reason to wait for it.
_soon = Later("map-figures")


@dataclass(frozen=True, eq=False)
class Layout:
    """Where a run's clips lie.

    Attributes
    ----------
    detector, method : str
        By whose embeddings, and the name of the projection.
    plane : ndarray [shape=(n_clips, 2), float32]
    axes : tuple of str
        What the two axes are.
    fitted_on : int
        Clips that the map was made from; the others were placed among them.
    """

    detector: str
    method: str
    plane: Plane
    axes: tuple[str, str]
    fitted_on: int


@dataclass(frozen=True)
class Trust:
    """How far a map can be trusted.

    Attributes
    ----------
    honesty : Honesty or None
        None for fewer than three clips.
    stability : Stability or None
        Of two seeds; for PCA, which has none, of the two halves of the clips.
    by_halves : bool
    """

    honesty: Honesty | None
    stability: Stability | None
    by_halves: bool


def titles() -> dict[str, str]:
    """Return the names of all projections and what the page calls them, the instant ones first."""
    found = {name: PROJECTIONS.get(name) for name in PROJECTIONS.names()}
    return {name: found[name].title for name in sorted(found, key=lambda name: (not found[name].instant, name))}


def about(method: str) -> str:
    """Return in one sentence what a projection keeps and what it does not."""
    return PROJECTIONS.get(method).about


@lru_cache(maxsize=8)
def instant(run: "Run", name: str) -> Layout:
    """Return the map by PCA.

    Raises
    ------
    ResultsError
        When the run holds no embeddings of the detector.
    ProjectionError
        When they are not finite.
    """
    own = embedded(run, name)
    first, second = [*(rate(float(share), digits=0) for share in own.space.shares[:2]), "nothing"][:2]
    axes = (f"PC 1, {first} of the variance", f"PC 2, {second}")
    return Layout(name, DEFAULT, own.place(own.values, 2), axes, own.space.fitted_on)


def begin(run: "Run", name: str, method: str) -> Task[Layout]:
    """Return the task of a map; it is done already where the map is at hand.

    Raises
    ------
    ResultsError, UnknownNameError
        When the run holds no embeddings of the detector, or there is no such projection.
    """
    own, projection = embedded(run, name), PROJECTIONS.get(method)()
    return (_soon if projection.instant else maps).ask(
        ("map", _key(own, projection, 0)), lambda: _laid_out(own, projection, method)
    )  # fmt: skip


def place(run: "Run", name: str, method: str, embedding: NDArray[np.floating]) -> Task[Plane] | None:
    """Return the task of where a new recording lies on a map [shape=(1, 2)]; no other clip moves.

    Parameters
    ----------
    run : Run
    name, method : str
    embedding : ndarray [shape=(d,)]
        As the detector gives it (``ClipScore.embedding``).

    Returns
    -------
    Task or None
        None where the run keeps principal components without their projection.
    """
    kept = run.project(name, embedding)
    if kept is None:
        return None
    own, projection = embedded(run, name), PROJECTIONS.get(method)()
    point = own.place(kept[np.newaxis])
    key = ("placed", _key(own, projection, 0), point.tobytes())
    return (_soon if projection.instant else maps).ask(key, lambda: _placed(own, projection, point))


def trust(run: "Run", name: str, method: str) -> Task[Trust]:
    """Return the task of how far a map can be trusted; it makes the map first where it is not there."""
    own, projection = embedded(run, name), PROJECTIONS.get(method)()
    lane = _soon if projection.instant else maps
    return lane.ask(("trust", _key(own, projection, 0)), lambda: _trust(own, projection, method))


def _laid_out(own: Embedded, projection: Projection, method: str) -> Layout:
    """Return a map that takes long, from the cache where it was laid out before."""
    at = _drawn(own, projection)
    plane = _kept(_key(own, projection, 0), len(own.values), lambda: _whole(own, projection, at))
    return Layout(own.detector, method, plane, (f"{projection.title} 1", f"{projection.title} 2"), len(at))


def _whole(own: Embedded, projection: Projection, at: NDArray[np.intp]) -> Plane:
    """Lay out the drawn clips and place all others among them, block by block."""
    n = len(own.values)
    report(0, n)
    laid, fitted = _fit(own, projection, at, seed=0)
    _models.keep(_key(own, projection, 0), fitted)
    others, plane = np.ones(n, bool), np.empty((n, 2), np.float32)
    others[at], plane[at] = False, laid
    rest = np.flatnonzero(others)
    for rows in blocks(len(rest), _PLACED_AT_ONCE):
        report(len(at) + rows.start, n)
        plane[rest[rows]] = fitted.place(own.place(own.values[rest[rows]]))
    return plane


def _fit(own: Embedded, projection: Projection, at: NDArray[np.intp], *, seed: int) -> tuple[Plane, Fitted]:
    points = own.place(own.values[at])
    return _fitting(projection, len(points)).fit(points, seed=seed)


def _drawn(own: Embedded, projection: Projection) -> NDArray[np.intp]:
    return drawn(len(own.values), projection.most)


def _fitting(projection: Projection, n: int) -> Projection:
    """Return the projection; PCA where there are too few clips for it."""
    return projection if n >= projection.fewest else PROJECTIONS.get(DEFAULT)()


def _placed(own: Embedded, projection: Projection, point: Plane) -> Plane:
    if projection.instant:
        return projection.restore(point, point).place(point)
    key, at = _key(own, projection, 0), _drawn(own, projection)
    fitted = _models.get(key)
    if fitted is None:
        plane = _kept(key, len(own.values), lambda: _whole(own, projection, at))
        fitted = _models.get(key) or _fitting(projection, len(at)).restore(own.place(own.values[at]), plane[at], seed=0)
        _models.keep(key, fitted)
    return fitted.place(point)


def _trust(own: Embedded, projection: Projection, method: str) -> Trust:
    at = _drawn(own, projection)
    points = own.place(own.values[at])
    plane = points[:, :2] if projection.instant else _laid_out(own, projection, method).plane[at]
    if projection.instant:
        again = [fit_space(own.values[half], standardise=own.standardise, components=2) for half in _halves(at)]
        first, second = (space.place(own.values[at], 2) for space in again)
    else:
        first = plane
        second = _kept(_key(own, projection, 1), len(at), lambda: _fit(own, projection, at, seed=1)[0])
    return Trust(measure_honesty(points, plane), measure_stability(first, second), by_halves=projection.instant)


def _halves(at: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    mixed = np.random.default_rng(0).permutation(at)
    middle = max(1, len(at) // 2)
    return np.sort(mixed[:middle]), np.sort(mixed[middle:] if middle < len(at) else mixed)


class _Models:
    """What places new recordings on the maps that were laid out last; only the thread of the maps asks."""

    def __init__(self, most: int = 2) -> None:
        self._most = most
        self._held: dict[str, Fitted] = {}

    def get(self, key: str) -> Fitted | None:
        return self._held.get(key)

    def keep(self, key: str, fitted: Fitted) -> None:
        self._held[key] = fitted
        while len(self._held) > self._most:
            del self._held[next(iter(self._held))]


_models = _Models()


def _key(own: Embedded, projection: Projection, seed: int) -> str:
    release = importlib.metadata.version(projection.version_of) if projection.version_of else ""
    return sha256_json({
        "embeddings": own.digest, "projection": type(projection).__name__, **asdict(projection), "release": release,
        "seed": seed, "components": COMPONENTS, "fitted": projection.most,
    })[:32]  # fmt: skip


def _kept(key: str, n: int, make: Callable[[], Plane]) -> Plane:
    path = cache_folder() / "maps" / f"{key}.npz"
    plane = _read(path, n)
    if plane is None:
        plane = make()
        _write(path, plane)
    return plane


def _read(path: Path, n: int) -> Plane | None:
    """Return a plane that was kept; None where there is none, or its checksum is another."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            plane = stored["plane"]
    except (KeyError, *DAMAGED_ZIP):
        return None
    sound = plane.shape == (n, 2) and plane.dtype == np.float32
    return plane if sound and np.isfinite(plane).all() else None


def _write(path: Path, plane: Plane) -> None:
    buffer = io.BytesIO()
    # An archive, since it has a checksum.
    np.savez(buffer, plane=plane)
    try:
        write_bytes(path, buffer.getvalue())
    except OSError as error:
        _log.warning("The map is shown but could not be kept in %s: %s", path.parent, error)
