"""Segments by hand: hysteresis, gaps, shortest length, ends."""

import numpy as np
import pytest

from core.timeline.segments import find_segments, in_words
from core.timeline.smoothing import smoothed
from tests.core.timeline.toy import rule


def spans(llr, duration_s=None, **changes):
    found = find_segments(llr, rule(**changes), hop_s=0.02, duration_s=duration_s or len(llr) * 0.02)
    return [(round(each.start_s, 3), round(each.end_s, 3)) for each in found]


def steps(*parts):
    return np.concatenate([np.full(count, value) for value, count in parts])


def test_a_segment_begins_below_one_limit_and_ends_above_another():
    llr = steps((1, 10), (-0.7, 5), (-2, 5), (-0.7, 5), (-0.2, 5), (1, 10))
    assert spans(llr) == [(0.2, 0.5)], "what is below the second limit belongs to it on both sides"
    assert spans(steps((1, 10), (-0.7, 20), (1, 10))) == [], "without a step below the first limit there is none"


def test_close_segments_are_one_and_distant_ones_are_not():
    llr = steps((1, 5), (-2, 10), (1, 5), (-2, 10), (1, 5))
    assert spans(llr) == [(0.1, 0.6)]
    assert spans(llr, gap_s=0.08) == [(0.1, 0.3), (0.4, 0.6)]


def test_what_is_too_short_is_no_segment():
    llr = steps((1, 5), (-2, 4), (1, 20), (-2, 5), (1, 5))
    assert spans(llr) == [(0.58, 0.68)]


def test_silence_is_never_marked_and_a_segment_ends_with_the_recording():
    llr = steps((-2, 10), (np.nan, 10), (-2, 10))
    assert spans(llr, duration_s=0.59) == [(0.0, 0.2), (0.4, 0.59)]
    assert spans(np.full(5, np.nan)) == []


def test_the_score_of_a_segment_is_the_mean_of_its_steps():
    found = find_segments(steps((1, 5), (-2, 5), (-4, 5)), rule(), hop_s=0.02, duration_s=0.3)
    assert [segment.score for segment in found] == [-3.0]
    assert found[0].p_spoof == pytest.approx(1 / (1 + np.exp(-3)))


def test_smoothing_is_a_centred_mean_that_passes_over_silence():
    assert smoothed([0, 0, 3, 0, 0], 3) == pytest.approx([0, 1, 1, 1, 0])
    assert smoothed([3, 0, 0], 3) == pytest.approx([1.5, 1, 0]), "at the ends, the steps that are there"
    found = smoothed([2, np.nan, 4, 4], 3)
    assert found[[0, 2, 3]] == pytest.approx([2, 4, 4]) and np.isnan(found[1])
    assert smoothed([1, 2], 1) == pytest.approx([1, 2])


def test_places_in_words():
    found = find_segments(steps(*[(1, 10), (-2, 10)] * 5), rule(), hop_s=0.02, duration_s=2.0)
    assert in_words(found[:1]) == "0.2 to 0.4 s"
    assert in_words(found[:2]) == "0.2 to 0.4 and 0.6 to 0.8 s"
    assert in_words(found[:3]) == "0.2 to 0.4, 0.6 to 0.8 and 1.0 to 1.2 s"
    assert in_words(found) == "0.2 to 0.4, 0.6 to 0.8, 1.0 to 1.2 s and 2 more"
