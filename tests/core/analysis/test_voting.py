"""Votes, agreement and independence on clips few enough to count by hand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.analysis.verdict import Decision
from core.analysis.voters import agreement, kappa, split_votes, unanimous
from core.analysis.voting import by_dispute, effective_voters, spread, votes_of

STRICT = Decision(spoof_below=-1.0, bonafide_above=1.0)
LOOSE = Decision(spoof_below=-3.0, bonafide_above=3.0)
FAKE, REAL, TORN, SHY, NEAR, ONE = range(6)
SCORES = [
    np.array([-4.0, 4.0, -4.0, 4.0, 2.0, -4.0]),
    np.array([-4.0, 4.0, 4.0, 0.0, 2.0, 2.0]),
    np.array([-4.0, 4.0, 4.0, 4.0, 2.0, -4.0]),
    np.array([-4.0, 4.0, -4.0, 4.0, 2.0, -4.0]),
]
DECISIONS = [STRICT, STRICT, STRICT, LOOSE]


@pytest.fixture
def votes() -> NDArray[np.int8]:
    return votes_of(SCORES, DECISIONS)


def test_each_detector_votes_by_its_own_thresholds(votes: NDArray[np.int8]) -> None:
    assert votes.tolist() == [
        [0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 1, 0], [1, -1, 1, 1], [1, 1, 1, -1], [0, 1, 0, 0],
    ]  # fmt: skip
    # On a threshold nobody is sure.
    assert votes_of([np.array([-1.0, 1.0])], [STRICT]).tolist() == [[-1], [-1]]


def test_states(votes: NDArray[np.int8]) -> None:
    assert np.flatnonzero(unanimous(votes, 0)).tolist() == [FAKE]
    assert np.flatnonzero(unanimous(votes, 1)).tolist() == [REAL]
    assert np.flatnonzero(split_votes(votes)).tolist() == [TORN, ONE]


def test_spread_is_the_range_of_p_spoof() -> None:
    found = spread(SCORES)
    every = p_spoof(np.stack(SCORES, axis=1))
    np.testing.assert_array_equal(found, every.max(axis=1) - every.min(axis=1))
    assert found[REAL] == 0.0
    assert found[TORN] == pytest.approx(1 / (1 + np.exp(-4)) - 1 / (1 + np.exp(4)))


def test_agreement_is_the_share_of_equal_votes(votes: NDArray[np.int8]) -> None:
    # a and b differ on torn, shy and one; a and c on torn alone; a and d on near alone.
    share = agreement(votes)
    assert share[0].tolist() == pytest.approx([1, 3 / 6, 5 / 6, 5 / 6])
    np.testing.assert_array_equal(share, share.T)


def test_kappa_equals_the_formula_by_hand(votes: NDArray[np.int8]) -> None:
    # a: 3 spoofed, 3 bona fide; c: 2 spoofed, 4 bona fide; observed 5/6, by chance (3*2 + 3*4) / 36 = 1/2.
    found = kappa(votes)
    assert found[0, 2] == pytest.approx((5 / 6 - 1 / 2) / (1 - 1 / 2))
    # b: 1 spoofed, 4 bona fide, 1 not sure; by chance (3*1 + 3*4) / 36 = 5/12; observed 1/2.
    assert found[0, 1] == pytest.approx((1 / 2 - 5 / 12) / (1 - 5 / 12))
    np.testing.assert_allclose(np.diag(found), 1.0)


def test_kappa_is_undefined_where_chance_agrees_too() -> None:
    alike = votes_of([np.array([4.0, 4.0]), np.array([5.0, 5.0])], [STRICT, STRICT])
    assert agreement(alike)[0, 1] == 1.0
    assert np.isnan(kappa(alike)[0, 1])


def test_kappa_of_opposites_is_minus_one() -> None:
    opposites = votes_of([np.array([4.0, -4.0]), np.array([-4.0, 4.0])], [STRICT, STRICT])
    assert kappa(opposites)[0, 1] == pytest.approx(-1.0)


def test_the_most_disputed_clip_is_the_one_whose_probabilities_spread_most(votes: NDArray[np.int8]) -> None:
    order = by_dispute(spread(SCORES), votes)
    assert sorted(order) == list(range(6))
    # torn and fake-but-for-one spread alike: 2 against 2 is more of a dispute than 3 against 1.
    assert order.tolist() == [TORN, ONE, SHY, FAKE, REAL, NEAR]


def test_clips_that_are_alike_come_by_contradiction_and_then_as_they_stand() -> None:
    votes = np.array([[1, 0, 0], [1, 0, -1], [1, 1, 0]], dtype=np.int8)
    assert by_dispute(np.array([0.5, 0.5, 0.5]), votes).tolist() == [0, 1, 2]
    votes[2] = [-1, -1, -1]
    assert by_dispute(np.array([0.5, 0.5, 0.5]), votes).tolist() == [0, 1, 2]
    votes[0] = [1, -1, -1]
    assert by_dispute(np.array([0.5, 0.5, 0.5]), votes).tolist() == [1, 0, 2]


def test_copies_of_one_detector_are_one_voter() -> None:
    noise = np.random.default_rng(0).normal(size=200)
    assert effective_voters([noise, 2 * noise + 1, -noise]) == pytest.approx(1.0)


def test_uncorrelated_detectors_are_as_many_voters() -> None:
    square = np.array([[1.0, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]])
    assert effective_voters(list(square)) == pytest.approx(3.0)


def test_two_voters_with_a_known_correlation() -> None:
    # The ratio of two voters is 4 / (2 + 2 r^2); here r = 1/2.
    a, b = np.array([1.0, 1, -1, -1]), np.array([1.0, -1, 1, -1])
    assert effective_voters([a, 0.5 * a + np.sqrt(0.75) * b]) == pytest.approx(4 / 2.5)


def test_being_right_together_is_not_being_alike() -> None:
    rng = np.random.default_rng(1)
    truth = np.repeat([10.0, -10.0], 500)
    scores = [truth + rng.normal(size=1000) for _ in range(3)]
    kept = [llr.copy() for llr in scores]
    assert effective_voters(scores) < 1.1
    assert effective_voters(scores, np.repeat([0, 2], 500)) > 2.9
    np.testing.assert_array_equal(scores, kept)


def test_a_constant_detector_is_no_voter() -> None:
    varied, constant = np.array([1.0, 2.0, 4.0]), np.full(3, 0.1)
    assert effective_voters([varied, constant]) == pytest.approx(1.0)
    assert effective_voters([constant]) == 0.0
    assert effective_voters([constant], np.array([0, 1, 1])) == 0.0


def test_a_vote_that_cannot_be_counted_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one detector"):
        votes_of([], [])
    with pytest.raises(ValueError, match="Detector 2 has scores that are missing"):
        votes_of([np.zeros(2), np.array([0.0, np.nan])], [STRICT, STRICT])
    with pytest.raises(ValueError, match="one class a clip"):
        effective_voters(SCORES, np.array([1]))
