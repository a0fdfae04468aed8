"""Votes, agreement and independence on tables small enough to count by hand."""

import numpy as np
import pandas as pd
import pytest

from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED, Decision
from core.analysis.voting import (
    by_dispute,
    cohen_kappa,
    effective_voters,
    pairwise_agreement,
    vote_table,
    voters,
)

STRICT = Decision(spoof_below=-1.0, bonafide_above=1.0)
LOOSE = Decision(spoof_below=-3.0, bonafide_above=3.0)
SCORES = pd.DataFrame(
    {
        "a": [-4.0, 4.0, -4.0, 4.0, 2.0, -4.0],
        "b": [-4.0, 4.0, 4.0, 0.0, 2.0, 2.0],
        "c": [-4.0, 4.0, 4.0, 4.0, 2.0, -4.0],
        "d": [-4.0, 4.0, -4.0, 4.0, 2.0, -4.0],
    },
    index=pd.Index(["fake", "real", "torn", "shy", "near", "one"], name="path"),
)
DECISIONS = {"a": STRICT, "b": STRICT, "c": STRICT, "d": LOOSE}


@pytest.fixture
def votes() -> pd.DataFrame:
    return vote_table(SCORES, DECISIONS)


def test_each_detector_votes_by_its_own_thresholds(votes: pd.DataFrame) -> None:
    assert list(votes.loc["fake", list("abcd")]) == [SPOOFED] * 4
    assert list(votes.loc["near", list("abcd")]) == [BONAFIDE, BONAFIDE, BONAFIDE, NOT_SURE]
    assert voters(votes) == ["a", "b", "c", "d"]
    assert votes.index.name == "path"


def test_states_and_counts(votes: pd.DataFrame) -> None:
    assert votes["state"].to_dict() == {
        "fake": "unanimous spoof", "real": "unanimous bona fide", "torn": "split", "shy": "undecided",
        "near": "undecided", "one": "split",
    }  # fmt: skip
    assert list(votes["n_spoof"]) == [4, 0, 2, 0, 0, 3]
    assert list(votes["n_bonafide"]) == [0, 4, 2, 3, 3, 1]
    assert list(votes["n_not_sure"]) == [0, 0, 0, 1, 1, 0]


def test_spread_is_the_range_of_p_spoof(votes: pd.DataFrame) -> None:
    assert votes.loc["real", "spread"] == 0.0
    assert votes.loc["torn", "spread"] == pytest.approx(1 / (1 + np.exp(-4)) - 1 / (1 + np.exp(4)))
    assert votes.loc["shy", "spread"] == pytest.approx(0.5 - 1 / (1 + np.exp(4)))


def test_nobody_being_sure_is_undecided() -> None:
    votes = vote_table(pd.DataFrame({"a": [0.0], "b": [0.5]}, index=["x"]), {"a": STRICT, "b": STRICT})
    assert votes.loc["x", "state"] == "undecided"
    assert votes.loc["x", "n_not_sure"] == 2


def test_agreement_is_the_share_of_equal_verdicts(votes: pd.DataFrame) -> None:
    agreement = pairwise_agreement(votes)
    # a and b differ on torn, shy and one; a and c on torn alone; a and d on near alone.
    assert agreement.loc["a", "b"] == pytest.approx(3 / 6)
    assert agreement.loc["a", "c"] == pytest.approx(5 / 6)
    assert agreement.loc["a", "d"] == pytest.approx(5 / 6)
    np.testing.assert_array_equal(agreement.to_numpy(), agreement.to_numpy().T)
    np.testing.assert_array_equal(np.diag(agreement), 1.0)


def test_kappa_equals_the_formula_by_hand(votes: pd.DataFrame) -> None:
    # a: 3 spoofed, 3 bona fide; c: 2 spoofed, 4 bona fide; observed 5/6, by chance (3*2 + 3*4) / 36 = 1/2.
    kappa = cohen_kappa(votes)
    assert kappa.loc["a", "c"] == pytest.approx((5 / 6 - 1 / 2) / (1 - 1 / 2))
    # b: 1 spoofed, 4 bona fide, 1 not sure; by chance (3*1 + 3*4) / 36 = 5/12; observed 1/2.
    assert kappa.loc["a", "b"] == pytest.approx((1 / 2 - 5 / 12) / (1 - 5 / 12))
    np.testing.assert_allclose(np.diag(kappa), 1.0)


