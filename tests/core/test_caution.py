"""A plain verdict is withheld where there is no speech, too little of it, or where its worst seconds contradict it."""

from dataclasses import replace

import numpy as np
import pytest

from core.analysis.verdict import BONAFIDE, NOT_SURE, PARTLY, SPOOFED, Decision
from core.caution import (
    NEEDED_SPEECH_S,
    WORST_S,
    cautious_verdict,
    marks_by_chance,
    spoofed_parts,
    worst_seconds,
)
from core.detectors.score import WindowScore
from core.timeline.track import Timeline
from tests.core.timeline.toy import rule

DECISION = Decision(spoof_below=-1.0, bonafide_above=1.0)
CALM = WindowScore(0.0, 3.0, 2.0)


def timeline(*scores: float) -> list[WindowScore]:
    return [WindowScore(float(i), i + 1.0, score) for i, score in enumerate(scores)]


@pytest.mark.parametrize(("score", "verdict"), [(3.0, BONAFIDE), (0.0, NOT_SURE), (-3.0, SPOOFED)])
def test_enough_speech_gets_the_scores_verdict_and_no_note(score, verdict):
    assert cautious_verdict(score, DECISION, speech_s=5.0, worst=CALM) == (verdict, "")


@pytest.mark.parametrize("score", [3.0, -3.0])
def test_no_speech_gets_no_verdict(score):
    verdict, note = cautious_verdict(score, DECISION, speech_s=0.0, worst=CALM)
    assert verdict is None
    assert note.startswith("No verdict: no speech")


def test_silence_gets_no_verdict_and_is_called_silence():
    verdict, note = cautious_verdict(3.0, DECISION, speech_s=0.0, worst=CALM, silent=True)
    assert verdict is None
    assert "silent" in note and "8 kHz" in note


def test_too_little_speech_is_not_sure_and_told_how_much_is_needed():
    verdict, note = cautious_verdict(3.0, DECISION, speech_s=0.45, worst=CALM)
    assert verdict == NOT_SURE
    assert "0.4 s of speech" in note
    assert f"{NEEDED_SPEECH_S:.1f} s" in note


def test_speech_that_nearly_suffices_does_not_read_as_if_it_did():
    _, note = cautious_verdict(3.0, DECISION, speech_s=NEEDED_SPEECH_S - 0.01, worst=CALM)
    assert "holds 0.9 s of speech" in note


def test_the_worst_seconds_are_the_run_with_the_lowest_mean():
    worst = worst_seconds(timeline(2, 2, -1, 2, 2, -3, -2, -3, 2, 2), 3.0)
    assert (worst.start_s, worst.end_s) == (5.0, 8.0)
    assert worst.score == pytest.approx(-8 / 3)


def test_the_worst_seconds_are_as_long_as_was_counted_best():
    worst = worst_seconds(timeline(*[2] * 10, *[-3] * 10))
    assert worst.end_s - worst.start_s == WORST_S


def test_the_worst_seconds_of_a_short_clip_are_the_clip():
    worst = worst_seconds(timeline(1.0, 2.0))
    assert (worst.start_s, worst.end_s, worst.score) == (0.0, 2.0, 1.5)


def test_a_spliced_spoof_makes_a_bona_fide_clip_not_sure_and_is_named():
    worst = WindowScore(31.0, 36.0, -2.5)
    verdict, note = cautious_verdict(2.0, DECISION, speech_s=50.0, worst=worst)
    assert verdict == NOT_SURE
    assert "31.0 to 36.0 s" in note and "0.92" in note


@pytest.mark.parametrize("score", [0.0, -2.0])
def test_the_worst_seconds_change_no_other_verdict(score):
    worst = WindowScore(31.0, 36.0, -9.0)
    assert cautious_verdict(score, DECISION, speech_s=50.0, worst=worst) == (DECISION.verdict(score), "")


