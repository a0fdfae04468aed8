"""The control is 1 for a map that likes no place, and is drawn as evidence is."""

import numpy as np
import pytest

from core.lab.control import PLACES, alike, control_factor
from core.lab.planted import Place
from tests.core.lab.conftest import RATE, made_source

FRAMES = 1 + 3 * RATE // 160


def test_a_map_that_likes_one_half_is_found_out_where_one_place_alone_says_nothing():
    source, place = made_source(0), Place(0.4, 1.4)
    even = np.ones((257, FRAMES))
    assert control_factor(even, place, source) == pytest.approx(1)
    middle = even * (np.abs(np.arange(FRAMES) - FRAMES // 2) < 50)
    assert control_factor(middle, place, source) > 1.2
    assert np.isnan(control_factor(-even, place, source))


def test_places_alike_are_as_long_and_wide_and_lie_elsewhere():
    source, rng = made_source(1), np.random.default_rng(0)
    found = [alike(Place(0.5, 1.5, 2000, 4000), source, rng) for _ in range(PLACES)]
    assert len({(each.start_s, each.low_hz) for each in found if each}) > PLACES // 2
    assert {(round(each.end_s - each.start_s, 6), each.high_hz - each.low_hz) for each in found if each} == {(1, 2000)}
    whole = alike(Place(0.0, 3.01, 2000, 4000), source, rng)
    assert whole is not None and (whole.start_s, whole.end_s) == (0.0, 3.01)
    wide = alike(Place(0.5, 1.5), source, rng)
    assert wide is not None and (wide.low_hz, wide.high_hz) == (0.0, 8000.0)


def test_where_nobody_speaks_there_is_no_control():
    silent = made_source(2)
    silent.real[:] = 0
    silent.real[: RATE // 10] = 0.5
    assert np.isnan(control_factor(np.ones((257, FRAMES)), Place(1.0, 2.0), silent))
