"""What a recording's codec does to the panel: known from the table, stated, and part of the thresholds."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED, Decision
from core.detectors.card import Localisation
from core.detectors.score import WindowScore
from core.panel import load_panel
from core.robustness.codec import Codec, of_codec, panel_for
from core.robustness.table import Limit
from core.timeline.track import Timeline

USUAL = Decision(spoof_below=-0.2, bonafide_above=0.2)
LIMIT = Limit(spoof_below=-1.8, usual=-0.2, false_alarms=0.048, held_out=None, misses=0.24)


def rates(false_alarms: float, surely: float) -> dict[str, object]:
    none = {"value": 0.0}
    more = {"value": false_alarms - 0.05, "low": surely}
    own = {"false_alarms": {"value": false_alarms}, "misses": none, "more_false_alarms": more, "more_misses": none}
    return {"panel": own}


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    limit, opus = LIMIT.model_dump(), rates(0.276, 0.16)
    marks = {"false_marks": {"value": 0.167}, "more_false_marks": {"value": 0.115}, "limit": {**limit, "misses": None}}
    usually = {"false_marks": {"value": 0.052}, "more_false_marks": {"value": 0.0}}
    rows = [
        {"processing": "as is", "label": "as it is", "rates": rates(0.05, 0.0), "marks": usually},
        {"processing": "opus-24k", "label": "Opus, 24 kbit/s", "rates": opus, "limit": limit, "marks": marks},
        {"processing": "mp3-64k", "label": "MP3, 64 kbit/s", "rates": rates(0.06, -0.01)},
        {"processing": "aac-48k", "label": "AAC, 48 kbit/s", "rates": rates(0.09, 0.01)},
    ]
    path = tmp_path / "robustness.json"
    about = {"corpus": "", "split": "dev", "seconds": 4.0, "n_bonafide": 9, "n_spoof": 9, "n_pages": 3}
    path.write_text(json.dumps({**about, "rows": rows}))
    monkeypatch.setattr("core.robustness.table.TABLE", path)
    return path


def test_a_codec_is_known_by_what_it_surely_does_to_the_panel(table: Path) -> None:
    opus, aac = of_codec("Opus"), of_codec("AAC (LC)")
    assert opus is not None and aac is not None
    assert opus.errors == (
        "as Opus, 24 kbit/s, 28 % of real speech is over the usual limit of 0.55, else 5 %; over this one, 0.86, 5 %",
    )
    assert opus.marks == (
        "as Opus, 24 kbit/s, 17 % of real speech has such a mark over the usual limit of 0.55, else 5 %; over this "
        "one, 0.86, 5 %"
    )
    assert aac.errors == ("as AAC, 48 kbit/s, 9 % of real speech is called spoofed, else 5 %",)
    assert aac.marks == "" and aac.limit is aac.mark_limit is None
    assert of_codec("MP3 (MPEG audio layer 3)") is of_codec("16-bit PCM") is None
    table.write_text("{")
    assert of_codec("Opus") is None, "a verdict does not depend on it"


@pytest.mark.parametrize(
    ("score", "verdict"), [(-2.0, SPOOFED), (-1.8, NOT_SURE), (-0.5, NOT_SURE), (0.0, NOT_SURE), (1.0, BONAFIDE)]
)
def test_what_real_speech_of_that_codec_often_scores_is_not_sure(score: float, verdict: str) -> None:
    codec = Codec("Opus, 24 kbit/s", ("often",), limit=LIMIT)
    assert codec.decision(USUAL).verdict(score) == verdict
    turned = USUAL.verdict(score) == SPOOFED and verdict == NOT_SURE
    assert bool(codec.why_not_sure(score)) is turned
    if turned:
        assert "Over P(spoof) 0.55" in codec.why_not_sure(score) and "the limit is 0.86" in codec.why_not_sure(score)


def test_a_limit_never_makes_more_spoofed_and_without_one_nothing_changes() -> None:
    stricter = USUAL.model_copy(update={"spoof_below": -2.5})
    assert Codec("Opus", ("often",), limit=LIMIT).decision(stricter) == stricter
    plain = Codec("AAC", ("often",))
    assert plain.decision(USUAL) == USUAL and plain.why_not_sure(-0.5) == ""


def test_less_of_a_timeline_makes_a_verdict() -> None:
    segments = (WindowScore(0.0, 1.0, -1.8), WindowScore(2.0, 3.0, -3.0))
    rule = Localisation(
        slope=1.0, intercept=0.0, smooth_s=0.0, mark_below=-1.0, keep_below=0.0, shortest_s=0.0, gap_s=0.0, basis="",
        verdict_below=-1.6,
    )  # fmt: skip
    found = Timeline("one", np.zeros(200), 0.02, 4.0, segments, rule, True)
    limit = LIMIT.model_copy(update={"spoof_below": -2.5, "usual": -1.6, "misses": None})
    held = Codec("Opus", mark_limit=limit).timeline(found)
    assert found.sure_segments == segments and held.sure_segments == segments[1:] and held.segments == segments
    assert Codec("Opus").timeline(found) is found
    milder = limit.model_copy(update={"spoof_below": -1.0})
    assert Codec("Opus", mark_limit=milder).timeline(found) is found, "a limit never makes more a verdict"


def test_it_holds_for_the_panel_that_ships_alone(table: Path) -> None:
    ships, named = load_panel(), load_panel([load_panel().members[0]])
    decided, known = panel_for(ships, "Opus")
    assert known is not None and decided.decision.spoof_below == -1.8
    assert decided.decision.bonafide_above == ships.decision.bonafide_above and decided.members == ships.members
    assert panel_for(ships, "FLAC") == (ships, None) and panel_for(named, "Opus") == (named, None)
    assert named.deciding_by(USUAL) is named, "its thresholds are its member's"
