import doctest
import math

import pandas as pd
import pytest

from core.analysis import format as formatting
from core.analysis.format import bracket, figure, rate
from core.analysis.slices import SLICES, in_slice


def test_the_examples_hold() -> None:
    assert doctest.testmod(formatting).failed == 0
    assert doctest.testmod(formatting).attempted >= 5


def test_what_is_not_known_is_a_dash_and_leaves_no_bracket() -> None:
    assert rate(None) == rate(math.nan, (0.1, 0.2)) == figure(None) == "–"
    assert rate(0.2, (math.nan, math.nan)) == rate(0.2, None) == rate(0.2, (None, 0.3)) == "20.0 %"
    assert bracket(None) == ""


def clips() -> pd.DataFrame:
    rows = [
        ("bonafide", "-", "made"),
        ("bonafide", "-", "published"),
        ("spoof", "a", "made"),
        ("spoof", "b", "published"),
    ]
    return pd.DataFrame(rows, columns=["label", "system", "part"])


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("all", [1, 1, 1, 1]),
        ("seen attacks", [1, 1, 1, 0]),
        ("unseen attacks", [1, 1, 0, 1]),
        ("published", [0, 1, 0, 1]),
    ],
)
def test_bona_fide_clips_stand_against_seen_and_unseen_attacks_alike(part: str, expected: list[int]) -> None:
    assert in_slice(clips(), part, {"a"}).astype(int).tolist() == expected
    assert part in SLICES


def test_a_corpus_without_parts_has_nothing_published() -> None:
    assert not in_slice(clips().drop(columns="part"), "published", {"a"}).any()


def test_a_slice_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no slice 'seen'"):
        in_slice(clips(), "seen", set())
