"""Spaces: principal components, fitted on a draw and placed on all."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA

from core.analysis.space import drawn, fit_space


def test_all_variance_of_a_line_is_in_one_component() -> None:
    along = np.linspace(-1, 1, 40)
    values = np.stack([along, 5 * along, 3 - 2 * along], axis=1)
    space = fit_space(values)
    assert space.shares == pytest.approx([1.0, 0.0, 0.0], abs=1e-6)
    # Three standardised dimensions that are one: sqrt(3) times the standardised position.
    placed = space.place(values, 2)
    np.testing.assert_allclose(np.abs(placed[:, 0]), np.sqrt(3) * np.abs(along / along.std()), rtol=1e-4)


def test_the_components_are_those_of_scikit_learn_whatever_the_dimensions_scale() -> None:
    rng = np.random.default_rng(3)
    values = (rng.normal(size=(200, 8)) @ rng.normal(size=(8, 20))).astype(np.float32)
    standardised = (values - values.mean(0)) / values.std(0)
    expected = np.abs(PCA(4).fit_transform(standardised))
    for scale in (1.0, np.geomspace(1e-3, 1e3, 20)):
        shifted = (values * scale + 7).astype(np.float32)
        np.testing.assert_allclose(np.abs(fit_space(shifted).place(shifted, 4)), expected, atol=0.05)


def test_components_that_are_not_standardised_are_found_again_as_they_are() -> None:
    rng = np.random.default_rng(1)
    centred = rng.normal(size=(400, 5))
    centred -= centred.mean(axis=0)
    spreads = np.array([9.0, 5.0, 3.0, 1.0, 0.2])
    components = np.linalg.qr(centred)[0] * spreads
    space = fit_space(components, standardise=False)
    np.testing.assert_allclose(np.abs(space.place(components, 2)), np.abs(components[:, :2]), atol=1e-4)
    assert space.shares[:2] == pytest.approx(spreads[:2] ** 2 / (spreads**2).sum(), abs=1e-4)


def test_a_space_fitted_on_a_draw_from_a_file_places_every_clip_alike(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(300, 6)).astype(np.float16)
    np.save(tmp_path / "e.npy", values)
    mapped = np.load(tmp_path / "e.npy", mmap_mode="r")
    space = fit_space(mapped, most=100)
    assert space.fitted_on == 100
    together = space.place(mapped)
    one_by_one = np.vstack([space.place(row[np.newaxis]) for row in values])
    np.testing.assert_allclose(one_by_one, together, atol=1e-5)
    np.testing.assert_allclose(together[drawn(300, 100)].mean(axis=0), 0.0, atol=1e-4)


def test_clips_that_are_all_alike_lie_on_one_point_and_what_is_beyond_the_rank_is_zero() -> None:
    alike = np.full((6, 4), 0.1)
    np.testing.assert_array_equal(fit_space(alike).place(alike), 0.0)
    line = np.array([[1.0], [2.0], [4.0]])
    placed = fit_space(line).place(line, 2)
    assert placed.shape == (3, 2)
    assert np.ptp(placed[:, 0]) > 1
    np.testing.assert_array_equal(placed[:, 1], 0.0)


def test_a_constant_dimension_does_not_count() -> None:
    rng = np.random.default_rng(0)
    values = np.hstack([rng.normal(size=(50, 2)), np.full((50, 1), 1e4)]).astype(np.float32)
    values[0, 2] += 1e-3
    np.testing.assert_array_equal(fit_space(values).scaled(values)[:, 2], 0.0)


@pytest.mark.parametrize("bad", [[[1.0, np.nan]], [[np.inf], [0.0]], [1.0, 2.0], np.zeros((0, 3)), np.zeros((3, 0))])
def test_what_is_no_table_of_numbers_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"Embeddings are a table|not finite"):
        fit_space(bad)


def test_a_clip_that_is_not_finite_is_refused_when_it_is_placed() -> None:
    space = fit_space(np.eye(3))
    with pytest.raises(ValueError, match="not finite"):
        space.place([[1.0, np.nan, 0.0]])
    with pytest.raises(ValueError, match="takes 3 numbers a clip"):
        space.place([[1.0, 0.0]])


def test_a_draw_is_in_order_without_repetition_and_repeats_with_its_seed() -> None:
    some = drawn(1000, 50, seed=2)
    assert len(set(some.tolist())) == 50
    assert (np.diff(some) > 0).all()
    np.testing.assert_array_equal(some, drawn(1000, 50, seed=2))
    np.testing.assert_array_equal(drawn(7, 50), np.arange(7))
