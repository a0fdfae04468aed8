"""Three blobs stay apart in every projection and clustering; seeds repeat."""

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from core.analysis import projection
from core.analysis.projection import fit_pca, kmeans, pca, umap_project
from core.errors import ProjectionError

N_BLOB = 30
WORDS = np.repeat(["a", "b", "c"], N_BLOB)


@pytest.fixture(scope="module")
def blobs() -> np.ndarray:
    """Three groups of 30 clips in 80 dimensions: float32 [90, 80]."""
    rng = np.random.default_rng(3)
    centres = rng.normal(0, 6, (3, 80))
    return (np.repeat(centres, N_BLOB, axis=0) + rng.normal(size=(3 * N_BLOB, 80))).astype(np.float32)


def test_pca_keeps_blobs_apart(blobs: np.ndarray) -> None:
    points = pca(blobs)
    assert points.shape == (90, 2)
    assert points.dtype == np.float32
    assert silhouette_score(points, WORDS) > 0.8


def test_pca_of_a_line_holds_all_variance_in_one_component() -> None:
    along = np.linspace(-1, 1, 40)
    found = fit_pca(np.stack([along, 5 * along, 3 - 2 * along], axis=1))
    assert found.shares == pytest.approx([1.0, 0.0], abs=1e-6)
    # Three standardised dimensions that are one: sqrt(3) times the standardised position.
    np.testing.assert_allclose(np.abs(found.points[:, 0]), np.sqrt(3) * np.abs(along / along.std()), rtol=1e-4)


def test_pca_does_not_depend_on_the_dimensions_scale(blobs: np.ndarray) -> None:
    scale = np.geomspace(1e-3, 1e3, blobs.shape[1], dtype=np.float32)
    np.testing.assert_allclose(pca(blobs * scale + 7), pca(blobs), atol=0.05)


def test_pca_repeats_with_its_seed_where_it_is_randomised() -> None:
    wide = np.random.default_rng(0).normal(size=(120, 2000))
    np.testing.assert_array_equal(pca(wide, 5, seed=1), pca(wide, 5, seed=1))


def test_components_that_are_not_standardised_are_found_again_as_they_are() -> None:
    rng = np.random.default_rng(1)
    spreads = np.array([9.0, 5.0, 3.0, 1.0, 0.2])
    centred = rng.normal(size=(400, 5))
    centred -= centred.mean(axis=0)
    components = np.linalg.qr(centred)[0] * spreads
    found = fit_pca(components, 2, standardise=False)
    np.testing.assert_allclose(np.abs(found.points), np.abs(components[:, :2]), atol=1e-4)
    assert found.shares == pytest.approx(spreads[:2] ** 2 / (spreads**2).sum(), abs=1e-4)
    assert fit_pca(components, 1).shares[0] == pytest.approx(0.2, abs=0.01), "standardised, all five weigh alike"


def test_clusters_and_planes_follow_the_widest_dimension_where_they_are_not_standardised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(60, 30)).astype(np.float32)
    values[:, 0] = np.repeat([-30, 30], 30)
    halves = np.repeat(["a", "b"], 30)
    assert kmeans(values, 2, labels=halves, standardise=False).purity == 1.0
    monkeypatch.setattr(projection, "_umap", lambda points, **_: points[:, :2])
    plane = umap_project(values, standardise=False)
    assert np.ptp(plane[:, 0]) > 59
    assert np.ptp(umap_project(values)[:, 0]) < 20


def test_clips_that_are_all_alike_lie_on_one_point() -> None:
    found = fit_pca(np.full((6, 4), 0.1))
    np.testing.assert_array_equal(found.points, 0.0)
    np.testing.assert_array_equal(found.shares, 0.0)


def test_components_beyond_the_rank_are_zero() -> None:
    assert pca([[1.0, 2.0]]).tolist() == [[0.0, 0.0]]
    points = pca([[1.0], [2.0], [4.0]])
    np.testing.assert_array_equal(points[:, 1], 0.0)
    assert np.ptp(points[:, 0]) > 1


