"""From what the page and the commands found to the facts of a paragraph."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.analysis.verdict import BONAFIDE, NOT_SURE, PARTLY, SPOOFED, Decision
from core.audio.clip import SAMPLE_RATE, Clip, DecodeRecord
from core.detectors.score import ClipScore, WindowScore
from core.explain.earned import Earned, Finding
from core.explain.faithfulness import Curves, Faithfulness, Trial
from core.explain.regions import Region
from core.robustness import QUICK, Flip, Held, Moved
from core.robustness.processed import Sign
from core.usecases import Analysis
from core.words import facts_of, paragraph
from core.words.facts import MapFacts, Place
from core.words.gather import error_rates, map_facts
from core.words.language import read_language
from tests.core.timeline.toy import detector, rule

DECISION = Decision(spoof_below=-1.0, bonafide_above=0.5)
ROW = {
    "group": "all", "n_pages": 46, "n_bonafide": 371, "n_spoof": 902, "called_spoofed": 0.04,
    "called_spoofed_low": 0.01, "called_spoofed_high": 0.07, "called_bonafide": 0.14, "called_bonafide_low": 0.07,
    "called_bonafide_high": 0.21,
}  # fmt: skip


def analysis(score: float = -3.0, verdict: str | None = SPOOFED, **more: Any) -> Analysis:
    record = DecodeRecord("WAV", "PCM_16", SAMPLE_RATE, 1, 12.0, 12.0, dropped_s=1.5)
    clip = Clip("call.wav", np.zeros(12 * SAMPLE_RATE, dtype=np.float32), record)
    worst = WindowScore(3.0, 8.0, -4.0)
    own = ClipScore("level", score, score, (), np.zeros(2, dtype=np.float32), 0.5, True, DECISION)
    return Analysis(
        clip=clip, path="call.wav", score=score, verdict=verdict, decision=DECISION, prior=0.38,
        detectors={"level": own}, timeline=(), worst=worst, **{"speech_s": 9.0, **more},
    )  # fmt: skip


def panel(rows: list[dict[str, Any]] | None = None) -> Any:
    return SimpleNamespace(members=("level",), held_out=[ROW] if rows is None else rows)


def explanation(*, faithful: bool = True, trials: int = 1, regions: tuple[Region, ...] = ()) -> Any:
    made = Trial("noise", "noise", Curves((1.0,), 1.0, (0.1,) * 5), None, faithful)
    checked = Faithfulness((0.1,), (made,) * trials, faithful, "")
    return SimpleNamespace(
        method="native", score=SimpleNamespace(name="level", verdict=SPOOFED), faithfulness=checked, regions=regions,
        axes=("time", "frequency"),
    )  # fmt: skip


def test_figures_of_an_analysis_become_facts() -> None:
    facts = facts_of(analysis(), panel())
    assert (facts.name, facts.duration_s, facts.speech_s, facts.dropped_s, facts.padded_s) == (
        "call.wav", 12.0, 9.0, 1.5, 0.5,
    )  # fmt: skip
    assert facts.p_spoof == pytest.approx(0.9526, abs=1e-4)
    assert (facts.bonafide_below, facts.spoof_above) == pytest.approx((0.3775, 0.7311), abs=1e-4)
    assert facts.worst is not None and (facts.worst.start_s, facts.worst.end_s) == (3.0, 8.0)
    assert [(member.name, member.verdict) for member in facts.members] == [("level", SPOOFED)]
    assert facts.rates is not None and facts.rates.called_spoofed == 0.04
    assert [sign.name for sign in facts_of(analysis(signs=(Sign("gated", ""),)), panel()).signs] == ["gated"]
    assert (facts.localiser, facts.map, facts.file, facts.tried, facts.flip) == ("", None, (), (), None)


@pytest.mark.parametrize(
    ("verdict", "score", "more", "reason"),
    [
        (SPOOFED, -3.0, {}, ""),
        (None, -3.0, {"speech_s": 0.0, "silent_s": 12.0}, "silent"),
        (None, -3.0, {"speech_s": 0.1, "silent_s": 2.0}, "no speech"),
        (NOT_SURE, -3.0, {"speech_s": 0.9}, "little speech"),
        (NOT_SURE, 3.0, {}, "worst stretch"),
        (NOT_SURE, 0.0, {}, "between thresholds"),
    ],
)
def test_the_reason_for_no_plain_verdict_is_that_of_the_cautious_verdict(
    verdict: str | None, score: float, more: dict[str, Any], reason: str
) -> None:
    facts = facts_of(analysis(score, verdict, **more), panel())
    assert facts.reason == reason
    assert (facts.p_spoof is None) == (verdict is None)


@pytest.mark.parametrize("code", ["en", "de"])
@pytest.mark.parametrize("seconds", [4, 9, 12])
def test_seconds_that_contradict_the_whole_are_named_however_short_the_clip(seconds: int, code: str) -> None:
    made, end_s = analysis(3.0, NOT_SURE), min(5.0, float(seconds))
    clip = replace(made.clip, waveform=np.zeros(seconds * SAMPLE_RATE, dtype=np.float32))
    short = replace(made, clip=clip, worst=WindowScore(0.0, end_s, -4.0))
    facts = facts_of(short, panel())
    assert facts.worst is not None and (facts.reason, facts.worst.end_s) == ("worst stretch", end_s)
    stretch = {"en": f"from 0.0 to {end_s} seconds would not, with", "de": "Dort sind es 98 %"}[code]
    assert stretch in paragraph(facts, code)
    # Where they are half of the clip or more and contradict nothing, they are no place in it.
    assert (facts_of(replace(short, verdict=BONAFIDE), panel()).worst is None) == (seconds < 10)


def test_parts_are_those_that_made_the_verdict() -> None:
    sure, unsure = WindowScore(3.0, 4.0, -6.0), WindowScore(8.0, 9.0, -2.0)
    found = SimpleNamespace(
        detector="level", marked_s=2.0, scored_s=11.0, sure_segments=(sure,), segments=(sure, unsure),
        rule=rule(false_mark_rate=0.02),
    )  # fmt: skip
    facts = facts_of(analysis(0.0, PARTLY, localised=found), panel())
    assert [(part.start_s, part.end_s) for part in facts.parts] == [(3.0, 4.0)]
    assert (facts.localiser, facts.marked_s, facts.scored_s, facts.false_mark_rate) == ("level", 2.0, 11.0, 0.02)
    assert facts_of(analysis(localised=found), panel()).parts == ()


@pytest.mark.parametrize("rows", [[], [{**ROW, "called_spoofed_low": None}], [{**ROW, "group": "version"}]])
def test_error_rates_that_were_not_measured_are_unknown(rows: list[dict[str, Any]]) -> None:
    assert error_rates(panel(rows)) is None


def test_a_map_is_what_its_check_and_the_lab_made_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Finding(clips=60, hits=55, unplanted_hits=5, mass=0.5, factor=3.0, low=2.0, high=4.0, cpu_s=0.1)
    toy, region = detector(rule()), Region(3.1, 4.0, 2000.0, 4500.0, 0.41)
    monkeypatch.setattr("core.explain.earned.earned", lambda _: Earned(
        sha256="", default="native", methods={"native": {"second": known}},
    ))  # fmt: skip
    assert map_facts(toy, explanation(regions=(region,))) == MapFacts(
        "level", SPOOFED, "faithful", Place(0.41, 3.1, 4.0, 2000.0, 4500.0), 5, 60, 55, 5
    )
    assert map_facts(toy, explanation(faithful=False, regions=())) == MapFacts("level", SPOOFED, "not faithful")
    assert map_facts(toy, explanation(faithful=False, trials=0)) == MapFacts("level", SPOOFED, "empty")
    assert map_facts(toy, None) is None


def test_a_detector_whose_maps_are_at_chance_is_stated_to_show_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.explain.earned.earned", lambda _: Earned(
        sha256="", default=None, reason="at chance.", methods={"native": {}},
    ))  # fmt: skip
    found = map_facts(detector(rule()), None)
    assert found is not None and found.outcome == "unmapped"


def test_what_was_tried_counts_where_it_moves_the_verdict_itself() -> None:
    turned = Held("room", "Room", "", Moved.of(-3.0, 0.0, DECISION), {})
    refused = Held("opus-24k", "Opus", "", None, {}, why_not="ffmpeg lacks it")
    flip = Flip(True, np.ones((257, 2), dtype=bool), 0.12, SPOOFED, NOT_SURE, -3.0, 0.0)
    facts = facts_of(analysis(), panel(), held=[turned, refused], flip=flip)
    assert [(each.name, each.verdict) for each in facts.tried] == [("room", NOT_SURE)]
    assert facts.flip is not None and (facts.flip.share, facts.flip.verdict) == (0.12, NOT_SURE)
    none = facts_of(analysis(), panel(), flip=replace(flip, found=False))
    assert none.flip is not None and none.flip.share is None
    cautious = facts_of(analysis(3.0, NOT_SURE), panel(), held=[Held("room", "", "", Moved.of(3.0, 3.0, DECISION), {})])
    assert (cautious.tried, cautious.reason) == ((), "worst stretch")


@pytest.mark.parametrize("code", ["en", "de"])
def test_what_the_page_tries_has_its_words(code: str) -> None:
    assert set(QUICK) <= read_language(code).texts["processing"].keys()


def test_the_paragraph_of_an_analysis_names_its_file_and_its_verdict() -> None:
    text = paragraph(facts_of(analysis(3.0, BONAFIDE), panel()))
    assert "“call.wav”" in text and "probably bona fide" in text
