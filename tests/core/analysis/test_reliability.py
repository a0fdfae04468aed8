import numpy as np
import pytest

from core.analysis.reliability import krippendorff_alpha, reliability

# Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), sections A, B and C; -1: not judged.
BINARY = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
NOMINAL = [["abcde".index(letter) for letter in row] for row in ("aabbdcccedda", "babbbccceddd")]
MISSING = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, -1, -1, -1],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, -1, 3],
    [-1, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, -1],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, -1],
]


@pytest.mark.parametrize(("answers", "published"), [(BINARY, 0.095), (NOMINAL, 0.692), (MISSING, 0.743)])
def test_alpha_is_that_of_the_published_examples(answers: list[list[int]], published: float) -> None:
    assert krippendorff_alpha(np.array(answers)) == pytest.approx(published, abs=0.0005)


def test_alpha_is_one_where_all_agree_and_negative_where_they_always_differ() -> None:
    assert krippendorff_alpha(np.array([[0, 1, 2, 0], [0, 1, 2, 0]])) == 1
    assert krippendorff_alpha(np.array([[0, 1, 0, 1], [1, 0, 1, 0]])) < 0


@pytest.mark.parametrize("answers", [[[0, 1, -1], [-1, -1, 1]], [[0, 0], [0, 0]], [[-1]], np.empty((0, 0), int)])
def test_alpha_is_unknown_where_nothing_can_be_compared(answers: list[list[int]]) -> None:
    assert np.isnan(reliability(np.array(answers)).alpha)


def test_the_interval_holds_alpha_and_is_wider_of_fewer_clips() -> None:
    rng = np.random.default_rng(0)
    first = rng.integers(0, 2, 400)
    both = np.array([first, np.where(rng.random(400) < 0.2, 1 - first, first)])
    many, few = reliability(both, resamples=200), reliability(both[:, :30], resamples=200)
    assert many.low < many.alpha < many.high
    assert few.high - few.low > many.high - many.low
    assert (many.clips, few.clips) == (400, 30)
