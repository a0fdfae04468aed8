"""Figures over clips, by hand, and their intervals over systems."""

import numpy as np
import pytest

from core.analysis.localisation import range_eer, step_durations
from core.detectors.score import WindowScore
from core.timeline.measured import Figure, Judged, measure
from core.timeline.segments import find_segments
from tests.core.timeline.toy import rule

SPAN = (1.0, 2.0)


def clip(group, *, llr=None, marked=(SPAN,)):
    """Four seconds whose second second is spoofed."""
    perfect = np.where((np.arange(200) >= 50) & (np.arange(200) < 100), -2.0, 2.0)
    segments = tuple(WindowScore(start, end, -2.0) for start, end in marked)
    return Judged(perfect if llr is None else llr, segments, (SPAN,), 0.02, 4.0, group)


def test_a_perfect_timeline_has_perfect_figures():
    found = measure([clip("a"), clip("b")], resamples=20)
    # Each segment that holds a spoofed step has its score.
    assert found["segment_eer"].value == pytest.approx(0.0, abs=1e-9)
    assert found["range_eer"].value == pytest.approx(0.0, abs=1e-9)
    assert found["event_f1"] == (1.0, 1.0, 1.0)
    assert found["miss_rate"].value == found["false_alarm_rate"].value == 0.0


def test_rates_are_shares_of_seconds_by_hand():
    found = measure([clip("a", marked=[(1.5, 2.5)]), clip("b", marked=[])], resamples=20)
    # 0.5 of 2 spoofed seconds are found; 0.5 of 6 bona fide ones are marked.
    assert found["miss_rate"].value == pytest.approx(0.75)
    assert found["false_alarm_rate"].value == pytest.approx(0.5 / 6)
    # The mark overlaps a third of the union only.
    assert found["event_f1"].value == 0.0


def test_intervals_are_over_systems():
    clips = [*[clip("good") for _ in range(5)], *[clip("bad", marked=[]) for _ in range(5)]]
    found = measure(clips, resamples=200)
    assert found["event_f1"].value == pytest.approx(2 * 5 / 15)
    assert (found["event_f1"].low, found["event_f1"].high) == (0.0, 1.0), "a resample may draw one system twice"
    alone = measure([clip("good")] * 5, resamples=20)["event_f1"]
    assert np.isnan(alone.low) and alone.to_json() == {"value": 1.0, "low": None, "high": None}


def test_range_eer_is_that_of_all_clips_together():
    rng = np.random.default_rng(0)
    clips = [clip(str(i % 3), llr=clip("").llr + rng.normal(0, 2, 200)) for i in range(6)]
    found = measure(clips, resamples=50)["range_eer"]
    steps = [step_durations(each.llr, each.spans, hop_s=0.02, duration_s=4.0) for each in clips]
    assert found.value == range_eer(steps).rate
    assert found.low <= found.value <= found.high
    assert isinstance(found, Figure)


def test_marks_of_a_timeline_are_counted():
    llr = clip("").llr
    found = Judged(llr, find_segments(llr, rule(), hop_s=0.02, duration_s=4.0), (SPAN,), 0.02, 4.0, "a")
    assert found.marked == [pytest.approx(SPAN)]
