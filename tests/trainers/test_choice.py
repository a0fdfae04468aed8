"""A member that is kept in any case weighs as little as resampled pages want it."""

import pytest

from trainers.choice import _with_kept


def test_a_kept_candidate_joins_by_its_share_and_is_refused_no_more():
    weights, refused = _with_kept({"a": 1.0}, {"b": "chosen too seldom", "c": "of one family"}, ["b"], {"b": 0.25})
    assert weights == {"a": pytest.approx(0.8), "b": pytest.approx(0.2)}
    assert refused == {"c": "of one family"}


def test_a_member_that_is_kept_stays_as_it_is():
    assert _with_kept({"a": 0.75, "b": 0.25}, {}, ["b"], {"b": 0.5}) == ({"a": 0.75, "b": 0.25}, {})
