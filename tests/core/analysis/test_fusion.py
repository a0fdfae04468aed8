"""Combinations whose answer is known: copies add nothing, independent detectors do, noise gets no weight."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from core.analysis.fusion import (
    METHODS,
    chosen_shares,
    cross_validated,
    fit_combination,
    hybrid,
    mean_eer,
    select_unlike,
    sweep_hybrid,
)
from core.analysis.metrics import eer

N = 600


@pytest.fixture
def real():
    return np.arange(N) % 2 == 0


@pytest.fixture
def parts():
    return np.where(np.arange(N) % 4 < 2, "made", "published").astype(object)


@pytest.fixture
def scores(real):
    """``good`` and its near ``copy``, an independent ``other`` of less skill, and ``noise``."""
    rng = np.random.default_rng(0)
    truth = np.where(real, 1.0, -1.0)
    good = truth + rng.normal(0, 1.0, N)
    return pd.DataFrame({
        "good": good, "copy": good + rng.normal(0, 0.05, N), "other": truth + rng.normal(0, 1.4, N),
        "noise": rng.normal(0, 1.0, N),
    })  # fmt: skip


def rate(score, real):
    return eer(score[real], score[~real]).rate


def test_the_mean_is_the_mean(scores, real):
    combined = fit_combination("mean", scores, real).combine(scores)
    np.testing.assert_allclose(combined, scores.mean(axis=1))


def test_ranks_do_not_care_how_loud_a_member_is(scores, real):
    loud = scores.assign(noise=1000 * scores["noise"])
    ranks = [fit_combination("rank-mean", table, real).combine(table) for table in (scores, loud)]
    np.testing.assert_allclose(*ranks, atol=1e-9)
    mean = fit_combination("mean", loud, real).combine(loud)
    assert rate(ranks[1], real) < 0.25 < rate(mean, real)


def test_fitted_weights_ignore_noise_and_never_turn_a_member_round(scores, real):
    reversed_too = scores[["good", "other", "noise"]].assign(liar=-scores["good"])
    weights = fit_combination("logistic", reversed_too, real).weights
    assert min(weights.values()) >= 0 and weights["liar"] == pytest.approx(0, abs=1e-6)
    assert weights["noise"] < 0.3 * weights["good"] and weights["other"] > 0.1


def test_the_choice_takes_the_unlike_before_the_copy_and_leaves_noise(scores, real, parts):
    steps = select_unlike(scores, real, parts, most=4)
    names = [step["member"] for step in steps]
    assert set(names[:2]) in ({"good", "other"}, {"copy", "other"})
    assert "noise" not in names and abs(steps[1]["likeness"]) < 0.2
    assert steps[1]["cllr"] < steps[0]["cllr"]


def test_a_hybrid_of_alpha_one_is_its_supervised_half(scores, real):
    points = sweep_hybrid(scores, real, ["good", "other"], ["noise"])
    assert [point["alpha"] for point in points] == [round(0.1 * i, 1) for i in range(11)]
    supervised = rate(scores[["good", "other"]].mean(axis=1).to_numpy(), real)
    assert points[-1]["eer"] == pytest.approx(supervised) and points[0]["eer"] > 0.4
    quarter = hybrid(["good"], ["noise"], 0.25).combine(scores)
    np.testing.assert_allclose(quarter, 0.25 * scores.good + 0.75 * scores.noise)


@pytest.mark.parametrize("method", METHODS)
def test_a_fold_is_fused_as_the_others_say(scores, real, parts, method):
    folds, usable = np.arange(N) // 6 % 5, np.arange(N) % 7 != 0
    fused = cross_validated(partial(fit_combination, method), scores, real, folds, usable)
    assert np.isfinite(fused).all() and 0.05 < mean_eer(fused, real, parts) < 0.3
    # What a fold, or a row that may not be used, holds itself moves nothing that it is fused by.
    turned = scores.where(pd.Series((folds != 2) & usable), 9.0)
    again = cross_validated(partial(fit_combination, method), turned, real, folds, usable)
    combination = fit_combination(method, scores[(folds != 2) & usable], real[(folds != 2) & usable])
    constant = combination.combine(turned[folds == 2])
    assert np.ptp(constant) == pytest.approx(0) and np.ptp(again[folds == 2]) == pytest.approx(0)


def test_no_choice_holds_two_of_a_family(scores, real, parts):
    families = {"good": "a", "copy": "a", "other": "a", "noise": "b"}
    names = [step["member"] for step in select_unlike(scores, real, parts, most=4, families=families)]
    assert len({families[name] for name in names}) == len(names) and names[0] in {"good", "copy"}


def test_an_unknown_method_is_refused(scores, real):
    with pytest.raises(ValueError, match="rank-mean"):
        fit_combination("median", scores, real)


def test_resampling_wants_the_unlike_again_and_again_and_noise_hardly_ever(scores, real, parts):
    groups = np.array([f"g{i // 4}" for i in range(N)], dtype=object)
    shares = chosen_shares(scores, real, parts, groups, most=3, resamples=12)
    assert shares["other"] == 1.0 and shares.get("noise", 0.0) <= 0.25
    assert shares["good"] + shares["copy"] >= 1.0
    assert list(shares.values()) == sorted(shares.values(), reverse=True)


def test_a_members_score_counts_no_further_than_the_limit(scores, real):
    clip = {name: np.array([value]) for name, value in {"good": 2.0, "other": 1.0, "noise": -300.0}.items()}
    mean = fit_combination("mean", scores[list(clip)], real)
    assert mean.combine(clip)[0] < -90
    assert replace(mean, limit=5.0).combine(clip)[0] == pytest.approx((2.0 + 1.0 - 5.0) / 3)
