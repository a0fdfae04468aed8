"""Neighbours are those of a search through all pairs, whatever the blocks."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from core.analysis import neighbours
from core.analysis.neighbours import nearest, nearest_to, overlap


@pytest.mark.parametrize("block", [7, 100, 1000])
def test_neighbours_are_those_of_brute_force(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "_BLOCK", block)
    points = np.random.default_rng(0).normal(size=(150, 5)).astype(np.float32)
    expected = NearestNeighbors(n_neighbors=9, algorithm="brute").fit(points).kneighbors(return_distance=False)
    asked = np.array([0, 3, 149, 77])
    np.testing.assert_array_equal(nearest(points, asked, 9), expected[asked])
    order, distances = nearest_to(points, 77, 9)
    np.testing.assert_array_equal(order, expected[77])
    np.testing.assert_allclose(distances, np.linalg.norm(points[order] - points[77], axis=1), rtol=1e-5)


def test_few_clips_have_few_neighbours() -> None:
    assert nearest_to([[0.0], [1.0], [3.0]], 2, 10)[0].tolist() == [1, 0]
    assert nearest_to([[0.0]], 0, 10)[0].tolist() == []
    with pytest.raises(ValueError, match="at most 2"):
        nearest([[0.0], [1.0], [3.0]], np.array([0]), 3)


def test_overlap_is_the_share_of_common_neighbours_in_any_order() -> None:
    first, second = np.array([[1, 2, 3, 4], [1, 2, 3, 4]]), np.array([[4, 3, 2, 1], [9, 8, 1, 7]])
    assert overlap(first, second).tolist() == [1.0, 0.25]