def test_the_input_is_left_alone(blobs: np.ndarray) -> None:
    before = blobs.copy()
    pca(blobs)
    kmeans(blobs, 3)
    np.testing.assert_array_equal(blobs, before)


@pytest.mark.parametrize("bad", [[[1.0, np.nan]], [[np.inf], [0.0]], [1.0, 2.0], np.zeros((0, 3)), np.zeros((3, 0))])
def test_what_is_no_table_of_numbers_is_refused(bad: Any) -> None:
    for project in (pca, umap_project, lambda values: kmeans(values, 1)):
        with pytest.raises(ValueError, match=r"Embeddings are a table|not finite"):
            project(bad)


@pytest.mark.slow
def test_umap_keeps_blobs_apart_and_repeats_with_its_seed(blobs: np.ndarray) -> None:
    points = umap_project(blobs, seed=4)
    assert points.shape == (90, 2)
    assert points.dtype == np.float32
    assert silhouette_score(points, WORDS) > 0.6
    np.testing.assert_array_equal(umap_project(blobs, seed=4), points)
    assert not np.array_equal(umap_project(blobs, seed=5), points)


@pytest.mark.slow
def test_umap_places_the_clips_that_it_did_not_fit_among_their_kin(
    blobs: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "MAX_FITTED", 60)
    points = umap_project(blobs)
    assert np.isfinite(points).all()
    assert silhouette_score(points, WORDS) > 0.6


def test_umap_that_fails_is_told_in_one_sentence(blobs: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(**_: Any) -> None:
        raise RuntimeError("no threading layer")

    monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=failing))
    with pytest.raises(ProjectionError, match="UMAP could not lay out 90 clips: no threading layer"):
        umap_project(blobs)
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(ProjectionError, match="umap"):
        umap_project(blobs)


@pytest.mark.parametrize("n_clips", [1, 2, 4, 5, 7])
def test_umap_takes_very_few_clips(blobs: np.ndarray, n_clips: int) -> None:
    points = umap_project(blobs[:n_clips])
    assert points.shape == (n_clips, 2)
    assert np.isfinite(points).all()


def test_kmeans_finds_the_blobs(blobs: np.ndarray) -> None:
    found = kmeans(blobs, 3, labels=WORDS)
    assert found.purity == 1.0
    assert found.silhouette > 0.5
    assert sorted(np.bincount(found.cluster)) == [N_BLOB] * 3
    np.testing.assert_array_equal(kmeans(blobs, 3).cluster, found.cluster)


def test_purity_is_the_share_of_the_commonest_label(blobs: np.ndarray) -> None:
    assert kmeans(blobs, 1, labels=WORDS).purity == pytest.approx(1 / 3)
    mislabelled = WORDS.copy()
    mislabelled[:9] = "b"
    assert kmeans(blobs, 3, labels=mislabelled).purity == pytest.approx(81 / 90)
    assert kmeans(blobs, 3).purity is None


def test_clusters_are_numbered_from_the_largest(blobs: np.ndarray) -> None:
    sizes = np.bincount(kmeans(blobs[:70], 3).cluster)
    assert list(sizes) == [30, 30, 10]


def test_one_cluster_or_clips_that_are_alike_have_no_silhouette(blobs: np.ndarray) -> None:
    assert np.isnan(kmeans(blobs, 1).silhouette)
    alike = kmeans(np.ones((6, 3)), 2)
    assert np.isnan(alike.silhouette)
    assert set(alike.cluster) == {0}


@pytest.mark.parametrize("k", [0, 91])
def test_a_number_of_clusters_that_does_not_fit_is_refused(blobs: np.ndarray, k: int) -> None:
    with pytest.raises(ValueError, match="choose 1 to 90"):
        kmeans(blobs, k)


def test_labels_must_be_one_a_clip(blobs: np.ndarray) -> None:
    with pytest.raises(ValueError, match="one label a clip"):
        kmeans(blobs, 2, labels=["a"])
