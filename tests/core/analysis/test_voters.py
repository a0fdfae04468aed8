"""How alike voters are: planted copies, planted independent voters, and tables small enough to count by hand."""

import numpy as np
import pytest

from core.analysis.voters import (
    agreement,
    correlation,
    double_fault,
    error_correlation,
    kappa,
    leaf_order,
    midranks,
    opinions,
    overlaps,
    q_statistic,
    split_votes,
    weighted_verdict,
    within_classes,
)

RNG = np.random.default_rng(0)
# Errors of two voters on ten clips: both on 1, the first alone on 2, the second alone on 1, neither on 6.
WRONG = np.array([[1, 1], [1, 0], [1, 0], [0, 1], *([[0, 0]] * 6)], dtype=bool)


def test_five_copies_of_one_voter_change_neither_the_number_nor_the_weight_of_the_others() -> None:
    noise = RNG.normal(size=(4000, 3)) @ np.array([[1, 0.5, 0.2], [0, 1, 0.4], [0, 0, 1]])
    alone = opinions(correlation(noise))
    copied = opinions(correlation(noise[:, [0, 0, 0, 0, 0, 1, 2]]))
    assert copied.number == pytest.approx(alone.number, abs=1e-6)
    assert copied.weights[:5].sum() == pytest.approx(alone.weights[0], abs=1e-6)
    assert copied.weights[:5] == pytest.approx([alone.weights[0] / 5] * 5, abs=1e-6)
    assert copied.weights[5:] == pytest.approx(alone.weights[1:], abs=1e-6)


def test_copies_that_differ_a_little_count_a_little_more() -> None:
    base = RNG.normal(size=(4000, 2))
    near = np.column_stack([base, *(base[:, 0] + 0.1 * RNG.normal(size=4000) for _ in range(4))])
    assert 2 < opinions(correlation(near)).number < 2.1


def test_five_copies_do_not_change_the_verdict() -> None:
    votes = RNG.integers(0, 2, (500, 3)).astype(np.int8)
    scores = votes + 0.3 * RNG.normal(size=votes.shape)
    alone = opinions(correlation(scores)).weights
    copies = [0, 0, 0, 0, 0, 1, 2]
    copied = opinions(correlation(scores[:, copies])).weights
    assert np.array_equal(weighted_verdict(votes, alone), weighted_verdict(votes[:, copies], copied))
    plain = (votes[:, copies].mean(axis=1) > 0.5).astype(np.int8)
    assert not np.array_equal(plain, weighted_verdict(votes, alone)), "by head count the copies would win"


@pytest.mark.parametrize("d", [1, 2, 8])
def test_independent_voters_count_each(d: int) -> None:
    found = opinions(correlation(RNG.normal(size=(20000, d))))
    assert found.number == pytest.approx(d, rel=0.01)
    assert found.weights.sum() == pytest.approx(1)


def test_a_voter_that_never_varies_is_none_and_none_at_all_is_zero() -> None:
    columns = np.column_stack([RNG.normal(size=50), np.ones(50)])
    assert opinions(correlation(columns)).weights.tolist() == [1.0, 0.0]
    assert opinions(np.empty((0, 0))).number == 0


def test_being_right_together_is_not_being_alike() -> None:
    labels = np.repeat(np.array([1, 0, -1], dtype=np.int8), 2000)
    columns = np.where(labels == 1, 9.0, -9.0)[:, None] + RNG.normal(size=(6000, 3))
    assert opinions(correlation(columns)).number < 1.2
    assert opinions(correlation(within_classes(columns, labels))).number > 2.9


def test_agreement_and_kappa_by_hand() -> None:
    # Both bona fide on 4 of 10, both spoof on 3, 2 and 1 apart: agreement 0.7, chance 0.6 * 0.5 + 0.4 * 0.5 = 0.5.
    votes = np.array([[1, 1]] * 4 + [[0, 0]] * 3 + [[1, 0]] * 2 + [[0, 1]], dtype=np.int8)
    assert agreement(votes)[0, 1] == pytest.approx(0.7)
    assert kappa(votes)[0, 1] == pytest.approx(0.4)
    assert np.isnan(kappa(np.ones((5, 2), dtype=np.int8))).all()


def test_agreement_of_many_clips_is_summed_over_blocks() -> None:
    votes = RNG.integers(-1, 2, (300_001, 2)).astype(np.int8)
    assert agreement(votes)[0, 1] == (votes[:, 0] == votes[:, 1]).mean()


def test_figures_of_errors_by_hand() -> None:
    assert double_fault(WRONG)[0, 1] == pytest.approx(0.1)
    assert q_statistic(WRONG)[0, 1] == pytest.approx((1 * 6 - 2 * 1) / (1 * 6 + 2 * 1))
    assert error_correlation(WRONG)[0, 1] == pytest.approx(np.corrcoef(WRONG.T.astype(float))[0, 1])
    assert np.isnan(error_correlation(np.zeros((4, 1), dtype=bool))).all()


def test_midranks_share_ties_and_leave_out_what_is_not_finite() -> None:
    assert midranks([3.0, 1.0, 1.0, 2.0]).tolist() == [3.5 / 4, 1 / 4, 1 / 4, 2.5 / 4]
    assert midranks([5.0, np.nan, 7.0]).tolist()[::2] == [0.25, 0.75]


def test_the_dendrogram_puts_like_voters_side_by_side() -> None:
    first, second = RNG.normal(size=(2, 900))
    columns = np.column_stack([first, second, first + 0.1 * second, second + 0.1 * first])
    order, links = leaf_order(correlation(columns))
    assert {frozenset(order[:2]), frozenset(order[2:])} == {frozenset({0, 2}), frozenset({1, 3})}
    assert links.shape == (3, 4)


def test_overlaps_count_each_clip_once() -> None:
    sets = {"a": np.array([1, 1, 0, 0], bool), "b": np.array([1, 0, 1, 0], bool), "c": np.array([1, 0, 1, 0], bool)}
    assert dict(overlaps(sets)) == {("a", "b", "c"): 1, ("a",): 1, ("b", "c"): 1}


def test_not_sure_contradicts_nobody() -> None:
    assert split_votes(np.array([[1, -1], [1, 0], [0, 0]], dtype=np.int8)).tolist() == [False, True, False]
