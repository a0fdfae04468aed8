"""What an explanation is worth, on the page: the receipt by masking operator, and the kinds of place in a table."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from core.explain.cues import CUES, Cue
from core.explain.faithfulness import Curves, Faithfulness, Trial
from dashboard.components.cues import cue_sentence, cue_table
from dashboard.components.explained import receipt_line
from dashboard.components.recording import players

KEPT = Curves((1.0, 2.0), 1.5, (0.1, 0.3), 0.9)
TRIALS = (
    Trial("noise-floor", "the noise floor", KEPT, Curves((-2.0,), -2.0, (-0.5, -0.5)), faithful=True),
    Trial("silence", "silence", Curves((0.2,), 0.2, (0.4, 0.6)), None, faithful=False),
)


def explanation(words: str, *trials: Trial, faithful: bool = True) -> Any:
    checked = Faithfulness((0.05, 0.2), trials, faithful, words)
    return SimpleNamespace(faithfulness=checked, axes=("time", "frequency"), method="native")


def test_the_receipt_has_a_row_for_each_operator_with_its_own_random_maps() -> None:
    line = receipt_line(explanation("Faithful: replaced by the noise floor, it moves; by …", *TRIALS))
    rows = re.findall(r"<tr>(<td.*?)</tr>", str(line))
    cells = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in rows]
    assert cells == [
        ["✓ the noise floor", "+1.50", "+0.10 to +0.30", "+0.90", "-2.00", "-0.50", "–"],
        ["✗ silence", "+0.20", "+0.40 to +0.60", "–", "–", "–", "–"],
    ]
    assert "Faithful</abbr></b>: replaced by the noise floor, it moves." in line
    assert "The strongest 5 % and 20 % of the cells" in line


def test_a_map_that_marks_nothing_has_no_receipt() -> None:
    line = receipt_line(explanation("Not tested: the map marks nothing that speaks for spoof.", faithful=False))
    assert "the map marks nothing that speaks for spoof." in line
    assert "Receipt" not in line


def test_the_record_of_such_maps_stands_beside_the_check() -> None:
    record = "This kind of map found the planted second in 71 of 80 clips."
    assert record in receipt_line(explanation("Faithful: it moves; by …", *TRIALS), record=record)
    assert "at chance &lt;b&gt;" in receipt_line(None, unmapped="at chance <b>")


def cue(name: str, change: float | None, *, share: float = 0.4, stands_out: bool = False) -> Cue:
    random = (None, None, None) if change is None else (0.05, -0.1, 0.2)
    return Cue(name, CUES[name], share, 0.7, change, *random, stands_out=stands_out)


def test_kinds_of_place_are_a_table_whose_rows_can_be_played() -> None:
    cues = [cue("silence", 0.1), cue("voiced", 1.2, stands_out=True), cue("onset", None, share=0.0)]
    drawn = cue_table(cues, "toy", {"silence": "a.wav", "voiced": "b.wav"})
    assert drawn.count("<audio") == 2
    assert 'data-play="voiced" aria-label="Play voiced alone"' in drawn
    words = drawn.striptags()
    assert '<td class="n">40 %</td><td class="n">70 %</td><td class="n">+1.20</td><td class="n">-0.10 to +0.20' in drawn
    assert "none in the clip" in words and "windows" not in words
    elsewhere = cue_table([cue("onset", None)], "toy", {}).striptags()
    assert "not in the windows that were tried" in elsewhere and "none in the clip" not in elsewhere
    assert "Most listeners notice nothing in these sounds" in words


@pytest.mark.parametrize(
    ("cues", "sentence"),
    [
        ([cue("voiced", 1.2, stands_out=True), cue("high", 2.0, stands_out=True)],
         "Without above 6 kHz the score of toy moves by +2.00 towards bona fide, further than without random parts as "
         "large (-0.10 to +0.20); so does it without voiced."),
        ([cue("voiced", 0.1), cue("onset", None)],
         "The score of toy depends on no kind of place in particular: without each, it moves no further towards bona "
         "fide than without random parts as large."),
    ],
)  # fmt: skip
def test_one_sentence_stands_above_the_table(cues: list[Cue], sentence: str) -> None:
    assert cue_sentence(cues, "toy") == sentence


def test_the_sound_of_the_evidence_promises_no_more_than_it_can() -> None:
    made = players({"clip": "a.wav", "evidence": "b.wav", "rest": "c.wav"})
    assert made.count("most listeners notice nothing suspicious in it") == 1
