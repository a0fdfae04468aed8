import multiprocessing
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import ReviewError
from core.review.judgement import Judgement, judged_now, read_judgement
from core.review.store import Reviews, latest, reviews_of

CLIPS = "c" * 64


def judgement(clip: str = "a.flac", answer: str = "spoof", reviewer: str = "Ada", **more: object) -> Judgement:
    return judged_now(CLIPS, clip, answer, reviewer=reviewer, **{"blind": True, **more})  # type: ignore[arg-type]


@pytest.fixture
def reviews(tmp_path: Path) -> Reviews:
    return Reviews(tmp_path / "reviews" / "one.jsonl", CLIPS)


def test_a_judgement_is_on_the_disk_at_once_and_read_by_whoever_comes_next(reviews: Reviews) -> None:
    given = judgement(note="clipped\n“end”")
    reviews.add(given)
    assert Reviews(reviews.file, CLIPS).read().judgements == (given,)
    assert reviews.read().problems == ()


def test_judgements_lie_in_the_users_data_folder(data_of_tests: Path) -> None:
    assert reviews_of(CLIPS).file.is_relative_to(data_of_tests)


def test_what_a_kill_cut_off_costs_that_line_alone(reviews: Reviews) -> None:
    first, second = judgement("a.flac"), judgement("b.flac")
    reviews.add(first)
    with reviews.file.open("ab") as file:
        file.write(judgement("lost.flac").model_dump_json().encode()[:40])
    reviews.add(second)
    kept = reviews.read()
    assert kept.judgements == (first, second)
    assert len(kept.problems) == 1
    assert "Line 2" in kept.problems[0]


@pytest.mark.parametrize("line", [b"\xff\xfe", b"[]", b'{"clip": "a"}', b"null", b"[" * 100_000])
def test_a_damaged_line_is_named_and_the_rest_is_read(reviews: Reviews, line: bytes) -> None:
    reviews.add(judgement())
    with reviews.file.open("ab") as file:
        file.write(line + b"\n")
    reviews.add(judgement("b.flac"))
    kept = reviews.read()
    assert [one.clip for one in kept.judgements] == ["a.flac", "b.flac"]
    assert len(kept.problems) == 1


def _judge(file: Path, reviewer: str, n: int) -> None:
    for number in range(n):
        Reviews(file, CLIPS).add(judgement(f"{number}.flac", reviewer=reviewer, note="x" * 500))


def test_two_processes_that_write_at_once_lose_nothing_and_a_kill_loses_no_line(reviews: Reviews) -> None:
    spawn = multiprocessing.get_context("fork")
    writers = [spawn.Process(target=_judge, args=(reviews.file, name, 60)) for name in ("Ada", "Bob")]
    endless = spawn.Process(target=_judge, args=(reviews.file, "Eve", 100_000))
    for each in (*writers, endless):
        each.start()
    for each in writers:
        each.join()
    assert endless.pid is not None
    os.kill(endless.pid, signal.SIGKILL)
    endless.join()
    reviews.add(judgement("after.flac"))
    kept = reviews.read()
    by = {name: [one for one in kept.judgements if one.reviewer == name] for name in ("Ada", "Bob", "Eve")}
    assert (len(by["Ada"]), len(by["Bob"])) == (61, 60)
    assert [one.clip for one in by["Eve"]] == [f"{number}.flac" for number in range(len(by["Eve"]))]
    assert len(kept.problems) <= 1


def test_a_judgement_of_other_clips_is_refused(reviews: Reviews) -> None:
    with pytest.raises(ReviewError, match="other clips"):
        reviews.add(judged_now("d" * 64, "a", "spoof", reviewer="Ada", blind=True))
    assert not reviews.file.exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "reviews").write_text("no folder")
    with pytest.raises(ReviewError, match="SPOOFSCOPE_DATA"):
        Reviews(tmp_path / "reviews" / "one.jsonl", CLIPS).add(judgement())


@pytest.mark.parametrize("wrong", [{"answer": "fake"}, {"reviewer": " "}, {"note": "x" * 5000}, {"reviewer": "x" * 81}])
def test_what_is_no_judgement_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ReviewError, match=next(iter(wrong))):
        judgement(**wrong)


def test_a_blind_judgement_keeps_no_votes() -> None:
    assert judgement(votes={"a": "spoof"}).votes == {}
    assert judgement(votes={"a": "spoof"}, blind=False).votes == {"a": "spoof"}


def test_the_last_judgement_counts_and_a_note_alone_leaves_the_answer() -> None:
    first = judgement(answer="spoof")
    later = read_judgement({**first.model_dump(), "answer": "bonafide", "when": datetime.now(UTC)})
    note = read_judgement({**first.model_dump(), "answer": "", "note": "hiss",
                           "when": datetime.now(UTC) + timedelta(seconds=1)})  # fmt: skip
    found = latest([note, later, first])["Ada", "a.flac"]
    assert (found.answer, found.note) == ("bonafide", "hiss")


def test_an_answer_without_a_note_leaves_the_note_and_an_empty_note_takes_it_away() -> None:
    noted = judgement(answer="", note="hiss")
    answer = read_judgement({**noted.model_dump(), "answer": "spoof", "note": "",
                             "when": noted.when + timedelta(seconds=1)})  # fmt: skip
    without = read_judgement({**answer.model_dump(), "answer": "", "when": noted.when + timedelta(seconds=2)})
    found = latest([noted, answer])["Ada", "a.flac"]
    assert (found.answer, found.note) == ("spoof", "hiss")
    found = latest([noted, answer, without])["Ada", "a.flac"]
    assert (found.answer, found.note) == ("spoof", "")


def test_merging_takes_over_what_is_new_and_of_these_clips(reviews: Reviews) -> None:
    mine, theirs = judgement(), judgement(reviewer="Bob")
    reviews.add(mine)
    foreign = judged_now("d" * 64, "a", "spoof", reviewer="Bob", blind=True)
    merged = reviews.merge([mine, theirs, theirs, foreign])
    assert (merged.added, merged.known, merged.foreign) == (1, 2, 1)
    assert reviews.read().judgements == (mine, theirs)
    assert reviews.merge([mine, theirs]).added == 0
