"""Figures of merit: against the challenges' published numbers, scikit-learn, scipy and cases known on paper."""

import json
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import mannwhitneyu
from sklearn.metrics import accuracy_score, f1_score, log_loss, precision_score, recall_score, roc_auc_score, roc_curve

from core.analysis import metrics
from core.analysis.metrics import TiedScoresWarning
from core.analysis.tandem import ASVSPOOF_2019_LA

TOLERANCE = 1e-6
SYSTEMS = ("rawgat_st_mul", "ocsoftmax")


@pytest.fixture(scope="module")
def scores(shared: Path) -> dict[str, np.ndarray]:
    with np.load(shared / "parity" / "metrics_scores.npz") as stored:
        return dict(stored)


@pytest.fixture(scope="module")
def expected(shared: Path) -> dict[str, Any]:
    return json.loads((shared / "parity" / "metrics_expected.json").read_text())


@pytest.fixture(scope="module")
def asv(scores: dict[str, np.ndarray]) -> metrics.AsvErrorRates:
    return metrics.asv_error_rates(*(scores["asv_score"][scores["asv_key"] == key] for key in range(3)))


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    return rng.normal(1, 1, 400), rng.normal(-1, 1.5, 700)


def _labelled(bonafide: np.ndarray, spoof: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.r_[np.ones(len(bonafide), bool), np.zeros(len(spoof), bool)], np.r_[bonafide, spoof]


def _quiet_eer(bonafide: np.ndarray, spoof: np.ndarray) -> metrics.EqualErrorRate:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TiedScoresWarning)
        return metrics.eer(bonafide, spoof)


def test_verification_system_matches_the_published_figures(
    scores: dict[str, np.ndarray], expected: dict[str, Any], asv: metrics.AsvErrorRates
) -> None:
    published = expected["asv"]
    counts = np.bincount(scores["asv_key"])
    assert counts.tolist() == [published["n_target"], published["n_nontarget"], published["n_spoof"]]
    got = (asv.eer, asv.threshold, asv.false_alarm, asv.miss, asv.miss_spoof)
    names = ("eer", "threshold", "Pfa", "Pmiss", "Pmiss_spoof")
    assert got == pytest.approx([published[name] for name in names], abs=TOLERANCE)


def test_the_stated_verification_system_is_the_measured_one(asv: metrics.AsvErrorRates) -> None:
    for name, value in vars(ASVSPOOF_2019_LA).items():
        assert value == pytest.approx(getattr(asv, name), abs=1e-9), name


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_pooled_figure_is_reproduced(
    scores: dict[str, np.ndarray], expected: dict[str, Any], asv: metrics.AsvErrorRates, system: str
) -> None:
    values, real = scores[f"score_{system}"], scores["is_bonafide"]
    bonafide, spoof = values[real], values[~real]
    rate = _quiet_eer(bonafide, spoof)
    got = {
        "n_bonafide": len(bonafide),
        "n_spoof": len(spoof),
        "eer": rate.rate,
        "eer_threshold": rate.threshold,
        "min_tdcf_2019": metrics.min_tdcf_2019(bonafide, spoof, asv),
        "min_tdcf_2021_form": metrics.min_tdcf_2021(bonafide, spoof, asv),
        "min_dcf_asvspoof5": metrics.min_dcf(bonafide, spoof),
        "act_dcf_asvspoof5": metrics.act_dcf(bonafide, spoof),
        "act_dcf_threshold": metrics.LLR_THRESHOLD,
        "cllr_bits": metrics.cllr(bonafide, spoof),
    }
    pooled = {name: value for name, value in expected[system].items() if name != "per_attack_eer"}
    assert got == pytest.approx(pooled, abs=TOLERANCE)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_attack_figure_is_reproduced(
    scores: dict[str, np.ndarray], expected: dict[str, Any], system: str
) -> None:
    values, attack = scores[f"score_{system}"], scores["attack"]
    got = {
        f"A{number:02d}": _quiet_eer(values[attack == 0], values[attack == number]).rate
        for number in np.unique(attack[attack > 0])
    }
    assert got == pytest.approx(expected[system]["per_attack_eer"], abs=TOLERANCE)


def test_eer_is_zero_when_scores_separate() -> None:
    assert metrics.eer([2.0, 3.0], [-1.0, 1.0]).rate == 0


def test_eer_is_one_when_scores_are_turned_round() -> None:
    assert metrics.eer([-1.0, 1.0], [2.0, 3.0]).rate == 1


