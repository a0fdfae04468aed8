"""What every projection must do, and what UMAP does besides."""

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from core.analysis.projections.base import PROJECTIONS
from core.analysis.projections.umap import Umap
from core.errors import ProjectionError

N_BLOB = 30
WORDS = np.repeat(["a", "b", "c"], N_BLOB)
SLOW = [pytest.param(name, marks=[] if PROJECTIONS.get(name).instant else pytest.mark.slow)
        for name in PROJECTIONS.names()]  # fmt: skip


@pytest.fixture(scope="module")
def blobs() -> np.ndarray:
    """Three groups of 30 points, principal components first: float32 [90, 10]."""
    rng = np.random.default_rng(3)
    centres = np.zeros((3, 10))
    centres[:, :2] = [[-9, -5], [9, -5], [0, 9]]
    return (np.repeat(centres, N_BLOB, axis=0) + rng.normal(size=(90, 10))).astype(np.float32)


@pytest.mark.parametrize("name", SLOW)
def test_groups_stay_apart_a_seed_repeats_and_what_is_placed_moves_nothing(name: str, blobs: np.ndarray) -> None:
    projection = PROJECTIONS.get(name)()
    plane, fitted = projection.fit(blobs, seed=4)
    assert plane.shape == (90, 2)
    assert plane.dtype == np.float32
    assert silhouette_score(plane, WORDS) > 0.6
    np.testing.assert_array_equal(projection.fit(blobs, seed=4)[0], plane)
    before = plane.copy()
    for placing in (fitted, projection.restore(blobs, plane, seed=4)):
        placed = placing.place(blobs[[5, 40]].copy())
        np.testing.assert_array_equal(plane, before)
        for row, at in zip(placed, (5, 40), strict=True):
            distances = np.linalg.norm(plane - row, axis=1)
            assert WORDS[distances.argmin()] == WORDS[at]
            assert (distances < distances[at]).mean() < 0.25, "a duplicate lies near its clip, within its own group"


def test_umap_that_fails_is_reported_in_one_sentence(blobs: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(**_: Any) -> None:
        raise RuntimeError("no threading layer")

    monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=failing))
    with pytest.raises(ProjectionError, match="UMAP could not lay out 90 clips: no threading layer"):
        Umap().fit(blobs)
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(ProjectionError, match="umap"):
        Umap().fit(blobs)
