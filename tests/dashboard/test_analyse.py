"""Analyse: what the page says of a recording, and what it draws."""

import io
import re
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.analysis.verdict import BONAFIDE, NOT_SURE, PARTLY, SPOOFED, Decision
from core.audio.clip import DecodeRecord
from core.audio.edit import magnitude_db
from core.explain.base import Explanation
from core.fusion import Loss
from core.results.elsewhere import Elsewhere, ErrorRate
from core.robustness.codec import Codec
from core.robustness.processed import Sign
from core.robustness.table import Limit
from core.usecases import Analysis, analyse_clip
from core.watch import Progress
from dashboard.components.bars import BarRow, bar_rows
from dashboard.components.case import past_list
from dashboard.components.explained import is_evidence, receipt_line, sentence_of
from dashboard.components.markup import term
from dashboard.components.panel import others_label, panel_card
from dashboard.components.progress import progress_words
from dashboard.components.recording import players, record_lines
from dashboard.components.verdict import (
    gauge,
    verdict_card,
    verdict_frame,
    votes_in_words,
    why_outvoted,
)  # fmt: skip
from dashboard.context import Resources
from dashboard.glossary import meaning
from dashboard.plots.clip import clip_figure
from dashboard.plots.clip_grid import pooled_db, pooled_mean
from dashboard.plots.error_map import error_map
from dashboard.sound import wav_bytes
from dashboard.visits import Recording
from tests.dashboard.small_panel import NAMES, SAMPLE_RATE, clip_of, small_panel


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Resources:
    return small_panel(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture(scope="module")
def analysis(resources: Resources, speech_source: np.ndarray) -> Analysis:
    return analyse_clip(clip_of(speech_source), resources.panel)


@pytest.fixture(scope="module")
def explanation(analysis: Analysis, resources: Resources) -> Explanation:
    from core.usecases import explain_clip

    return explain_clip(analysis.clip, resources.panel.detectors["cnn2d-lfcc"])


def scored(analysis: Analysis, name: str, llr: float) -> Any:
    """What a detector of this name answers where its log-likelihood ratio is this."""
    return replace(analysis.detectors[NAMES[0]], name=name, score=llr, decision=Decision())


# -- words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ([SPOOFED] * 4, "All four detectors answer spoofed."),
        ([SPOOFED] * 2, "Both detectors answer spoofed."),
        ([SPOOFED, NOT_SURE, SPOOFED], "Two of three detectors answer spoofed, one not sure."),
        ([BONAFIDE, BONAFIDE, SPOOFED, SPOOFED, NOT_SURE],
         "Two of five detectors answer bona fide, two spoofed, one not sure."),
        ([NOT_SURE], "The only detector answers not sure."),
    ],
)  # fmt: skip
def test_votes_are_told_in_words(verdicts: list[str], words: str) -> None:
    assert votes_in_words(verdicts) == words


def test_the_gauges_zones_are_those_of_the_decision() -> None:
    drawn = gauge(0.5, Decision(spoof_below=float(np.log(1 / 3)), bonafide_above=float(np.log(3)), basis=""))
    assert 'ss-z-bonafide" style="width:25.00%' in drawn
    assert 'ss-z-unsure" style="width:50.00%' in drawn
    assert 'ss-z-spoof" style="width:25.00%' in drawn
    assert '<b style="left:50.00%">' in drawn


def test_the_verdict_says_when_a_clip_looks_processed(analysis: Analysis) -> None:
    assert "Looks processed" not in verdict_card(replace(analysis, signs=()), members=NAMES)
    found = (Sign("band", "nothing above 3.6 kHz"), Sign("clipped", "clipped"))
    shown = verdict_card(replace(analysis, signs=found), members=NAMES)
    assert "Looks processed, perhaps not synthetic (nothing above 3.6 kHz, clipped)" in shown


def test_the_verdict_names_the_prior_of_its_probability(analysis: Analysis) -> None:
    assert analysis.prior == 0.5
    assert "at a prior of 0.38" in verdict_card(replace(analysis, prior=0.3837), members=NAMES).striptags()


