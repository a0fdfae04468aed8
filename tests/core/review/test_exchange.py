from pathlib import Path

import pandas as pd
import pytest

from core.errors import ReviewError
from core.results.exporting import table_bytes
from core.review.agreement import agreement, agreement_sentence
from core.review.exchange import judgement_table, read_judgements
from core.review.judgement import Judgement, judged_now
from core.review.queue import RANDOM, first_open, ordered

NOTES = ("", "=1+1", "-dash", "two\nlines, “quoted”", "@x")


def given(reviewer: str = "Ada") -> list[Judgement]:
    return [
        judged_now("c", f"{at}.flac", "spoof", reviewer=reviewer, note=note, blind=False, votes={"a, b": "bonafide"})
        for at, note in enumerate(NOTES)
    ]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_an_export_comes_back_as_it_was(tmp_path: Path, ending: str) -> None:
    judgements = given()
    path = tmp_path / f"judgements.{ending}"
    path.write_bytes(table_bytes(judgement_table(judgements), ending))
    assert read_judgements(path) == (judgements, [])


def test_no_spreadsheet_runs_a_note(tmp_path: Path) -> None:
    path = tmp_path / "judgements.csv"
    path.write_bytes(table_bytes(judgement_table(given()), "csv"))
    assert pd.read_csv(path)["note"].tolist()[1:3] == ["'=1+1", "'-dash"]


def test_a_row_that_is_no_judgement_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "judgements.csv"
    frame = judgement_table(given()).to_pandas()
    frame.loc[2, "answer"] = "fake"
    frame.to_csv(path, index=False)
    found, problems = read_judgements(path)
    assert len(found) == 4
    assert problems[0].startswith("Row 3 of judgements.csv")


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PAR1 no"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(ReviewError, match=r"other\.csv"):
        read_judgements(path)


def test_reviewers_who_agree_have_an_alpha_of_one() -> None:
    answers = ("spoof", "bonafide", "unsure", "spoof")
    both = [
        judged_now("c", str(clip), answer, reviewer=name, blind=True)
        for name in ("Ada", "Bob") for clip, answer in enumerate(answers)
    ]  # fmt: skip
    assert agreement(both).alpha == 1
    assert "alpha 1.00" in agreement_sentence(both)
    assert "Only one person" in agreement_sentence(both[:4])
    assert "no clip in common" in agreement_sentence([*both[:2], *both[6:]])


def test_each_reviewer_has_an_order_of_their_own_that_new_clips_do_not_upset() -> None:
    ids = [f"{at}.flac" for at in range(40)]
    mine = ordered(ids, RANDOM, seed="Ada")
    assert mine == ordered(ids, RANDOM, seed="Ada") != ordered(ids, RANDOM, seed="Bob")
    assert sorted(mine) == sorted(ids) != mine
    assert [clip for clip in ordered([*ids, "new"], RANDOM, seed="Ada") if clip != "new"] == mine
    assert first_open(mine, mine[:3]) == mine[3]
    assert first_open(mine, mine) == mine[0]
