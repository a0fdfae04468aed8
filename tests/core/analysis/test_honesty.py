"""A true map is trusted, a shuffled one is not, and the figures are those of scikit-learn."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from core.analysis import honesty
from core.analysis.honesty import measure_honesty, measure_stability


@pytest.fixture(scope="module")
def plane() -> np.ndarray:
    """A curved band of 300 points."""
    rng = np.random.default_rng(2)
    along = rng.uniform(0, 9, 300)
    return np.stack([along, np.sin(along) + 0.2 * rng.normal(size=300)], axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def space(plane: np.ndarray) -> np.ndarray:
    """The same band turned into ten dimensions."""
    turned = np.linalg.qr(np.random.default_rng(3).normal(size=(10, 10)))[0][:2]
    return (plane @ turned).astype(np.float32)


def test_a_true_map_keeps_all_neighbours_and_a_shuffled_one_none(space: np.ndarray, plane: np.ndarray) -> None:
    true = measure_honesty(space, plane)
    shuffled = measure_honesty(space, np.random.default_rng(0).permutation(plane))
    assert true is not None and shuffled is not None
    assert true.trustworthiness > 0.999
    assert true.kept > 0.99
    assert shuffled.trustworthiness < 0.6
    assert shuffled.kept == pytest.approx(shuffled.by_chance, abs=0.03)
    assert (true.neighbours, true.asked, true.among) == (15, 300, 300)


def test_trustworthiness_is_that_of_scikit_learn(space: np.ndarray, plane: np.ndarray) -> None:
    rough = plane + np.random.default_rng(1).normal(0, 0.5, plane.shape).astype(np.float32)
    for made in (rough, plane[:, :1] * [[1.0, 0.0]]):
        found = measure_honesty(space, made, k=10)
        assert found is not None
        assert found.trustworthiness == pytest.approx(trustworthiness(space, made, n_neighbors=10), abs=1e-6)


def test_a_draw_comes_to_the_figures_of_all_clips(
    space: np.ndarray, plane: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    rough = plane + np.random.default_rng(1).normal(0, 0.3, plane.shape).astype(np.float32)
    whole = measure_honesty(space, rough)
    monkeypatch.setattr(honesty, "_ASKED", 120)
    some = measure_honesty(space, rough)
    assert whole is not None and some is not None
    assert some.asked == 120
    assert some.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.02)
    assert some.kept == pytest.approx(whole.kept, abs=0.05)


def test_a_map_that_is_turned_mirrored_and_scaled_is_the_same(plane: np.ndarray) -> None:
    turned = plane @ np.array([[0.0, 3.0], [3.0, 0.0]], np.float32) + 5
    same = measure_stability(plane, turned)
    other = measure_stability(plane, np.random.default_rng(0).permutation(plane))
    assert same is not None and other is not None
    assert same.disparity == pytest.approx(0.0, abs=1e-6)
    assert same.neighbours_shared == pytest.approx(1.0)
    assert other.disparity > 0.9
    assert other.neighbours_shared < 0.15


def test_too_few_clips_have_no_figures(plane: np.ndarray) -> None:
    assert measure_honesty(plane[:2], plane[:2]) is None
    assert measure_stability(plane[:2], plane[:2]) is None
    assert measure_stability(np.zeros((9, 2)), plane[:9]) is None
    few = measure_honesty(plane[:5], plane[:5])
    assert few is not None
    assert (few.neighbours, few.trustworthiness) == (2, 1.0)
    with pytest.raises(ValueError, match="same clips twice"):
        measure_honesty(plane, plane[:4])
