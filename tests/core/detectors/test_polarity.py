"""The polarity gate tells reversed scores from scores that say nothing."""

import numpy as np
import pytest

from core.detectors.polarity import check_polarity
from core.errors import PolarityError

REAL = np.array([True] * 5 + [False] * 5)


def test_scores_that_rise_to_bona_fide_pass():
    assert check_polarity(np.where(REAL, 1.0, -1.0), REAL, slope=2.0) == 1.0


@pytest.mark.parametrize(("sign", "slope"), [(-1.0, 1.0), (1.0, -0.5)])
def test_reversed_scores_are_refused(sign, slope):
    with pytest.raises(PolarityError, match="polarity is reversed"):
        check_polarity(sign * np.where(REAL, 1.0, -1.0), REAL, slope=slope)


def test_equal_scores_have_learnt_nothing_and_no_polarity():
    with pytest.raises(PolarityError, match=r"learnt nothing: it outputs one value, 0\.25, for all 10") as refused:
        check_polarity(np.full(10, 0.25), REAL)
    assert "reversed" not in str(refused.value)


def test_scores_that_are_not_finite_are_counted():
    with pytest.raises(PolarityError, match="2 of 10 outputs"):
        check_polarity([np.nan, np.inf, *range(8)], REAL)