def test_p_spoof_is_not_held_up_where_too_little_is_said_to_rely_on_it(analysis: Analysis) -> None:
    short = replace(analysis, verdict=NOT_SURE, note="Not sure: the clip holds 0.3 s of speech.", speech_s=0.3)
    shown = verdict_card(short, members=NAMES)
    assert 'ss-big">–<' in shown
    assert "too little speech" in shown
    assert "ss-gauge" not in shown
    assert "answer" not in shown.striptags()
    assert short.relied_p_spoof is None
    past = [Recording("a.1", Path("a.wav"), "a.wav", span=(300.0, 360.0), analysis=short).as_past()]
    assert "a.wav, 5:00 to 6:00" in past_list(past).striptags()
    assert "not sure" in past_list(past)
    assert "P(spoof)" not in past_list(past)
    part = replace(analysis, verdict=PARTLY)
    of_whole = past_list([Recording("a.1", Path("a.wav"), "a.wav", analysis=part).as_past()])
    assert f"P(spoof) of the whole {part.p_spoof:.2f}" in of_whole
    contradicted = verdict_card(replace(short, speech_s=4.0), members=NAMES)
    assert "of the whole, at a prior of 0.50" in contradicted.striptags()
    assert f'ss-big">{analysis.p_spoof:.2f}<' in contradicted
    assert "ss-gauge" in contradicted


def test_the_verdict_says_who_is_not_calibrated_and_what_the_band_rests_on(analysis: Analysis) -> None:
    said = verdict_card(analysis, members=NAMES)
    assert "not calibrated: cae-lfcc" in said
    assert "no error rate is known" in said
    decision = Decision(false_alarm_rate=0.04, miss_rate=0.09, not_sure_rate=0.26, basis="dev clips")
    words = "4 % of real speech is called spoofed and 9 % of spoofs bona fide, and 26 % of clips not sure (dev clips)"
    assert words in verdict_card(replace(analysis, decision=decision), members=NAMES)


def test_what_the_files_codec_does_to_the_panels_errors_is_part_of_the_doubt(analysis: Analysis) -> None:
    limit = Limit(spoof_below=-1.8, usual=-0.2, false_alarms=0.048, held_out=None, misses=0.24)
    phrases = ("as Opus, 24 kbit/s, 21 % of <real> speech is over the usual limit",)
    codec = Codec("Opus, 24 kbit/s", phrases, limit=limit)
    note = replace(analysis, codec=codec, score=-0.5, verdict=NOT_SURE, decision=codec.decision(analysis.decision))
    said = verdict_card(note, members=NAMES)
    assert "· as Opus, 24 kbit/s, 21 % of &lt;real&gt; speech is over the usual limit" in said
    assert "Over P(spoof) 0.55 another recording would be probably spoofed." in said
    assert "kbit/s" not in verdict_card(analysis, members=NAMES).striptags()


def test_figures_of_held_out_pages_stand_in_place_of_what_was_aimed_at(analysis: Analysis) -> None:
    known = replace(analysis, decision=Decision(false_alarm_rate=0.04, miss_rate=0.09, basis="dev clips"))
    row = {
        "n_pages": 147, "called_spoofed": 0.048, "called_spoofed_low": 0.02, "called_spoofed_high": 0.08,
        "called_bonafide": 0.151, "not_sure_bonafide": 0.2, "not_sure_spoof": 0.31,
    }  # fmt: skip
    told = verdict_card(known, members=NAMES, held_out=row).striptags()
    assert (
        "on 147 held-out pages 5 % [2, 8] of real speech was called spoofed and 15 % of spoofs bona fide, "
        "20 % of real speech and 31 % of spoofs not sure"
    ) in told
    assert "dev clips" not in told
    assert "dev clips" in verdict_card(known, members=NAMES, held_out={**row, "not_sure_spoof": None})


def test_errors_elsewhere_stand_beside_those_where_the_thresholds_were_set(analysis: Analysis) -> None:
    home = replace(analysis, decision=Decision(false_alarm_rate=0.05, miss_rate=0.1, basis="dev clips"))
    away = Elsewhere(ErrorRate(1, 30, 0.0, 0.1), ErrorRate(7, 21, 0.15, 0.57))
    told = verdict_card(home, members=NAMES, elsewhere=away).striptags()
    assert "elsewhere more misses: 3 % [0, 10] (1 of 30) of real speech was called spoofed" in told
    assert "33 % [15, 57] (7 of 21) of spoofs bona fide" in told
    assert "elsewhere" not in verdict_card(home, members=NAMES)


