"""A trend is the rank correlation that it is, as sure as its clusters make it."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from core.analysis.trend import trend


def test_the_correlation_is_spearmans_and_its_interval_holds_it() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=600).round(1)
    y = -0.4 * x + rng.normal(size=600)
    found = trend(x, y, rng.integers(60, size=600))
    assert found.correlation == pytest.approx(spearmanr(x, y).statistic)
    assert found.correlation_low < found.correlation < found.correlation_high < 0
    assert found.n == 600
    assert (np.diff(found.at) > 0).all()
    assert found.mean[0] > found.mean[-1]
    assert (found.low < found.mean).all()


def test_what_a_few_clusters_make_is_not_sure() -> None:
    rng = np.random.default_rng(1)
    owner = rng.integers(6, size=600)
    x, y = rng.normal(size=6)[owner] + 0.1 * rng.normal(size=600), rng.normal(size=6)[owner]
    alike, alone = trend(x, y, owner), trend(x, y, np.arange(600))
    width = [each.correlation_high - each.correlation_low for each in (alike, alone)]
    assert width[0] > 3 * width[1]


def test_unknown_values_are_left_out_and_few_clips_show_nothing() -> None:
    x = np.array([np.nan] * 5 + list(range(10)), dtype=float)
    assert trend(x, x, np.arange(15)).n == 10
    few = trend(x[:7], x[:7], np.arange(7))
    assert len(few.at) == 0 and np.isnan(few.correlation)
    flat = trend(np.ones(20), np.arange(20.0), np.arange(20))
    assert np.isnan(flat.correlation)
