"""Voters made one: planted voters of known skill, copies, ties."""

import numpy as np
import pytest

from core.analysis.combining import calibrated_sum, dawid_skene, majority, margins, times_as_often
from core.analysis.metrics import eer

RNG = np.random.default_rng(2)
N = 6000
LABELS = (RNG.random(N) < 0.3).astype(np.int8)


def voter(accuracy: float, seed: int) -> np.ndarray:
    """Votes that are right so often, whatever the class and the other voters."""
    right = np.random.default_rng(seed).random(N) < accuracy
    return np.where(right, LABELS, 1 - LABELS).astype(np.int8)


def test_a_majority_counts_votes_cast_and_knows_ties() -> None:
    votes = np.array([[1, 1, 0], [1, 0, -1], [-1, -1, -1], [0, -1, -1]], dtype=np.int8)
    assert majority(votes) == pytest.approx([1 / 6, 0, 0, -0.5])
    assert majority(votes, np.array([0.5, 0.5, 1.0])).tolist() == [0, 0, 0, -0.5]


def test_dawid_skene_finds_what_planted_voters_are_worth() -> None:
    skills = (0.95, 0.85, 0.75, 0.65)
    found = dawid_skene(np.stack([voter(skill, 10 + seed) for seed, skill in enumerate(skills)], axis=1))
    assert found.true_bonafide == pytest.approx(skills, abs=0.04)
    assert found.true_spoof == pytest.approx(skills, abs=0.04)
    assert found.prior == pytest.approx(0.3, abs=0.03)
    assert ((found.p_bonafide > 0.5) == LABELS).mean() > 0.94


def test_copies_win_by_dawid_skene_as_its_warning_states() -> None:
    good = [voter(0.9, 1), voter(0.9, 2)]
    bad = voter(0.6, 3)
    found = dawid_skene(np.stack([*good, bad, bad, bad, bad], axis=1))
    assert found.true_spoof[2] > 0.95, "it takes the copies for nearly perfect"
    assert ((found.p_bonafide > 0.5) == LABELS).mean() < 0.65


def test_one_voter_or_no_vote_is_no_crash() -> None:
    assert np.isfinite(dawid_skene(np.zeros((5, 1), dtype=np.int8)).p_bonafide).all()
    assert dawid_skene(np.full((5, 2), -1, dtype=np.int8)).p_bonafide == pytest.approx(0.5)


def test_margins_put_any_scale_round_its_threshold() -> None:
    scores = RNG.normal(size=(500, 2))
    both = margins(np.column_stack([scores[:, 0], 100 + 7 * scores[:, 0]]), np.array([0.5, 103.5]))
    assert both[:, 0] == pytest.approx(both[:, 1])
    assert np.array_equal(both[:, 0] > 0, scores[:, 0] > 0.5)
    assert np.isfinite(margins(np.ones((3, 1)), np.array([0.0]))).all()


def test_a_calibrated_sum_weighs_by_skill() -> None:
    truth = np.where(LABELS == 1, 1.0, -1.0)[:, None]
    scores = truth + np.random.default_rng(4).normal(size=(N, 2)) * [0.7, 4.0]
    scores[:, 1] *= 50
    total = calibrated_sum(scores, LABELS == 1, np.arange(N) % 2 == 0)
    columns = (total, scores[:, 0], scores.mean(axis=1))
    rates = [eer(column[LABELS == 1], column[LABELS == 0]).rate for column in columns]
    assert rates[0] <= rates[1] + 0.005 < rates[2]


def test_how_often_errors_meet() -> None:
    wrong = np.stack([voter(0.9, 1) != LABELS, voter(0.9, 2) != LABELS], axis=1)
    found = times_as_often(wrong[:, [0, 1, 0]], LABELS)
    assert found[0, 1] == pytest.approx(1, abs=0.25)
    assert found[0, 2] == pytest.approx(10, rel=0.1)
    assert np.isnan(times_as_often(np.zeros((N, 2), dtype=bool), LABELS)).all()
