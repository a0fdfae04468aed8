"""Calibration: known maps are found again, the ratio is the one on paper, and bad input is refused."""

import json

import numpy as np
import pytest
from scipy.optimize import minimize

from core.analysis.calibration import (
    EVEN,
    MOST_BELOW_ZERO,
    Calibration,
    fit_calibration,
    leaning,
    log_odds,
    p_spoof,
)  # fmt: skip
from core.analysis.metrics import cllr, roc_auc


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray]:
    """Raw outputs of two Gaussians of the same spread, and their labels; spoofs are four times as many."""
    rng = np.random.default_rng(11)
    raw = np.concatenate([rng.normal(7, 2, 4000), rng.normal(3, 2, 16000)])
    return raw, np.arange(20000) < 4000


def test_llr_is_the_affine_map_of_any_shape() -> None:
    calibration = Calibration(slope=-2.0, intercept=0.5)
    assert calibration.llr(1.0) == -1.5
    np.testing.assert_allclose(calibration.llr([[0.0, 1.0], [2.0, -1.0]]), [[0.5, -1.5], [-3.5, 2.5]])


def test_calibration_survives_json() -> None:
    calibration = Calibration(slope=1 / 3, intercept=-1e-17)
    assert Calibration.from_json(json.loads(json.dumps(calibration.to_json()))) == calibration


def test_p_spoof_is_half_at_zero_and_falls_with_the_score() -> None:
    np.testing.assert_allclose(p_spoof([0.0, np.log(3), -np.log(3)]), [0.5, 0.25, 0.75])


def test_p_spoof_does_not_overflow() -> None:
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_array_equal(p_spoof([-1e4, 1e4]), [1.0, 0.0])


def test_fit_finds_the_ratio_of_two_gaussians(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    """ln N(x; 7, 2) / N(x; 3, 2) = x - 5, whatever the share of each class."""
    fitted = fit_calibration(*drawn)
    assert fitted.slope == pytest.approx(1.0, abs=0.05)
    assert fitted.intercept == pytest.approx(-5.0, abs=0.25)


def test_fit_minimises_cllr(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    """Balanced logistic regression and Cllr have the same minimum: found here by another optimiser."""
    raw, real = drawn

    def cost(line: np.ndarray) -> float:
        llr = line[0] * raw + line[1]
        return cllr(llr[real], llr[~real])

    best = minimize(cost, x0=[0.5, -1.0], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-12})
    fitted = fit_calibration(raw, real)
    assert cost(np.array([fitted.slope, fitted.intercept])) == pytest.approx(best.fun, abs=1e-6)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_fit_does_not_depend_on_the_outputs_scale(drawn: tuple[np.ndarray, np.ndarray], scale: float) -> None:
    raw, real = drawn
    plain, scaled = fit_calibration(raw, real), fit_calibration(raw * scale, real)
    np.testing.assert_allclose(scaled.llr(raw * scale), plain.llr(raw), rtol=1e-6, atol=1e-6)


def test_fit_turns_round_outputs_that_are_higher_for_spoof(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    raw, real = drawn
    llr = fit_calibration(-raw, real).llr(-raw)
    assert roc_auc(llr[real], llr[~real]) > 0.9


def test_constant_outputs_say_nothing() -> None:
    fitted = fit_calibration(np.full(10, 4.0), np.arange(10) < 3)
    np.testing.assert_allclose(fitted.llr([4.0]), [0.0], atol=1e-6)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_fit_refuses_outputs_that_are_not_finite(wrong: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        fit_calibration([0.0, wrong, 1.0], [True, False, True])


@pytest.mark.parametrize("real", [True, False])
def test_fit_refuses_a_single_class(real: bool) -> None:
    with pytest.raises(ValueError, match="both"):
        fit_calibration([0.0, 1.0], [real, real])


def test_leaning_leaves_few_bona_fide_clips_below_zero_and_no_fewer_than_it_may(
    drawn: tuple[np.ndarray, np.ndarray],
) -> None:
    raw, real = drawn
    llr = fit_calibration(raw, real).llr(raw)
    assert (llr[real] < 0).mean() > 1.5 * MOST_BELOW_ZERO, "else there is nothing to lean for"
    score = llr + log_odds(leaning(llr, real))
    assert MOST_BELOW_ZERO - 0.001 < (score[real] < 0).mean() <= MOST_BELOW_ZERO


def test_leaning_stays_where_false_alarms_are_few_enough() -> None:
    llr, real = np.array([-3.0, -2.0, 1.0, 2.0, 3.0]), np.array([False, False, True, True, True])
    assert leaning(llr, real) == EVEN


@pytest.mark.parametrize("prior", [0.05, 0.38, EVEN, 0.9])
def test_p_spoof_of_evidence_and_prior_is_by_bayes_theorem(prior: float) -> None:
    likelier_bonafide = 3.0
    by_bayes = prior / (prior + (1 - prior) * likelier_bonafide)
    assert p_spoof(np.log(likelier_bonafide) + log_odds(prior)) == pytest.approx(by_bayes)
