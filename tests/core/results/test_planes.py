"""UMAP's planes are kept and found again, and no two threads lay one out at once."""

import builtins
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.analysis import projection
from core.results.planes import kept_plane


@pytest.fixture(scope="module")
def blobs() -> np.ndarray:
    """Three groups of 30 clips in 80 dimensions: float32 [90, 80]."""
    rng = np.random.default_rng(3)
    centres = rng.normal(0, 6, (3, 80))
    return (np.repeat(centres, 30, axis=0) + rng.normal(size=(90, 80))).astype(np.float32)


@pytest.fixture
def no_umap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make ``import umap`` fail the test, even where it has been imported before."""
    real = builtins.__import__

    def guarded(name: str, *args: Any, **kwargs: Any) -> Any:
        assert name.split(".")[0] != "umap", "umap was imported"
        return real(name, *args, **kwargs)

    for name in [name for name in sys.modules if name.split(".")[0] == "umap"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", guarded)


@pytest.mark.usefixtures("no_umap")
def test_a_cached_plane_is_read_without_importing_umap(blobs: np.ndarray, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(projection, "umap_project", lambda values, **_: values[:, :2])
        points = kept_plane(blobs, folder=tmp_path / "new")
    assert len(list((tmp_path / "new").iterdir())) == 1
    np.testing.assert_array_equal(kept_plane(blobs, folder=tmp_path / "new"), points)
    with pytest.raises(AssertionError, match="umap was imported"):
        kept_plane(blobs, folder=tmp_path / "new", seed=1)


def test_other_content_or_parameters_have_a_file_of_their_own(
    blobs: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "umap_project", lambda values, **_: np.zeros((len(values), 2), np.float32))
    changed = blobs.copy()
    changed[0, 0] += 1e-3
    kept_plane(blobs, folder=tmp_path)
    kept_plane(blobs.astype(np.float64), folder=tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    kept_plane(changed, folder=tmp_path)
    kept_plane(blobs, folder=tmp_path, seed=1)
    kept_plane(blobs, folder=tmp_path, n_neighbors=5)
    kept_plane(blobs, folder=tmp_path, min_dist=0.5)
    kept_plane(blobs, folder=tmp_path, standardise=False)
    assert len(list(tmp_path.iterdir())) == 6


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "shape"])
def test_a_damaged_cache_is_computed_anew(
    blobs: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setattr(projection, "umap_project", lambda values, **_: np.ones((len(values), 2), np.float32))
    expected = kept_plane(blobs, folder=tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    if damage == "shape":
        np.save(file, np.ones((3, 2), np.float32))
    else:
        file.write_bytes({"empty": b"", "text": b"not an array", "cut": whole[:-7]}[damage])
    np.testing.assert_array_equal(kept_plane(blobs, folder=tmp_path), expected)
    assert file.read_bytes() == whole


def test_two_threads_never_run_umap_at_once_and_the_second_finds_the_plane_of_the_first(
    blobs: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, seen = threading.Semaphore(1), []

    def slow(points: np.ndarray, *, seed: int, **_: Any) -> np.ndarray:
        assert running.acquire(blocking=False), "two at once"
        time.sleep(0.05)
        seen.append(seed)
        running.release()
        return np.full((len(points), 2), seed, np.float32)

    monkeypatch.setattr(projection, "umap_project", slow)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda seed: kept_plane(blobs, seed=seed, folder=tmp_path), [1, 2, 1, 2]))
    assert [int(plane[0, 0]) for plane in found] == [1, 2, 1, 2]
    assert sorted(seen) == [1, 2]


def test_a_plane_that_cannot_be_kept_is_given_all_the_same(
    blobs: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(projection, "umap_project", lambda points, **_: np.ones((len(points), 2), np.float32))
    (tmp_path / "file").write_text("in the way")
    assert kept_plane(blobs, folder=tmp_path / "file").shape == (90, 2)
    assert "could not be kept" in caplog.text
