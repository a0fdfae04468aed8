"""What is shown of a judged clip is in words that agree with their numbers."""

import numpy as np
import pandas as pd
import pytest

from core.analysis.verdict import BONAFIDE, SPOOFED
from core.review.beside import Near
from core.robustness.hold import Held, Moved
from dashboard.components.revealed import beside_text, moved_text, votes_text


@pytest.mark.parametrize(
    ("spoofs", "words"), [(0, "0 of 5 are spoofs"), (1, "1 of 5 is a spoof"), (2, "2 of 5 are spoofs")]
)
def test_the_spoofs_among_the_nearest_clips_are_counted(spoofs: int, words: str) -> None:
    labels = ["spoof"] * spoofs + ["bonafide"] * (5 - spoofs)
    near = Near("aasist", pd.DataFrame({"path": list("abcde"), "label": labels, "distance": 0.5}))
    assert words in beside_text([], [near], {"aasist": "spoof"})


@pytest.mark.parametrize(
    ("changed", "words"), [(0, "No vote changes."), (1, "1 of 3 votes changes."), (2, "2 of 3 votes change.")]
)
def test_the_votes_that_change_are_counted(changed: int, words: str) -> None:
    stays, turns = (Moved(3.0, after, BONAFIDE, verdict) for after, verdict in ((3.0, BONAFIDE), (-3.0, SPOOFED)))
    members = {name: turns if at < changed else stays for at, name in enumerate("abc")}
    assert words in moved_text([Held("room", "Room", "", stays, members)], list("abc"))


@pytest.mark.parametrize(
    ("is_llr", "head"), [([True, True], "P(spoof)"), ([True, False], "P(spoof) or SD"), ([False, False], "score")]
)
def test_scores_that_are_no_probabilities_do_not_stand_under_p_spoof(is_llr: list[bool], head: str) -> None:
    words = votes_text(["a", "b"], np.float32([1.0, -2.0]), np.int8([1, 0]), is_llr, "")
    assert f"<th class=\"n\">{head}</th>" in words
    assert ("in standard deviations" in words) is not all(is_llr)
