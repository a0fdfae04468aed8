"""Thresholds that follow from costs, and spreads drawn from grids."""

import math

import numpy as np
import pytest
from scipy.stats import gaussian_kde

from core.analysis.costs import USES, Costs
from core.analysis.density import counts_between, density, quantile_curve
from core.analysis.metrics import LLR_THRESHOLD, act_dcf
from core.analysis.sorted_scores import SortedScores


def test_a_bank_call_is_the_evaluation_plan_of_asvspoof_5() -> None:
    bank = next(use.costs for use in USES if use.name == "bank call")
    assert bank.threshold == pytest.approx(LLR_THRESHOLD)
    rng = np.random.default_rng(0)
    scores = SortedScores.of(rng.normal(1, 1, 300), rng.normal(-1, 1, 300))
    assert bank.of(*scores.rates_at(bank.threshold)) == pytest.approx(act_dcf(scores.real, scores.fake))


def test_the_threshold_of_calibrated_scores_costs_no_more_than_another() -> None:
    rng = np.random.default_rng(1)
    scores = SortedScores.of(2 * rng.normal(1, 1, 200_000), 2 * rng.normal(-1, 1, 200_000))
    for use in USES:
        given = use.costs
        at = given.of(*scores.rates_at(given.threshold))
        best, _ = scores.minimum_cost(
            prior_spoof=given.prior_spoof, cost_miss=given.miss, cost_false_alarm=given.false_alarm
        )  # fmt: skip
        assert best <= at <= 1.02 * best


def test_dearer_false_alarms_need_a_surer_spoof() -> None:
    assert Costs(0.5, 1, 10).threshold < Costs(0.5, 1, 1).threshold == 0.0 < Costs(0.5, 10, 1).threshold


@pytest.mark.parametrize(
    "given", [(0, 1, 1), (1, 1, 1), (0.5, 0, 1), (0.5, 1, -1), (0.5, math.inf, 1), (math.nan, 1, 1)]
)
def test_costs_that_mean_nothing_are_refused(given: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        Costs(*given)


def test_the_density_is_that_of_a_gaussian_kernel() -> None:
    values = np.sort(np.random.default_rng(2).normal(size=2_000))
    grid = np.linspace(-5, 5, 401)
    found = density(values, grid)
    assert found.sum() * 0.025 == pytest.approx(1, abs=0.01)
    assert found == pytest.approx(gaussian_kde(values, 0.9 * len(values) ** -0.2)(grid), abs=0.02)
    assert not density(np.empty(0), grid).any()
    assert np.isfinite(density(np.ones(5), grid)).all()


def test_counts_beyond_the_edges_are_at_the_ends() -> None:
    assert counts_between(np.array([-9.0, 0.1, 0.5, 0.6, 7.0]), np.array([0.0, 0.5, 1.0])).tolist() == [2, 3]


def test_a_long_curve_of_shares_is_thinned() -> None:
    values, shares = quantile_curve(np.arange(50_000.0))
    assert len(values) <= 1_000
    assert (values[-1], shares[-1]) == (49_999, 1.0)
    assert quantile_curve(np.array([3.0, 5.0]))[1].tolist() == [0.5, 1.0]
