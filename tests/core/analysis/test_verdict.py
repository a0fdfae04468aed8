"""Verdicts: three answers, thresholds that keep what they promise, and a form that survives JSON."""

import numpy as np
import pytest
from pydantic import ValidationError

from core.analysis.calibration import p_spoof
from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED, Decision, fit_decision


def _drawn(distance: float, n: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    return np.concatenate([rng.normal(distance, 1, n), rng.normal(-distance, 1, n)]), np.arange(2 * n) < n


@pytest.mark.parametrize(
    ("score", "words"),
    [(-3.0, SPOOFED), (-1.0, NOT_SURE), (0.0, NOT_SURE), (2.0, NOT_SURE), (2.1, BONAFIDE), (np.inf, BONAFIDE)],
)
def test_verdict_has_three_answers_and_is_not_sure_at_a_threshold(score: float, words: str) -> None:
    assert Decision(spoof_below=-1.0, bonafide_above=2.0).verdict(score) == words


def test_default_thresholds_are_the_probabilities_they_are_said_to_be() -> None:
    decision = Decision()
    np.testing.assert_allclose(p_spoof([decision.spoof_below, decision.bonafide_above]), [0.65, 0.35])


def test_decision_survives_json_and_refuses_unknown_fields() -> None:
    decision = Decision(spoof_below=-0.25, bonafide_above=0.5, false_alarm_rate=0.04, basis="dev")
    assert Decision.model_validate_json(decision.model_dump_json()) == decision
    with pytest.raises(ValidationError):
        Decision.model_validate({"treshold": 0.0})


def test_fitted_thresholds_keep_the_promised_error_rates() -> None:
    llr, real = _drawn(0.8)
    decision = fit_decision(llr, real, basis="two Gaussians", max_false_alarm=0.05, max_miss=0.10)
    words = np.array([decision.verdict(score) for score in llr])
    assert decision.false_alarm_rate == np.mean(words[real] == SPOOFED) <= 0.05
    assert decision.miss_rate == np.mean(words[~real] == BONAFIDE) <= 0.10
    unsure = words == NOT_SURE
    assert decision.not_sure_rate == pytest.approx((unsure[real].mean() + unsure[~real].mean()) / 2)
    assert decision.not_sure_rate > 0.2
    assert decision.basis == "two Gaussians"


def test_classes_far_apart_leave_nothing_unsure() -> None:
    llr, real = _drawn(6.0)
    decision = fit_decision(llr, real, basis="far apart")
    assert decision.spoof_below == decision.bonafide_above
    assert (decision.false_alarm_rate, decision.miss_rate, decision.not_sure_rate) == (0.0, 0.0, 0.0)


def test_stricter_limits_leave_more_unsure() -> None:
    llr, real = _drawn(0.8)
    loose = fit_decision(llr, real, basis="dev", max_false_alarm=0.2, max_miss=0.2)
    strict = fit_decision(llr, real, basis="dev", max_false_alarm=0.01, max_miss=0.01)
    assert strict.spoof_below < loose.spoof_below
    assert strict.bonafide_above > loose.bonafide_above
    assert strict.not_sure_rate > loose.not_sure_rate


@pytest.mark.parametrize("n", [7, 10, 19, 20, 21, 478])
def test_thresholds_keep_their_limits_however_few_clips_there_are(n):
    rng = np.random.default_rng(n)
    llr, real = rng.normal(0, 1, 2 * n), np.arange(2 * n) < n
    decision = fit_decision(llr, real, basis="chance")
    assert decision.false_alarm_rate <= 0.05 and decision.miss_rate <= 0.15
