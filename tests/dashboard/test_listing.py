"""A visitor's list of recordings: its order, what is compared, what is stopped."""

from pathlib import Path

import numpy as np
import pytest

from core.analysis.calibration import p_spoof
from core.analysis.verdict import BONAFIDE, SPOOFED
from core.audio.clip import DecodeRecord
from core.detectors.score import WindowScore
from core.overview import Overview
from dashboard.listing import MOST, Listing, Listings

__all__ = ["seen"]


def seen(name: str, *, score: float = 1.0, seconds: float = 4.0) -> Overview:
    """An overview of a recording with this score."""
    record = DecodeRecord("WAV", "PCM_16", 16_000, 1, seconds, seconds)
    pieces = tuple(WindowScore(float(at), at + 1.0, score) for at in range(round(seconds)))
    verdict = BONAFIDE if score > 0 else SPOOFED
    return Overview(
        name, verdict, "", score, float(p_spoof(score)), seconds, record, pieces, None, np.full(9, 0.5, np.float32)
    )


@pytest.fixture
def listing() -> Listing:
    """Three scored recordings, and one that was refused."""
    made = Listing()
    for name, score, seconds in (("b.wav", -2.0, 9.0), ("A.wav", 3.0, 700.0), ("c.wav", 1.0, 2.0)):
        made.add(name, Path(name), overview=seen(name, score=score, seconds=seconds))
    made.add("empty.wav", None, problem="It is empty.")
    return made


def names(listing: Listing) -> list[str]:
    return [entry.name for entry in listing.ordered()]


def test_a_list_is_sorted_by_a_column_and_the_other_way_round(listing: Listing) -> None:
    assert names(listing) == ["b.wav", "A.wav", "c.wav", "empty.wav"]
    listing.sort("p_spoof")
    assert names(listing) == ["b.wav", "c.wav", "A.wav", "empty.wav"]
    listing.sort("p_spoof")
    assert names(listing) == ["A.wav", "c.wav", "b.wav", "empty.wav"]
    listing.sort("name")
    assert names(listing) == ["A.wav", "b.wav", "c.wav", "empty.wav"]
    listing.sort("verdict")
    assert names(listing)[0] == "b.wav"
    listing.sort("no column")
    assert listing.column == "verdict"


def test_of_three_that_are_chosen_the_first_is_let_go(listing: Listing) -> None:
    for number in (1, 2, 3):
        listing.pick(number)
    pair = listing.pair()
    assert pair is not None
    assert [found.name for found in pair] == ["A.wav", "c.wav"]
    listing.pick(3)
    assert listing.pair() is None
    # What is not scored cannot be compared.
    listing.pick(4)
    assert listing.chosen == [2]


def test_the_first_two_stand_side_by_side_unless_somebody_has_chosen() -> None:
    listing = Listing()
    for name in ("a.wav", "b.wav", "c.wav"):
        entry = listing.add(name, Path(name), overview=seen(name))
        listing.done(entry)
    assert listing.chosen == [1, 2]
    listing.pick(2)
    listing.done(listing.entries[2])
    assert listing.chosen == [1]


def test_the_minutes_of_the_only_long_recording_are_shown(listing: Listing) -> None:
    for entry in listing.entries[:3]:
        listing.done(entry)
    assert listing.shown == 2
    listing.forget(2)
    assert listing.shown is None


def test_what_is_cancelled_waits_no_longer_until_it_is_asked_for_again() -> None:
    listing = Listing()
    running, waits = listing.add("a.wav", Path("a.wav")), listing.add("b.wav", Path("b.wav"))
    running.running = True
    listing.cancel()
    assert running.watch.stopped
    assert listing.waiting() is None
    running.running = False
    listing.resume()
    assert listing.waiting() is running
    assert waits.is_waiting


def test_a_list_has_an_end() -> None:
    listing = Listing()
    for number in range(MOST + 1):
        entry = listing.add(f"{number}.wav", Path("a.wav"))
    assert entry.path is None
    assert str(MOST) in entry.problem


def test_each_visitor_has_a_list_and_who_was_not_seen_for_long_has_none() -> None:
    clock = [0.0]
    lists = Listings(keep_s=10.0, now=lambda: clock[0])
    mine = lists.of("ana.1")
    entry = mine.add("a.wav", Path("a.wav"))
    assert lists.of("ana.7") is mine
    assert lists.of("ben.1") is not mine
    clock[0] = 11.0
    lists.of("ben.2")
    assert entry.watch.stopped
    assert lists.of("ana.1") is not mine


def test_a_list_that_is_being_worked_on_waits_for_it_however_long_that_takes() -> None:
    clock = [0.0]
    lists = Listings(most=2, keep_s=10.0, now=lambda: clock[0])
    mine = lists.of("ana.1")
    entry, mine.working = mine.add("a.wav", Path("a.wav")), True
    clock[0] = 25.0
    for visitor in ("ben", "cleo", "dan"):
        lists.of(f"{visitor}.1")
    assert not entry.watch.stopped and not entry.cancelled
    assert lists.of("ana.1") is mine
    mine.working = False
    clock[0] = 36.0
    lists.of("ben.1")
    assert lists.of("ana.1") is not mine


def test_the_files_of_all_lists_are_known() -> None:
    lists = Listings()
    lists.of("ana.1").add("a.wav", Path("a.wav"))
    lists.of("ben.1").add("b.wav", Path("b.wav"))
    lists.of("ben.1").add("c.wav", None, problem="It is empty.")
    assert lists.files() == {Path("a.wav"), Path("b.wav")}
