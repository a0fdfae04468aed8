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
