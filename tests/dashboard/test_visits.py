"""Visitors and their recordings: each sees its own, and of a removed one nothing."""

from pathlib import Path

from dashboard.visits import Recording, Visits, split_ticket


def recording(ticket: str) -> Recording:
    return Recording(ticket, Path("a.wav"), "a.wav")


def test_a_recording_is_found_by_its_own_ticket_alone() -> None:
    visits, mine = Visits(), recording("ana.1")
    assert visits.begin(mine)
    assert visits.current("ana.1") is mine
    assert visits.current("ana.2") is visits.current("ben.1") is visits.current("") is None


def test_the_next_recording_stops_the_work_on_the_one_before() -> None:
    visits, first, second = Visits(), recording("ana.1"), recording("ana.2")
    visits.begin(first)
    visits.begin(second)
    assert first.scoring.stopped
    assert first.explaining.stopped
    assert not second.scoring.stopped
    assert not visits.is_current(first)
    assert visits.is_current(second)


def test_what_arrives_after_its_removal_is_not_taken() -> None:
    visits, late = Visits(), recording("ana.1")
    assert visits.remove("ana.2")
    assert not visits.begin(late)
    assert visits.current("ana.1") is None


def test_another_visitors_recording_is_left_alone() -> None:
    visits, mine, other = Visits(), recording("ana.1"), recording("ben.1")
    visits.begin(mine)
    visits.begin(other)
    visits.remove("ben.2")
    assert other.scoring.stopped
    assert not mine.scoring.stopped
    assert visits.is_current(mine)


def test_who_was_not_seen_for_long_is_forgotten() -> None:
    clock = [0.0]
    visits, old, new = Visits(most=2, keep_s=10.0, now=lambda: clock[0]), recording("ana.1"), recording("ben.1")
    visits.begin(old)
    clock[0] = 11.0
    visits.begin(new)
    assert visits.current("ana.1") is None
    assert old.scoring.stopped
    visits.begin(recording("cleo.1"))
    visits.begin(recording("dan.1"))
    assert visits.current("ben.1") is None


def test_asking_another_detector_stops_the_explanation_before() -> None:
    mine = recording("ana.1")
    mine.ask("aasist", "occlusion")
    first = mine.explaining
    mine.ask("cae-lfcc", "occlusion")
    assert first.stopped
    assert not mine.explaining.stopped


def test_what_is_no_ticket_is_nobodys() -> None:
    assert split_ticket("a.b.3") == ("a.b", 3)
    assert split_ticket("ana") != split_ticket("ben")


def stored(ticket: str, folder: Path, name: str) -> Recording:
    """Return a recording whose file lies in a folder of its own, as an upload does."""
    path = folder / name / f"{name}.wav"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"sound")
    return Recording(ticket, path, name, files={path})


def test_recordings_of_before_can_be_opened_again_the_last_twenty_of_them(tmp_path: Path) -> None:
    visits = Visits()
    made = [stored(f"ana.{number}", tmp_path, f"r{number}") for number in range(1, 24)]
    for one in made:
        visits.begin(one)
    assert [one.name for one in visits.past("ana.23")] == [f"r{number}" for number in range(22, 2, -1)]
    assert visits.past("ben.1") == []
    # What fell off the end is deleted, and nothing else.
    assert [one.path.exists() for one in made] == [False] * 2 + [True] * 21


def test_opened_again_it_is_no_longer_one_of_before_and_keeps_its_file(tmp_path: Path) -> None:
    visits, first = Visits(), stored("ana.1", tmp_path, "a")
    visits.begin(first)
    visits.begin(stored("ana.2", tmp_path, "b"))
    (past,) = visits.past("ana.2")
    visits.begin(Recording("ana.3", past.path, past.name, files=past.files))
    assert [one.name for one in visits.past("ana.3")] == ["b"]
    assert first.path.exists()


def test_what_is_forgotten_is_deleted_unless_another_has_the_same_file(tmp_path: Path) -> None:
    visits, mine, other = Visits(), stored("ana.1", tmp_path, "a"), stored("ben.1", tmp_path, "a")
    visits.begin(mine)
    visits.begin(other)
    visits.remove("ana.2")
    assert mine.path.exists()
    assert visits.past("ana.2") == []
    visits.begin(stored("ben.2", tmp_path, "b"))
    visits.forget("ben.2", 1)
    assert not mine.path.parent.exists()
    assert visits.past("ben.2") == []


def test_an_example_that_nobody_chose_is_not_listed_and_never_deleted(tmp_path: Path) -> None:
    visits, path = Visits(), tmp_path / "example.wav"
    path.write_bytes(b"sound")
    visits.begin(Recording("ana.0", path, "example", is_example=True))
    visits.begin(recording("ana.1"))
    assert visits.past("ana.1") == []
    assert path.exists()


def test_with_a_visitor_who_was_not_seen_for_long_all_files_go(tmp_path: Path) -> None:
    clock = [0.0]
    visits = Visits(keep_s=10.0, now=lambda: clock[0])
    both = [stored("ana.1", tmp_path, "a"), stored("ana.2", tmp_path, "b")]
    for one in both:
        visits.begin(one)
    clock[0] = 11.0
    visits.begin(recording("ben.1"))
    assert not any(one.path.exists() for one in both)


def test_a_part_of_a_recording_stays_that_part_among_those_of_before() -> None:
    visits = Visits()
    for number, span in enumerate([(300.0, 360.0), (420.0, 480.0), None, (300.0, 360.0)], 1):
        visits.begin(Recording(f"ana.{number}", Path("a.wav"), "call.mp3", span=span))
    # The minutes that are open again are no longer among them; other minutes of the same file are.
    past = visits.past("ana.4")
    assert [one.span for one in past] == [None, (420.0, 480.0)]
    assert [one.title for one in past] == ["call.mp3", "call.mp3, 7:00 to 8:00"]


def test_what_is_held_elsewhere_is_not_deleted_until_it_is_let_go_there(tmp_path: Path) -> None:
    visits, mine = Visits(), stored("ana.1", tmp_path, "a")
    listed = {mine.path}
    visits.held_elsewhere = lambda: listed
    visits.begin(mine)
    visits.remove("ana.2")
    assert mine.path.exists()
    visits.begin(stored("ben.1", tmp_path, "a"))
    listed.clear()
    visits.delete(mine.path)
    assert mine.path.exists()
    visits.remove("ben.2")
    assert not mine.path.parent.exists()