def test_kappa_is_undefined_where_chance_agrees_too() -> None:
    votes = vote_table(pd.DataFrame({"a": [4.0, 4.0], "b": [5.0, 5.0]}), {"a": STRICT, "b": STRICT})
    assert pairwise_agreement(votes).loc["a", "b"] == 1.0
    assert np.isnan(cohen_kappa(votes).loc["a", "b"])


def test_kappa_of_opposites_is_minus_one() -> None:
    votes = vote_table(pd.DataFrame({"a": [4.0, -4.0], "b": [-4.0, 4.0]}), {"a": STRICT, "b": STRICT})
    assert cohen_kappa(votes).loc["a", "b"] == pytest.approx(-1.0)


def test_the_most_disputed_clip_is_the_one_whose_probabilities_spread_most(votes: pd.DataFrame) -> None:
    order = by_dispute(votes)
    assert sorted(order) == sorted(votes.index)
    assert votes.loc[order, "spread"].is_monotonic_decreasing
    assert order[0] == "torn"


def test_clips_that_are_alike_come_by_contradiction_and_then_by_path() -> None:
    scores = pd.DataFrame({"a": [2.0, 2.0, 2.0], "b": [-2.0, -2.0, -2.0]}, index=["z", "x", "y"])
    votes = vote_table(scores, {"a": STRICT, "b": STRICT})
    assert list(by_dispute(votes)) == ["x", "y", "z"]
    votes.loc["z", ["n_spoof", "n_bonafide"]] = [2, 2]
    assert list(by_dispute(votes)) == ["z", "x", "y"]


def test_copies_of_one_detector_are_one_voter() -> None:
    noise = np.random.default_rng(0).normal(size=200)
    assert effective_voters(pd.DataFrame({"a": noise, "b": 2 * noise + 1, "c": -noise})) == pytest.approx(1.0)


def test_uncorrelated_detectors_are_as_many_voters() -> None:
    square = pd.DataFrame({"a": [1.0, 1, -1, -1], "b": [1.0, -1, 1, -1], "c": [1.0, -1, -1, 1]})
    assert effective_voters(square) == pytest.approx(3.0)


def test_two_voters_with_a_known_correlation() -> None:
    # The ratio of two voters is 4 / (2 + 2 r^2); here r = 1/2.
    square = pd.DataFrame({"a": [1.0, 1, -1, -1], "b": [1.0, -1, 1, -1]})
    square["b"] = 0.5 * square["a"] + np.sqrt(0.75) * square["b"]
    assert effective_voters(square) == pytest.approx(4 / 2.5)


def test_being_right_together_is_not_being_alike() -> None:
    rng = np.random.default_rng(1)
    labels = ["bonafide"] * 500 + ["spoof"] * 500
    truth = np.repeat([10.0, -10.0], 500)
    scores = pd.DataFrame({name: truth + rng.normal(size=1000) for name in "abc"})
    assert effective_voters(scores) < 1.1
    assert effective_voters(scores, labels=labels) > 2.9


def test_a_constant_detector_is_no_voter() -> None:
    scores = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [0.1, 0.1, 0.1]})
    assert effective_voters(scores) == pytest.approx(1.0)
    assert effective_voters(scores[["b"]]) == 0.0


@pytest.mark.parametrize(
    ("scores", "complaint"),
    [
        (pd.DataFrame(index=["x"]), "at least one detector"),
        (pd.DataFrame({"state": [1.0]}), "cannot be called 'state'"),
        (pd.DataFrame({"e": [1.0]}), "e has no decision"),
        (pd.DataFrame({"a": [1.0, np.nan]}), "missing or not finite"),
    ],
)
def test_a_vote_that_cannot_be_counted_is_refused(scores: pd.DataFrame, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        vote_table(scores, DECISIONS)


def test_labels_must_be_one_a_clip() -> None:
    with pytest.raises(ValueError, match="one label a clip"):
        effective_voters(SCORES, labels=["spoof"])