@pytest.mark.parametrize(
    ("false_alarms", "misses", "words"),
    [
        ((6, 70, 0.03, 0.15), (25, 252, 0.06, 0.14), "elsewhere no clear difference:"),
        ((9, 70, 0.06, 0.19), (40, 252, 0.12, 0.2), "elsewhere more false alarms and more misses:"),
        ((9, 70, 0.06, 0.19), (5, 252, 0.01, 0.04), "elsewhere more false alarms and fewer misses:"),
        ((9, 70, np.nan, np.nan), (40, 252, 0.12, 0.2), "elsewhere: 13 % (9 of 70)"),
    ],
)
def test_errors_elsewhere_are_called_more_or_fewer_only_where_the_interval_says_so(
    analysis: Analysis, false_alarms: Any, misses: Any, words: str
) -> None:
    home = replace(analysis, decision=Decision(false_alarm_rate=0.05, miss_rate=0.1, basis="dev clips"))
    away = Elsewhere(ErrorRate(*false_alarms), ErrorRate(*misses))
    assert words in verdict_card(home, members=NAMES, elsewhere=away).striptags()


@pytest.mark.parametrize(
    ("verdict", "own", "words"),
    [
        (SPOOFED, [SPOOFED, NOT_SURE, NOT_SURE], "only one of three passes its own"),
        (SPOOFED, [SPOOFED, SPOOFED, NOT_SURE, NOT_SURE, BONAFIDE], "only two of five pass their own"),
        (NOT_SURE, [SPOOFED, BONAFIDE, SPOOFED], "cancel each other"),
        (SPOOFED, [SPOOFED, SPOOFED, NOT_SURE], ""),
        (SPOOFED, [SPOOFED], ""),
    ],
)
def test_why_the_panels_answer_is_that_of_few_members_is_said(
    analysis: Analysis, verdict: str, own: list[str], words: str
) -> None:
    llr = {SPOOFED: -3.0, BONAFIDE: 3.0, NOT_SURE: 0.0}
    scores = {f"d{n}": scored(analysis, f"d{n}", llr[each]) for n, each in enumerate(own)}
    told = why_outvoted(replace(analysis, verdict=verdict, detectors=scores), list(scores))
    assert words in told
    assert bool(told) == bool(words)


def test_the_most_suspicious_seconds_of_a_longer_clip_are_named(analysis: Analysis) -> None:
    worst = replace(analysis.timeline[0], start_s=31.4, end_s=34.4, score=-2.0)
    long = replace(analysis, worst=worst, clip=clip_of(np.tile(analysis.clip.waveform, 15)), verdict=BONAFIDE, note="")
    told = "The most suspicious seconds are 31.4 to 34.4 s (P(spoof) 0.88)."
    assert told in verdict_card(long, members=NAMES)
    assert told not in verdict_card(replace(long, clip=analysis.clip), members=NAMES)
    doubted = verdict_card(replace(long, verdict=NOT_SURE, note="Not sure: 31.4 to 34.4 s are not."), members=NAMES)
    assert doubted.count("31.4 to 34.4 s") == 1


def test_work_shows_how_far_it_is_and_how_it_is_cancelled() -> None:
    told = verdict_frame(busy="Scoring a.wav:", progress=Progress(120, 1_200, taken_s=20.0))
    assert "120 of 1,200 windows scored, about 3 min left." in told
    assert 'data-act="remove"' in told
    assert progress_words(Progress(30, 40, taken_s=9.0)) == "30 of 40 windows scored, about 3 s left."
    assert progress_words(Progress(1, 40, taken_s=0.1)) == "1 of 40 windows scored."


def test_the_panel_stands_before_the_others_each_the_most_suspicious_first(analysis: Analysis) -> None:
    results = {name: scored(analysis, name, llr) for name, llr in (("a", 2.2), ("b", -2.2), ("c", -2.9), ("d", 1.4))}
    told = str(panel_card(replace(analysis, detectors=results), members=("a", "b"), selected="d", basis="some clips"))
    assert re.findall(r'data-value="(\w)"', told) == ["b", "a", "c", "d"]
    assert told.index('data-value="a"') < told.index("Not in the panel") < told.index('data-value="c"')
    assert re.search(r'data-value="d" aria-pressed="true"', told)
    assert "The panel of 2" in told
    assert "set on some clips" in told
    weighed = panel_card(
        replace(analysis, detectors=results), members=("a", "b"), basis="some clips", weights={"a": 0.5, "b": 0.1}
    ).striptags()
    assert "added up (a 83 %, b 17 %) and calibrated anew, so that the panel’s P(spoof) may lie beyond" in weighed
    assert "Not in the panel" not in panel_card(analysis, members=NAMES)


