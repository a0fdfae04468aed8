"""From a detector's score of a clip to a row of its journal, and from those rows to the files of its part."""

import base64
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import Clip
from core.detectors.detector import ClipScore, Detector
from core.errors import ResultsError
from core.explain.reconstruction import reconstruct_clip

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Files", "score_files", "score_row"]

_BANDS = ("total", "static", "delta", "delta-delta")
_WINDOW = ("start_s", "end_s", "raw")
# Of embeddings that are wider, the projection would take more room than what it makes of them.
_PROJECTED = 1024

Files = dict[str, "pd.DataFrame | NDArray[np.floating]"]


def score_row(detector: Detector, clip: Clip, score: ClipScore) -> dict[str, Any]:
    """Return what is kept of a clip's score, as plain JSON values; nothing of it depends on the calibration."""
    row: dict[str, Any] = {
        "raw": score.raw,
        "windows": [[getattr(window, name) for name in _WINDOW] for window in score.windows],
        "embedding": base64.b64encode(score.embedding.astype("<f4").tobytes()).decode(),
    }
    if detector.network.rebuilds:
        rebuilt = reconstruct_clip(clip, detector)
        row["errors"] = [rebuilt.total, *rebuilt.bands.values()]
    return row


def score_files(
    rows: Iterable[dict[str, Any]], paths: Sequence[str], *, name: str, dims: int | None
) -> tuple[Files, dict[str, Any]]:
    """Return the files of a detector's part, and what is known of its embeddings.

    Parameters
    ----------
    rows : iterable of dict
        As ``score_row`` made them, each with the clip's ``path``; in any order.
    paths : sequence of str
        The clips, in the order of the run.
    name : str
        The detector's, for messages.
    dims : int or None
        Embeddings wider than this are reduced by a PCA fitted on these clips, and all are stored as float16.

    Raises
    ------
    ResultsError
        When an embedding is too large for half precision.
    """
    # Here: the workers that make rows do without it.
    import pandas as pd

    by_path = {row["path"]: row for row in rows}
    ordered = [by_path[path] for path in paths]
    windows = [[number, *window] for number, row in enumerate(ordered) for window in row["windows"]]
    vectors = [np.frombuffer(base64.b64decode(row["embedding"]), dtype="<f4") for row in ordered]
    embeddings, projection, note = _stored(np.stack(vectors).astype(np.float32), name=name, dims=dims)
    files: Files = {
        "scores.parquet": pd.DataFrame({"raw": [row["raw"] for row in ordered]}, dtype=float),
        "windows.parquet": pd.DataFrame(windows, columns=["clip", *_WINDOW]).astype({"clip": np.int32}),
        "embeddings.npy": embeddings,
    }
    if projection is not None:
        files["projection.npy"] = projection
    if "errors" in ordered[0]:
        files["errors.parquet"] = pd.DataFrame([row["errors"] for row in ordered], columns=list(_BANDS))
    return files, note


def _stored(
    array: NDArray[np.float32], *, name: str, dims: int | None
) -> tuple[NDArray[np.floating], NDArray[np.float32] | None, dict[str, Any]]:  # fmt: skip
    note: dict[str, Any] = {"dims": array.shape[1], "reduced": None}
    projection = None
    if dims is None:
        return array, projection, note
    if (wide := array.shape[1]) > dims:
        array, projection, note["reduced"] = _reduced(array, dims)
    half = array.astype(np.float16)
    if not np.isfinite(half).all():
        raise ResultsError(f"The embeddings of {name} are too large for half precision: leave out --embedding-dims.")
    return half, projection if wide <= _PROJECTED else None, note


def _reduced(
    array: NDArray[np.float32], dims: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], dict[str, Any]]:  # fmt: skip
    """Return principal components, the projection on them [mean, then components; shape=(1 + dims, d)], and a note."""
    from sklearn.decomposition import PCA

    fitted = PCA(min(dims, *array.shape), svd_solver="randomized", random_state=0)
    reduced = fitted.fit_transform(array)
    share = float(fitted.explained_variance_ratio_.sum())
    projection = np.vstack([fitted.mean_, fitted.components_]).astype(np.float32)
    return reduced.astype(np.float32), projection, {
        "method": "PCA fitted on this run, seed 0", "dims": reduced.shape[1],
        "explained_variance": share if math.isfinite(share) else None,
    }  # fmt: skip
