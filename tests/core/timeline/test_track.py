"""The timeline of a recording with a planted second, by a network whose cells are known."""

import json

import numpy as np
import pytest

from core.timeline.track import rule_of, timeline
from tests.core.timeline.toy import detector, rule


@pytest.fixture
def planted():
    """Four seconds above zero, but for the second second; then a second of digital silence."""
    rng = np.random.default_rng(0)
    wave = rng.normal(2.0, 0.1, 5 * 16000).astype(np.float32)
    wave[16000:32000] -= 6.0
    wave[64000:] = 0.0
    return wave


def test_the_planted_second_is_marked(planted):
    found = timeline(planted, detector(rule()))
    assert len(found.llr) == 250
    assert found.calibrated
    (segment,) = found.segments
    # Four steps of context blur the ends by up to 80 ms.
    assert segment.start_s == pytest.approx(1.0, abs=0.08) and segment.end_s == pytest.approx(2.0, abs=0.08)
    assert segment.p_spoof > 0.9
    assert found.marked_s == pytest.approx(1.0, abs=0.16)
    assert found.scored_s == pytest.approx(4.0, abs=0.02)


def test_higher_raw_output_is_lower_p_spoof(planted):
    found = timeline(planted, detector(rule()))
    assert found.p_spoof[25] < 0.2 < 0.9 < found.p_spoof[75]
    assert np.isnan(found.p_spoof[-25:]).all()


def test_the_card_calibrates_over_time(planted):
    plain, scaled = (timeline(planted, detector(each)) for each in (rule(), rule(slope=3.0, intercept=0.5)))
    known = ~np.isnan(plain.llr)
    assert scaled.llr[known] == pytest.approx(3 * plain.llr[known] + 0.5)


def test_a_detector_that_was_never_fitted_for_it_is_calibrated_as_for_clips():
    found = rule_of(detector())
    assert (found.slope, found.intercept) == (2.0, 0.25)
    assert "calibrated for whole clips" in found.basis
    assert not timeline(np.ones(16000, np.float32), detector()).calibrated


def test_it_is_plain_json(planted):
    value = json.loads(json.dumps(timeline(planted, detector(rule())).to_json(), allow_nan=False))
    assert value["p_spoof"][-1] is None and len(value["p_spoof"]) == 250
    assert value["segments"][0]["p_spoof"] > 0.9
    assert value["hop_s"] == 0.02