def test_what_the_panel_loses_without_a_member_is_shown_where_it_is_known(analysis: Analysis) -> None:
    losses = {"cnn2d-lfcc": Loss(0.221, 0.004, -0.01, 0.018), "cae-lfcc": Loss(0.262, 0.045, None, None)}
    told = panel_card(analysis, members=NAMES, losses=losses).striptags()
    assert "without one of them: cae-lfcc 26.2 % (+4.5); cnn2d-lfcc 22.1 % (+0.4 [-1.0, 1.8])." in told
    assert "without one of them" not in panel_card(analysis, members=NAMES)


def test_each_row_shows_between_which_values_its_detector_is_not_sure() -> None:
    drawn = str(bar_rows([BarRow("a", 0.66, NOT_SURE, band=(0.40, 0.68)), BarRow("b", 0.67, SPOOFED, band=(0.3, 0.6))]))
    assert re.findall(r"<s style=.left:([\d.]+)%;width:([\d.]+)%", drawn) == [("40.0", "28.0"), ("30.0", "30.0")]


def test_the_button_says_how_many_others_there_are_and_what_it_does() -> None:
    assert others_label(32, left_s=41.7) == "Score the 32 others too (about 42 s)"
    assert others_label(1, left_s=0.2) == "Score the other one too (about 1 s)"
    assert others_label(20, done=12, left_s=190, running=True) == "Stop: 12 of 32 others scored, about 3 min left"
    assert others_label(0, done=32) == "All others are scored"


def test_a_map_that_failed_its_check_is_no_evidence(analysis: Analysis, explanation: Explanation) -> None:
    found = explanation
    assert found.faithfulness is not None
    for faithful in (True, False):
        tested = replace(found, faithfulness=replace(found.faithfulness, faithful=faithful))
        words = sentence_of(tested)
        assert is_evidence(tested) is faithful
        assert words.startswith("cnn2d-lfcc: " if faithful else "Not faithful: ")
        assert faithful or "%" not in words
        figure = clip_figure(analysis, dark=False, explanation=tested, boxes=is_evidence(tested))
        boxes = [note.text for note in figure.layout.annotations if "%" in note.text]
        assert len(boxes) == (len(found.regions) if faithful else 0)
    assert is_evidence(replace(found, faithfulness=None)) is False
    untested = replace(found, faithfulness=replace(found.faithfulness, faithful=False, trials=()))
    assert sentence_of(untested) == f"cnn2d-lfcc: {found.sentence}"


def test_every_method_that_a_map_may_be_made_by_is_explained() -> None:
    from core.explain.base import METHODS

    for name in METHODS.names():
        assert meaning(name)


def test_the_faithfulness_check_names_the_method_with_its_meaning(explanation: Explanation) -> None:
    assert f"Map by {term(explanation.method)}." in receipt_line(explanation)


def test_boxes_are_numbered_from_the_one_that_holds_most(analysis: Analysis, explanation: Explanation) -> None:
    from core.explain.regions import Region

    regions = (Region(0.5, 1.0, 0.0, 2000.0, 0.17), Region(2.0, 3.0, 1000.0, 4000.0, 0.20))
    figure = clip_figure(analysis, dark=False, explanation=replace(explanation, regions=regions))
    boxes = [note.text for note in figure.layout.annotations if "%" in note.text]
    assert boxes == ["<b>1 · 20 %</b>", "<b>2 · 17 %</b>"]


def test_a_boxs_label_lies_inside_the_spectrogram_and_over_no_other(
    analysis: Analysis, explanation: Explanation
) -> None:
    from core.explain.regions import Region

    regions = (
        Region(1.0, 1.6, 2500.0, 4800.0, 0.7), Region(1.3, 1.5, 2200.0, 4500.0, 0.07),
        Region(3.9, 4.0, 0.0, 200.0, 0.06),
    )  # fmt: skip
    figure = clip_figure(analysis, dark=False, explanation=replace(explanation, regions=regions))
    corners = [(note.x, note.y) for note in figure.layout.annotations if "%" in note.text]
    # A label of the smallest figure: 12 % of its width, 13 % of its height.
    width, height = 0.12 * analysis.clip.duration_s, 0.13 * 8
    assert corners[0] == (1.0, 4.8)
    assert all(0 <= x <= analysis.clip.duration_s - width and height <= y <= 8 for x, y in corners)
    for at, (x, y) in enumerate(corners):
        assert all(abs(x - a) >= width or abs(y - b) >= height for a, b in corners[:at])


def test_a_files_name_cannot_become_part_of_the_page(analysis: Analysis) -> None:
    named = replace(analysis, clip=replace(analysis.clip, name='<img src=x onerror="alert(1)">.wav'))
    assert "<img" not in record_lines(named)
    assert "&lt;img src=x onerror=&#34;alert(1)&#34;&gt;.wav" in record_lines(named)


