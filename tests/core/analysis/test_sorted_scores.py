"""What sorted scores give is what the figures over all thresholds, and scikit-learn, give."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from core.analysis.calibration import log_odds, p_spoof
from core.analysis.det import det_curve, equal_error_point
from core.analysis.metrics import min_dcf, threshold_report
from core.analysis.sorted_scores import SortedScores


def pair(seed: int, n: int = 60, m: int = 40, *, ties: bool = False) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    real, fake = rng.normal(1, 1.5, n), rng.normal(-1, 1.5, m)
    return (real.round(0), fake.round(0)) if ties else (real, fake)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_the_equal_error_rate_is_the_challenges_own(seed: int, ties: bool) -> None:
    rng = np.random.default_rng(seed)
    real, fake = pair(seed, int(rng.integers(1, 70)), int(rng.integers(1, 70)), ties=ties)
    assert SortedScores.of(real, fake).equal_error == pytest.approx(equal_error_point(real, fake))


@pytest.mark.parametrize(("real", "fake"), [([1.0], [0.0]), ([0.0], [1.0]), ([0.0, 0.0], [0.0, 0.0]), ([2, 3], [0, 1])])
def test_the_equal_error_rate_of_separate_and_of_constant_scores(real: list[float], fake: list[float]) -> None:
    assert SortedScores.of(real, fake).equal_error == pytest.approx(equal_error_point(real, fake))


@pytest.mark.parametrize("llr", [-9.0, -0.5, 0.0, 1.0, 9.0])
def test_counts_at_a_threshold_are_those_of_the_scores(llr: float) -> None:
    real, fake = pair(1, ties=True)
    expected = threshold_report(np.concatenate([real, fake]), np.arange(100) < 60, llr)
    assert SortedScores.of(real, fake).report(llr) == expected
    assert SortedScores.of(real, fake).rates_at(llr) == (expected.false_alarm_rate, expected.miss_rate)


def test_every_threshold_is_on_a_short_curve_and_a_long_one_is_thinned() -> None:
    real, fake = pair(2)
    curve = SortedScores.of(real, fake).curve()
    false_alarm, recall, _ = roc_curve(np.arange(100) >= 60, -np.concatenate([real, fake]), drop_intermediate=False)
    assert {(round(x, 9), round(y, 9)) for x, y in zip(curve.false_alarm, 1 - curve.miss, strict=True)} == {
        (round(x, 9), round(y, 9)) for x, y in zip(false_alarm, recall, strict=True)
    }
    many = SortedScores.of(*pair(3, 50_000, 30_000))
    thin = many.curve()
    assert len(thin.threshold) <= 2_001
    assert (thin.false_alarm[0], thin.miss[0], thin.false_alarm[-1], thin.miss[-1]) == (0, 1, 1, 0)
    alarms, misses, thresholds = det_curve(many.real, many.fake)
    for threshold, alarm, miss in list(zip(*thin, strict=True))[1:-1:97]:
        at = int(np.searchsorted(thresholds[1:], threshold))
        assert (alarm, miss) == pytest.approx((alarms[at], misses[at]), abs=2e-5)


def test_areas_are_those_of_scikit_learn() -> None:
    for ties in (False, True):
        real, fake = pair(4, ties=ties)
        both, truth = np.concatenate([real, fake]), np.arange(100) < 60
        scores = SortedScores.of(real, fake)
        assert scores.area() == pytest.approx(roc_auc_score(truth, both))
        assert scores.average_precision() == pytest.approx(average_precision_score(~truth, -both))


def test_the_lowest_cost_is_that_of_the_evaluation_plan() -> None:
    for seed in range(10):
        real, fake = pair(seed)
        cost, threshold = SortedScores.of(real, fake).minimum_cost(prior_spoof=0.05, cost_miss=10, cost_false_alarm=1)
        assert cost == pytest.approx(min_dcf(real, fake))
        alarms, misses = SortedScores.of(real, fake).rates_at(threshold)
        assert (0.95 * alarms + 0.5 * misses) / 0.5 == pytest.approx(cost)


def test_reliability_of_scores_that_are_log_likelihood_ratios_lies_on_the_diagonal() -> None:
    rng = np.random.default_rng(0)
    # Of two normal densities 2 apart with variance 1, the ratio at x is 2 x.
    scores = SortedScores.of(2 * rng.normal(1, 1, 40_000), 2 * rng.normal(-1, 1, 10_000))
    found = scores.reliability()
    assert found.observed == pytest.approx(found.predicted, abs=0.04)
    assert found.n_real.sum() == 40_000
    assert found.n_fake.sum() == 10_000
    moved = SortedScores(scores.real + log_odds(0.3), scores.fake + log_odds(0.3))
    found = moved.reliability(prior=0.3)
    assert found.observed == pytest.approx(found.predicted, abs=0.04)
    assert np.abs(moved.reliability().observed - found.predicted).max() > 0.15


def test_a_bin_of_the_reliability_is_what_was_predicted_and_what_came_true() -> None:
    real, fake = pair(5, 50, 50)
    found, p = SortedScores.of(real, fake).reliability(), p_spoof(np.concatenate([real, fake]))
    inside = (p > 0.8) & (p <= 0.9)
    assert found.predicted[8] == pytest.approx(p[inside].mean())
    assert found.observed[8] == pytest.approx(inside[50:].sum() / inside.sum())


def test_risk_is_the_share_of_errors_among_the_clips_that_are_decided() -> None:
    real, fake = pair(6, 50, 50)
    found = SortedScores.of(real, fake).risk_coverage(0.3)
    both, truth = np.concatenate([real, fake]), np.arange(100) < 50
    for half, coverage, risk in list(zip(*found, strict=True))[::9]:
        decided = (both < 0.3 - half) | (both >= 0.3 + half)
        assert coverage == pytest.approx(decided.mean())
        assert risk == pytest.approx(((both < 0.3) == truth)[decided].mean())


def test_one_class_has_no_curve_and_no_rate_of_the_other() -> None:
    only = SortedScores.of([1.0, 2.0], [])
    assert np.isnan(only.equal_error).all()
    assert np.isnan(only.area())
    assert only.rates_at(1.5)[0] == 0.5
    assert np.isnan(only.rates_at(1.5)[1])
    with pytest.raises(ValueError, match="both classes"):
        only.curve()
