"""What is asked for after a verdict: how long the detectors outside of the panel will take."""

import pytest

from core.session import Pace


def test_what_was_timed_is_expected_again_and_grows_with_the_clip() -> None:
    pace = Pace()
    unknown = pace.expect(["a", "b"], 4.0)
    assert unknown == pytest.approx(2 * pace.expect(["a"], 4.0))
    assert unknown > 0
    pace.note("a", taken_s=9.0, clip_s=4.0)
    assert pace.expect(["a"], 4.0) == pytest.approx(9.0)
    assert 60 < pace.expect(["a"], 40.0) < 90
    pace.note("a", taken_s=0.1, clip_s=4.0)
    assert pace.expect(["a"], 400.0) == pytest.approx(0.1)