def test_eer_lies_where_the_roc_crosses_the_diagonal(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    real, scores = _labelled(*drawn)
    false_alarm, hit, _ = roc_curve(real, scores, drop_intermediate=False)
    crossing = np.interp(0, false_alarm - (1 - hit), false_alarm)
    assert metrics.eer(*drawn).rate == pytest.approx(crossing, abs=1 / 400)


def test_eer_threshold_gives_the_eer_on_both_sides(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    found = metrics.eer(*drawn)
    assert (drawn[0] <= found.threshold).mean() == pytest.approx(found.rate, abs=1 / 400)
    assert (drawn[1] > found.threshold).mean() == pytest.approx(found.rate, abs=1 / 400)


def test_constant_scores_count_as_always_wrong_and_warn_with_both_readings() -> None:
    with pytest.warns(TiedScoresWarning, match=r"100\.00 %.*0\.00 %"):
        found = metrics.eer(np.zeros(5), np.zeros(7))
    assert (found.rate, found.ties) == (1.0, 12)


def test_half_tied_coin_flip_is_a_half() -> None:
    with pytest.warns(TiedScoresWarning):
        assert metrics.eer([0, 1], [0, 1]).rate == 0.5


def test_ties_within_a_class_are_no_ties() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert metrics.eer([1.0, 1.0, 2.0], [0.0, 0.0]).ties == 0


@pytest.mark.parametrize("ties", [False, True])
def test_auc_matches_scikit_learn_and_mann_whitney(drawn: tuple[np.ndarray, np.ndarray], ties: bool) -> None:
    bonafide, spoof = (np.round(x, 1) if ties else x for x in drawn)
    real, scores = _labelled(bonafide, spoof)
    found = metrics.roc_auc(bonafide, spoof)
    assert found == pytest.approx(roc_auc_score(real, scores), abs=1e-12)
    assert found == pytest.approx(mannwhitneyu(bonafide, spoof).statistic / (400 * 700), abs=1e-12)


def test_min_dcf_matches_a_search_over_scikit_learns_roc(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    false_alarm, hit, _ = roc_curve(*_labelled(*drawn), drop_intermediate=False)
    best = (0.95 * (1 - hit) + 0.5 * false_alarm).min() / 0.5
    assert metrics.min_dcf(*drawn) == pytest.approx(best, abs=1e-12)


def test_min_tdcf_of_a_perfect_detector_is_zero_in_the_2019_form_and_not_in_the_2021_form() -> None:
    asv = metrics.AsvErrorRates(miss=0.02, false_alarm=0.03, miss_spoof=0.2)
    c0 = 0.9405 * 0.02 + 0.0095 * 10 * 0.03
    floor = c0 / (c0 + min(0.9405 - c0, 0.5 * 0.8))
    assert metrics.min_tdcf_2019([1.0, 2.0], [-1.0], asv) == 0
    assert metrics.min_tdcf_2021([1.0, 2.0], [-1.0], asv) == pytest.approx(floor, abs=1e-12)


def test_min_tdcf_of_a_useless_detector_is_one() -> None:
    asv = metrics.AsvErrorRates(miss=0.02, false_alarm=0.03, miss_spoof=0.2)
    assert metrics.min_tdcf_2019([-1.0, -2.0], [1.0], asv) == pytest.approx(1)


def test_min_tdcf_refuses_a_verification_system_that_rejects_every_spoof() -> None:
    with pytest.raises(ValueError, match="not defined"):
        metrics.min_tdcf_2019([1.0], [0.0], metrics.AsvErrorRates(miss=0.02, false_alarm=0.03, miss_spoof=1.0))


def test_act_dcf_punishes_a_shift_that_min_dcf_forgives() -> None:
    bonafide, spoof = np.array([3.0, 4.0]), np.array([-4.0, -3.0])
    assert metrics.act_dcf(bonafide, spoof) == 0
    assert metrics.act_dcf(bonafide + 10, spoof + 10) == pytest.approx(1)
    assert metrics.act_dcf(bonafide - 10, spoof - 10) == pytest.approx(1.9)
    assert metrics.min_dcf(bonafide + 10, spoof + 10) == 0


def test_cllr_is_the_balanced_log_loss_in_bits(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    real, scores = _labelled(*drawn)
    weights = np.where(real, 0.5 / len(drawn[0]), 0.5 / len(drawn[1]))
    reference = log_loss(real, 1 / (1 + np.exp(-scores)), sample_weight=weights) / math.log(2)
    assert metrics.cllr(*drawn) == pytest.approx(reference, abs=1e-9)


def test_cllr_of_silence_is_one_bit_and_does_not_overflow() -> None:
    assert metrics.cllr(np.zeros(3), np.zeros(4)) == pytest.approx(1)
    assert metrics.cllr([-5000.0], [-5000.0]) == pytest.approx(5000 / (2 * math.log(2)))


def test_threshold_report_matches_scikit_learn(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    real, scores = _labelled(*drawn)
    found = metrics.threshold_report(scores, real, 0.3)
    truth, called = ~real, scores < 0.3
    assert found.accuracy == pytest.approx(accuracy_score(truth, called))
    assert found.precision == pytest.approx(precision_score(truth, called))
    assert found.recall == pytest.approx(recall_score(truth, called))
    assert found.f1 == pytest.approx(f1_score(truth, called))
    assert found.miss_rate == pytest.approx(1 - found.recall)
    assert found.false_alarm_rate == pytest.approx((drawn[0] < 0.3).mean())
    assert found.tp + found.fp + found.fn + found.tn == len(scores)


def test_threshold_report_leaves_undefined_shares_undefined() -> None:
    found = metrics.threshold_report([1.0, 2.0], [True, True], 0.0)
    assert (found.tn, found.accuracy, found.false_alarm_rate) == (2, 1.0, 0.0)
    assert all(math.isnan(value) for value in (found.precision, found.recall, found.f1, found.miss_rate))


def test_a_score_at_the_threshold_is_called_bona_fide() -> None:
    assert metrics.threshold_report([0.5], [True], 0.5).tn == 1


@pytest.mark.parametrize("figure", [metrics.eer, metrics.min_dcf, metrics.act_dcf, metrics.cllr, metrics.roc_auc])
@pytest.mark.parametrize(("bonafide", "spoof"), [([], [1.0]), ([1.0], []), ([math.nan], [1.0]), ([[1.0]], [1.0])])
def test_figures_refuse_missing_classes_and_broken_scores(figure: Any, bonafide: Any, spoof: Any) -> None:
    with pytest.raises(ValueError, match="scores"):
        figure(bonafide, spoof)