def test_the_record_tells_what_was_scored_padded_and_dropped(analysis: Analysis) -> None:
    record = DecodeRecord("WAV", "PCM_16", 44_100, 2, 700.0, 600.0, 100.0, ("cut short",))
    told = record_lines(replace(analysis, clip=replace(analysis.clip, record=record)), truth="Label: spoof")
    for words in (
        "Label: spoof", "44.1 kHz stereo → 16 kHz mono", "600.0 s of 700.0 s scored", "100.0 s dropped", "cut short",
    ):  # fmt: skip
        assert words in told
    short = {name: replace(own, padded_s=1.0) for name, own in analysis.detectors.items()}
    assert "1.0 s repeated to fill a window" in record_lines(replace(analysis, detectors=short))


# -- figures -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
def test_all_rows_of_the_figure_share_one_time_axis(analysis: Analysis, dark: bool) -> None:
    figure = clip_figure(analysis, dark=dark, detector="cnn2d-lfcc")
    assert {trace.name for trace in figure.data} == {"level", "panel", "cnn2d-lfcc", "spectrogram"}
    assert {trace.xaxis for trace in figure.data} <= {None, "x"}
    assert {trace.yaxis for trace in figure.data} == {"y", "y2", "y3"}
    assert list(figure.layout.xaxis.range) == [0, 4.0]
    assert figure.layout.height == clip_figure(None, dark=dark).layout.height


def test_a_ten_minute_clip_is_drawn_in_less_than_a_megabyte(analysis: Analysis) -> None:
    long = np.tile(analysis.clip.waveform, 150)
    windows = tuple(replace(analysis.timeline[0], start_s=float(s), end_s=s + 1.0) for s in range(600))
    figure = clip_figure(replace(analysis, clip=clip_of(long), timeline=windows), dark=False, detector="cnn2d-lfcc")
    assert len(figure.to_json()) < 1_000_000


def test_a_tone_is_brightest_at_its_own_frequency() -> None:
    tone = np.sin(2 * np.pi * 3000 * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    decibels, step_s, step_khz = pooled_db(tone)
    assert decibels.max() == 0
    row = int(decibels[:, decibels.shape[1] // 2].argmax())
    assert row * step_khz <= 3.0 < (row + 1) * step_khz
    assert step_s == pytest.approx(0.01)


def test_the_spectrogram_in_blocks_is_the_whole_ones(speech: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = magnitude_db(speech)
    monkeypatch.setattr("dashboard.plots.clip_grid._BLOCK", 37)
    decibels, _, _ = pooled_db(speech, columns=10_000)
    expected = np.maximum.reduceat(whole, np.arange(0, 257, 2), axis=0)
    np.testing.assert_allclose(decibels, expected, atol=0.51)


def test_pooling_keeps_the_mean() -> None:
    cells = np.arange(256 * 720, dtype=np.float32).reshape(256, 720)
    pooled, step_s, step_khz = pooled_mean(cells)
    assert pooled.shape == (64, 360)
    assert pooled.mean() == pytest.approx(cells.mean(), rel=1e-5)
    assert (step_s, step_khz) == pytest.approx((0.02, 0.125))


# -- sound ---------------------------------------------------------------------------------------------------


def test_a_quiet_sound_stays_quiet() -> None:
    with wave.open(io.BytesIO(wav_bytes(np.full(100, 0.1, np.float32)))) as read:
        samples = np.frombuffer(read.readframes(100), "<i2")
        assert (read.getframerate(), read.getsampwidth(), read.getnchannels()) == (SAMPLE_RATE, 2, 1)
    assert set(samples) == {round(0.1 * 32767)}


def test_a_player_without_sound_cannot_be_pressed() -> None:
    made = players({"clip": "gradio_api/file=/tmp/a.wav"})
    assert made.count("<audio") == 1
    assert made.count(" disabled") == 2
    assert "evidence" not in players({"clip": "gradio_api/file=/tmp/a.wav"}, evidence=False)


def test_the_error_maps_axis_is_named_for_what_it_is(resources: Resources, analysis: Analysis) -> None:
    from core.usecases import reconstruct_clip

    figure = error_map(reconstruct_clip(analysis.clip, resources.panel.detectors["cae-lfcc"]), dark=True)
    assert list(figure.layout.yaxis.ticktext) == ["static", "delta", "delta-delta"]
    assert figure.data[0].z.shape[0] == 180
