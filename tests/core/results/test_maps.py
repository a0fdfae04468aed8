"""Maps of a run are kept and found again, laid out by one thread, and nothing moves when a recording is placed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from core.analysis.projections.base import PROJECTIONS, Fitted, Plane, Points, Projection
from core.analysis.projections.umap import Umap
from core.errors import ProjectionError, ResultsError
from core.results import embedded as embeddings
from core.results import maps
from core.results.embedded import embedded
from core.results.store import Run
from tests.dashboard.synthetic_run import synthetic_run

WAIT_S = 60
laid_out: list[tuple[int, int]] = []


class _Shifted(Fitted):
    def place(self, points: Points) -> Plane:
        return np.asarray(points[:, :2] + 1, np.float32)


@dataclass(frozen=True)
class Shifted(Projection):
    """The first two components, one further: how often it was laid out is counted."""

    title = "Shifted"
    about = "For tests."

    def fit(self, points: Points, *, seed: int = 0) -> tuple[Plane, Fitted]:
        laid_out.append((len(points), seed))
        return _Shifted().place(points), _Shifted()

    def restore(self, points: Points, plane: Plane, *, seed: int = 0) -> Fitted:
        np.testing.assert_allclose(_Shifted().place(points), plane, atol=1e-5)
        return _Shifted()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[tuple[int, int]]]:
    """A projection that counts, a cache of its own, and nothing in memory."""
    PROJECTIONS.names()
    monkeypatch.setitem(PROJECTIONS._entries, "shifted", Shifted)
    monkeypatch.setenv("SPOOFSCOPE_CACHE", str(tmp_path))
    forget()
    laid_out.clear()
    yield laid_out
    forget()


def forget() -> None:
    maps.maps.clear()
    maps._models._held.clear()
    maps.instant.cache_clear()


def test_a_map_is_laid_out_once_and_found_again_in_the_cache(run: Run, counted: list[tuple[int, int]]) -> None:
    first = maps.begin(run, "aasist", "shifted").result(WAIT_S)
    assert maps.begin(run, "aasist", "shifted").result(WAIT_S) is first
    forget()
    again = maps.begin(run, "aasist", "shifted").result(WAIT_S)
    np.testing.assert_array_equal(again.plane, first.plane)
    assert counted == [(200, 0)]
    maps.begin(run, "cnn2d-lfcc", "shifted").result(WAIT_S)
    assert len(counted) == 2, "another detector has a map of its own"


def test_other_parameters_embeddings_or_seeds_have_a_map_of_their_own(run: Run) -> None:
    own, plain = embedded(run, "aasist"), Umap()
    keys = {
        maps._key(own, plain, 0), maps._key(own, plain, 1), maps._key(own, replace(plain, n_neighbors=5), 0),
        maps._key(own, Shifted(), 0), maps._key(replace(own, digest="other"), plain, 0),
    }  # fmt: skip
    assert len(keys) == 5
    assert maps._key(replace(own, detector="renamed"), plain, 0) in keys


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "flipped", "shape"])
def test_a_damaged_map_is_laid_out_anew(
    run: Run, tmp_path: Path, counted: list[tuple[int, int]], damage: str
) -> None:
    expected = maps.begin(run, "aasist", "shifted").result(WAIT_S).plane
    (file,) = (tmp_path / "maps").iterdir()
    whole = file.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    file.write_bytes({"empty": b"", "text": b"not an array", "cut": whole[:-7], "flipped": flipped}.get(damage, whole))
    if damage == "shape":
        np.savez(file, plane=np.ones((3, 2), np.float32))
    forget()
    np.testing.assert_array_equal(maps.begin(run, "aasist", "shifted").result(WAIT_S).plane, expected)
    assert len(counted) == 2
    assert file.read_bytes() == whole


def test_a_map_that_cannot_be_kept_is_given_all_the_same(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "maps").write_text("in the way")
    assert maps.begin(run, "aasist", "shifted").result(WAIT_S).plane.shape == (200, 2)
    assert "could not be kept" in caplog.text


def test_clips_beyond_those_that_are_fitted_are_placed_among_them(
    run: Run, monkeypatch: pytest.MonkeyPatch, counted: list[tuple[int, int]]
) -> None:
    monkeypatch.setattr(Shifted, "most", 50)
    monkeypatch.setattr(maps, "_PLACED_AT_ONCE", 40)
    layout = maps.begin(run, "aasist", "shifted").result(WAIT_S)
    assert (layout.fitted_on, counted) == (50, [(50, 0)])
    np.testing.assert_allclose(layout.plane, embedded(run, "aasist").points[:, :2] + 1, atol=1e-5)


@pytest.mark.parametrize("method", ["pca", "shifted"])
@pytest.mark.parametrize("restored", [False, True])
def test_a_recording_lands_on_its_own_duplicate_and_nothing_moves(run: Run, method: str, restored: bool) -> None:
    before = maps.begin(run, "aasist", method).result(WAIT_S).plane.copy()
    if restored:
        forget()
    task = maps.place(run, "aasist", method, np.asarray(run.embeddings("aasist")[17]))
    assert task is not None
    np.testing.assert_allclose(task.result(WAIT_S)[0], before[17], atol=1e-5)
    np.testing.assert_array_equal(maps.begin(run, "aasist", method).result(WAIT_S).plane, before)


def test_pca_is_at_hand_and_names_what_its_axes_hold(run: Run) -> None:
    layout = maps.instant(run, "aasist")
    assert layout.plane.shape == (200, 2)
    assert all("%" in axis for axis in layout.axes)
    np.testing.assert_allclose(layout.plane, embedded(run, "aasist").points[:, :2], atol=1e-6)


def test_trust_is_of_two_seeds_or_for_pca_of_two_halves(run: Run, counted: list[tuple[int, int]]) -> None:
    pca = maps.trust(run, "aasist", "pca").result(WAIT_S)
    assert pca.by_halves
    assert pca.honesty is not None and pca.stability is not None
    assert 0.5 < pca.honesty.trustworthiness < 1
    assert pca.stability.neighbours_shared < 1
    other = maps.trust(run, "aasist", "shifted").result(WAIT_S)
    assert other.stability is not None
    assert not other.by_halves
    assert other.stability.disparity == pytest.approx(0, abs=1e-9)
    assert counted == [(200, 0), (200, 1)]


def test_neighbours_of_a_clip_are_listed_in_space_and_on_the_map(run: Run) -> None:
    own = embedded(run, "aasist")
    found = own.neighbours(maps.instant(run, "aasist").plane, 3, 10)
    scaled = own.space.scaled(own.values)
    distances = np.linalg.norm(scaled - scaled[3], axis=1)
    assert found.in_space.tolist() == np.argsort(distances)[1:11].tolist()
    assert 3 not in found.on_map
    assert found.agree == len(set(found.in_space) & set(found.on_map))
    assert 0 < found.distances[0] < 1


@pytest.mark.parametrize("n", [1, 2, 3])
def test_very_few_clips_are_placed_all_the_same(tmp_path: Path, n: int) -> None:
    from tests.dashboard.synthetic_run import synthetic_clips

    few = synthetic_run(tmp_path / "few", synthetic_clips(n))
    for method in ("pca", "umap"):
        assert maps.begin(few, "aasist", method).result(WAIT_S).plane.shape == (n, 2)
        assert (maps.trust(few, "aasist", method).result(WAIT_S).honesty is None) == (n < 3)
    assert len(embedded(few, "aasist").neighbours(maps.instant(few, "aasist").plane, 0, 10).in_space) == n - 1


def test_a_run_without_embeddings_says_so_and_which_detectors_have_some(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ResultsError, match=r"no embeddings of nobody.*aasist"):
        maps.begin(run, "nobody", "pca")
    monkeypatch.setattr(embeddings, "has_embeddings", lambda *_: False)
    with pytest.raises(ResultsError, match="none at all"):
        embedded.__wrapped__(run, "aasist")


def test_embeddings_that_are_not_finite_are_named(run: Run) -> None:
    own = embedded(run, "aasist")
    bad = replace(own, values=np.full((4, 3), np.nan))
    with pytest.raises(ProjectionError, match=r"embeddings of aasist cannot be placed: .*not finite"):
        _ = bad.space


def test_principal_components_keep_their_spreads_and_other_embeddings_are_evened(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert embedded(run, "aasist").standardise
    about = run.manifest["detectors"]["aasist"]
    reduced = {**about, "embedding": {"dims": 12, "reduced": {"dims": 12}}}
    monkeypatch.setitem(run.manifest["detectors"], "aasist", reduced)
    assert not embedded.__wrapped__(run, "aasist").standardise
