"""Clusters that were planted are found, k is chosen right, and agreement is that of scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics

from core.analysis import clusters
from core.analysis.clusters import NOISE, agreement, choose_k, hdbscan, kmeans, silhouette

SIZES = (60, 40, 20, 12)


@pytest.fixture(scope="module")
def planted() -> tuple[np.ndarray, np.ndarray]:
    """Points of four groups of unlike size in ten dimensions, mixed, and the group of each."""
    rng = np.random.default_rng(5)
    truth = rng.permutation(np.repeat(np.arange(4), SIZES))
    centres = 12 * np.eye(10)[:4]
    return (centres[truth] + rng.normal(size=(len(truth), 10))).astype(np.float32), truth


def test_planted_groups_are_found_and_numbered_from_the_largest(planted: tuple[np.ndarray, np.ndarray]) -> None:
    points, truth = planted
    for found in (kmeans(points, 4), hdbscan(points)):
        np.testing.assert_array_equal(np.bincount(found.numbers), SIZES)
        np.testing.assert_array_equal(found.numbers, truth)
        assert found.k == 4
        assert found.silhouette == pytest.approx(metrics.silhouette_score(points, truth), abs=1e-5)


def test_k_is_the_number_of_planted_groups(planted: tuple[np.ndarray, np.ndarray]) -> None:
    points, _ = planted
    choice = choose_k(points)
    assert choice is not None
    assert choice.k == 4
    assert set(choice.silhouettes) == set(range(2, 13))
    assert choice.silhouettes[4] == pytest.approx(silhouette(points, kmeans(points, 4).numbers), abs=1e-5)
    assert choose_k(np.ones((9, 3), np.float32)) is None
    assert choose_k(points[:2]) is None


def test_clips_that_were_not_fitted_join_their_group(
    planted: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    points, truth = planted
    monkeypatch.setattr(clusters, "MOST_FITTED", 80)
    monkeypatch.setattr(clusters, "_MOST_FOR_HDBSCAN", 80)
    np.testing.assert_array_equal(kmeans(points, 4).numbers, truth)
    np.testing.assert_array_equal(hdbscan(points).numbers, truth)


def test_what_is_far_from_all_groups_belongs_to_none() -> None:
    rng = np.random.default_rng(0)
    far = rng.uniform(-400, 400, (6, 2))
    points = np.vstack([rng.normal(size=(60, 2)), rng.normal(size=(60, 2)) + 30, far]).astype(np.float32)
    numbers = hdbscan(points, fewest=10).numbers
    assert (numbers[-6:] == NOISE).all()
    assert set(numbers[:60]) | set(numbers[60:120]) >= {0, 1}
    alone = hdbscan(points[:3])
    assert (alone.numbers == NOISE).all()
    assert np.isnan(alone.silhouette)


def test_agreement_is_that_of_scikit_learn(planted: tuple[np.ndarray, np.ndarray]) -> None:
    _, truth = planted
    rng = np.random.default_rng(1)
    words = np.array(["a", "b", "c"])[np.where(rng.random(len(truth)) < 0.3, rng.integers(0, 3, len(truth)), truth % 3)]
    found = agreement(truth, words)
    assert found.nmi == pytest.approx(metrics.normalized_mutual_info_score(words, truth))
    assert found.ari == pytest.approx(metrics.adjusted_rand_score(words, truth))
    expected = sum(np.unique(words[truth == group], return_counts=True)[1].max() for group in range(4))
    assert found.purity == pytest.approx(expected / len(truth))
    assert found.commonest == pytest.approx(np.unique(words, return_counts=True)[1].max() / len(words))


def test_groups_that_are_the_values_agree_wholly_and_one_group_not_beyond_chance() -> None:
    values = np.repeat(["x", "y"], 25)
    whole = agreement(np.repeat([1, 0], 25), values)
    assert (whole.purity, whole.nmi, whole.ari) == (1.0, 1.0, 1.0)
    single = agreement(np.zeros(50, int), values)
    assert (single.purity, single.commonest, single.nmi, single.ari) == (0.5, 0.5, 0.0, 0.0)
    with pytest.raises(ValueError, match="one value a clip"):
        agreement(np.zeros(3, int), values)


def test_fewer_groups_are_found_where_fewer_clips_differ_and_a_k_that_does_not_fit_is_refused() -> None:
    alike = kmeans(np.ones((6, 3), np.float32), 2)
    assert alike.k == 1
    assert np.isnan(alike.silhouette)
    for k in (0, 7):
        with pytest.raises(ValueError, match="choose 1 to 6"):
            kmeans(np.ones((6, 3), np.float32), k)
