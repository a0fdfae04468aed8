"""A run's clips on a plane and in clusters, as one of its detectors places them; UMAP's planes are kept on disk."""

import hashlib
import importlib.metadata
import io
import json
import logging
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analysis import projection
from core.analysis.format import rate
from core.files import write_bytes
from core.paths import cache_folder

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["PROJECTIONS", "Clusters", "Places", "clusters", "kept_plane", "places"]

#: The ways to lay clips out.
PROJECTIONS = ("PCA", "UMAP")
_SEED = 0
_umap_lock = threading.Lock()
_log = logging.getLogger(__name__)


class Places(NamedTuple):
    """Where clips lie [shape=(n, 2)], and what the two axes are."""

    points: NDArray[np.floating]
    axes: tuple[str, str]


class Clusters(NamedTuple):
    """Each clip's cluster, counted from 1, and how good the clustering is."""

    labels: NDArray[np.int64]
    purity: float
    silhouette: float


@lru_cache(maxsize=32)
def places(run: "Run", name: str, how: str) -> Places:
    """Return where a detector places the run's clips, by a projection of ``PROJECTIONS``.

    Raises
    ------
    ResultsError
        When the run holds no embeddings of the detector.
    ProjectionError
        When UMAP cannot lay them out.
    """
    values, alike = _embeddings(run, name)
    if how == "UMAP":
        return Places(kept_plane(values, standardise=alike, seed=_SEED), ("UMAP 1", "UMAP 2"))
    found = projection.fit_pca(values, 2, standardise=alike)
    first, second = (rate(float(share), digits=0) for share in found.shares)
    return Places(found.points, (f"PC 1, {first} of the variance", f"PC 2, {second}"))


@lru_cache(maxsize=64)
def clusters(run: "Run", name: str, k: int) -> Clusters:
    """Return the ``k`` groups that k-means finds in a detector's embeddings; see ``places``."""
    values, alike = _embeddings(run, name)
    found = projection.kmeans(values, k, standardise=alike, seed=_SEED, labels=run.clips["label"].to_numpy())
    return Clusters(found.cluster + 1, found.purity or 0.0, found.silhouette)


def _embeddings(run: "Run", name: str) -> tuple[NDArray[np.float32], bool]:
    """Return a detector's embeddings, and whether their dimensions are to be given one spread."""
    values = run.embeddings(name)
    # A run keeps wide embeddings as their principal components, whose spreads mean something.
    return values, not run.manifest["detectors"][name]["embedding"].get("reduced")


def kept_plane(embeddings: NDArray[np.floating], *, folder: Path | None = None, **settings: Any) -> NDArray[np.float32]:
    """Return UMAP's plane of embeddings, from the cache where it has been computed before.

    Parameters
    ----------
    embeddings : ndarray [shape=(n_clips, n_dims)]
    folder : Path, optional
        Where planes are kept, found again by the embeddings' content, the settings and UMAP's version; by default in
        the cache folder. A damaged file is computed anew.
    **settings
        Of ``core.analysis.projection.umap_project``.

    Raises
    ------
    ValueError, ProjectionError
        As ``umap_project`` does.
    """
    folder = cache_folder() / "projections" if folder is None else folder
    path = folder / f"umap-{_key(np.ascontiguousarray(embeddings, np.float32), settings)}.npy"
    # UMAP's compiled loops end the whole process when two threads run them at once; and who waited here may find
    # that the thread before has kept the same plane.
    with _umap_lock:
        stored = _read(path, len(embeddings))
        if stored is None:
            stored = projection.umap_project(embeddings, **settings)
            _keep(path, stored)
    return stored


def _key(values: NDArray[np.float32], settings: dict[str, Any]) -> str:
    version = importlib.metadata.version("umap-learn")
    digest = hashlib.sha256(f"{json.dumps(settings, sort_keys=True)} {version} {values.shape}".encode())
    digest.update(values.data)
    return digest.hexdigest()[:32]


def _read(path: Path, n_clips: int) -> NDArray[np.float32] | None:
    try:
        stored = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    sound = isinstance(stored, np.ndarray) and stored.shape == (n_clips, 2) and stored.dtype == np.float32
    return stored if sound and np.isfinite(stored).all() else None


def _keep(path: Path, plane: NDArray[np.float32]) -> None:
    buffer = io.BytesIO()
    np.save(buffer, plane, allow_pickle=False)
    try:
        write_bytes(path, buffer.getvalue())
    except OSError as error:
        _log.warning("The plane is shown but could not be kept in %s: %s", path.parent, error)
