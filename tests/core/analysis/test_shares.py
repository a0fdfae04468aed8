"""Shares and their intervals: as wide as clusters make them."""

import numpy as np
import pytest

from core.analysis.bootstrap import mean_interval
from core.analysis.shares import clustered_shares, wilson


def test_clips_that_share_nothing_have_wilsons_interval() -> None:
    wrong = np.arange(400) % 5 == 0
    found = clustered_shares(np.zeros(400, int), np.arange(400), wrong, slices=1)
    assert (found.n[0], found.wrong[0], found.clusters[0]) == (400, 80, 400)
    assert (found.low[0], found.high[0]) == pytest.approx(wilson(80, 400), abs=2e-3)


def test_the_interval_is_about_as_wide_as_resampling_the_clusters_makes_it() -> None:
    rng = np.random.default_rng(0)
    owner = rng.integers(80, size=4_000)
    wrong = rng.random(4_000) < rng.beta(1, 4, 80)[owner]
    found = clustered_shares(np.zeros(4_000, int), owner, wrong, slices=1)
    low, high = mean_interval(wrong, owner)
    assert found.high[0] - found.low[0] == pytest.approx(high - low, rel=0.15)
    alone = wilson(int(wrong.sum()), 4_000)
    assert found.high[0] - found.low[0] > 2 * (alone[1] - alone[0])


def test_slices_are_counted_apart_and_a_clip_in_none_is_left_out() -> None:
    code, owner = np.array([0, 0, 1, 1, 1, -1, 3]), np.array([0, 1, 0, 1, 2, 5, 7])
    wrong = np.array([True, False, True, True, True, True, False])
    found = clustered_shares(code, owner, wrong, slices=4)
    assert found.n.tolist() == [2, 3, 0, 1]
    assert found.wrong.tolist() == [1, 3, 0, 0]
    assert found.rate[[0, 1, 3]].tolist() == [0.5, 1.0, 0.0]
    assert np.isnan(found.rate[2])
    assert found.high[1] == 1.0 and found.low[1] < 0.6
    assert np.isnan(found.low[3]), "one cluster says nothing of another"


def test_few_cells_among_many_pairs_are_counted_alike() -> None:
    rng = np.random.default_rng(1)
    code, owner, wrong = rng.integers(50, size=300), rng.integers(900, size=300), rng.random(300) < 0.3
    dense = clustered_shares(code, np.unique(owner, return_inverse=True)[1], wrong, slices=50)
    sparse = clustered_shares(code, owner * 1_000, wrong, slices=50)
    for one, other in zip(dense, sparse, strict=True):
        np.testing.assert_allclose(one, other)


def test_where_none_is_wrong_each_cluster_counts_once() -> None:
    found = clustered_shares(np.zeros(1_000, int), np.arange(1_000) % 10, np.zeros(1_000, bool), slices=1)
    assert found.low[0] == 0.0
    assert found.high[0] > wilson(0, 10)[1] * 0.99