def localised(*segments: tuple[float, float, float], scored_s: float = 10.0, verdict_below: float | None = -2.0):
    marked = tuple(WindowScore(*segment) for segment in segments)
    return Timeline(
        "toy", np.zeros(round(scored_s / 0.02)), 0.02, scored_s, marked, rule(verdict_below=verdict_below), True
    )


REAL = timeline(*[2.0] * 10)


@pytest.mark.parametrize("score", [3.0, 0.0])
def test_a_short_marked_part_is_a_verdict_of_its_own(score):
    parts = spoofed_parts(localised((3.1, 4.0, -3.0)), REAL, score, DECISION)
    verdict, note = cautious_verdict(score, DECISION, speech_s=8.0, worst=CALM, parts=parts)
    assert verdict == PARTLY == "probably spoofed in part"
    assert note == "Probably spoofed in part: 3.1 to 4.0 s (P(spoof) 0.95)."


def test_several_parts_are_all_named():
    parts = spoofed_parts(localised((1.0, 2.0, -3.0), (3.1, 4.0, -4.0)), REAL, 3.0, DECISION)
    _, note = cautious_verdict(3.0, DECISION, speech_s=8.0, worst=CALM, parts=parts)
    assert note == "Probably spoofed in part: 1.0 to 2.0 and 3.1 to 4.0 s (P(spoof) up to 0.98)."


def test_only_what_is_sure_enough_is_a_verdict():
    assert spoofed_parts(localised((1.0, 2.0, -1.9)), REAL, 3.0, DECISION) == ()
    mixed = localised((1.0, 2.0, -1.9), (3.0, 4.0, -2.1))
    assert [part.start_s for part in spoofed_parts(mixed, REAL, 3.0, DECISION)] == [3.0]
    unfitted = localised((1.0, 2.0, -9.0), verdict_below=None)
    assert spoofed_parts(unfitted, REAL, 3.0, DECISION) == (), "a rule that was never fitted gives no verdict"


def test_half_of_the_clip_is_no_part():
    assert spoofed_parts(localised((0.0, 4.9, -3.0)), REAL, 3.0, DECISION)
    assert spoofed_parts(localised((0.0, 5.0, -3.0)), REAL, 3.0, DECISION) == ()


@pytest.mark.parametrize(
    ("seconds", "marks", "is_verdict"), [(10, 1, True), (60, 1, False), (600, 12, False), (600, 13, True)]
)
def test_as_many_marks_as_come_by_chance_are_no_verdict(seconds: int, marks: int, is_verdict: bool) -> None:
    found = localised(*((at + 1.0, at + 1.5, -3.0) for at in range(0, 2 * marks, 2)), scored_s=float(seconds))
    found = replace(found, rule=found.rule.model_copy(update={"false_mark_rate": 0.045, "counted_s": 3.1}))
    assert marks_by_chance(found) == pytest.approx(0.045 * seconds / 3.1)
    assert bool(spoofed_parts(found, REAL, 3.0, DECISION)) is is_verdict
    unknown = replace(found, rule=found.rule.model_copy(update={"counted_s": None}))
    assert marks_by_chance(unknown) == 0.0, "a rate of clips of unknown length says nothing of longer ones"


def test_a_clip_that_is_spoofed_outside_the_marks_too_is_spoofed_as_a_whole():
    found = localised((3.0, 4.0, -3.0))
    assert spoofed_parts(found, timeline(*[-2.0] * 10), -2.0, DECISION) == ()
    only_there = timeline(*[2.0] * 3, -9.0, *[2.0] * 6)
    assert spoofed_parts(found, only_there, -2.0, DECISION) == found.segments
    assert spoofed_parts(found, [WindowScore(0.0, 10.0, -2.0)], -2.0, DECISION) == (), "nothing is left to judge"


def test_too_little_speech_comes_first():
    parts = spoofed_parts(localised((3.1, 4.0, -3.0)), REAL, 3.0, DECISION)
    assert cautious_verdict(3.0, DECISION, speech_s=0.4, worst=CALM, parts=parts)[0] == NOT_SURE
