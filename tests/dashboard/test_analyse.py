"""Analyse: what the page says of a recording, and what it draws."""

import copy
import io
import json
import re
import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
import torch

from core.analysis.calibration import Calibration
from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED, Decision
from core.audio.clip import Clip, DecodeRecord
from core.audio.edit import magnitude_db
from core.detectors.card import Card, Polarity
from core.detectors.checkpoint import save_checkpoint
from core.detectors.detector import Detector
from core.detectors.network import NETWORKS
from core.detectors.score import ClipScore
from core.errors import CheckpointError
from core.usecases import Analysis, analyse_clip, analyse_file, load_panel
from dashboard.components.analyse_frames import lay_out
from dashboard.components.panel import panel_card
from dashboard.components.recording import players, record_lines
from dashboard.components.verdict import gauge, verdict_card, votes_in_words
from dashboard.context import Context, Resources, opening, requested
from dashboard.endpoint import answer
from dashboard.explaining import leading_detector
from dashboard.plots.clip import clip_figure
from dashboard.plots.clip_grid import pooled_db, pooled_mean
from dashboard.plots.error_map import error_map
from dashboard.sound import wav_bytes
from dashboard.views.analyse import AnalyseTab

SAMPLE_RATE = 16_000
REQUEST: Any = SimpleNamespace(session_hash="a visitor")
NAMES = ("cnn2d-lfcc", "cae-lfcc")


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Resources:
    """Two small detectors that have learnt nothing; what the page does with them is the same."""
    folder = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    for name in NAMES:
        card = Card(
            name=name, architecture=name, polarity=Polarity(how="untrained"),
            calibration=Calibration(slope=1.0, intercept=0.0) if name == "cnn2d-lfcc" else None,
        )  # fmt: skip
        save_checkpoint(folder / name, NETWORKS.get(name)().eval(), card)
    return Resources([folder / name for name in NAMES])


@pytest.fixture(scope="module")
def analysis(resources: Resources, speech_source: np.ndarray) -> Analysis:
    return analyse_clip(clip_of(speech_source), resources.panel)


@pytest.fixture
def tab(resources: Resources) -> AnalyseTab:
    with gr.Blocks() as page, gr.Tabs() as tabs, gr.Tab() as own:
        return AnalyseTab(Context(resources, gr.Checkbox(), gr.Textbox(), tabs, own, page), lay_out())


def polished(name: str, architecture: str = "cae-lfcc") -> Card:
    return Card(
        name=name, architecture=architecture, polarity=Polarity(how="untrained"),
        calibration=Calibration(slope=1.0, intercept=0.0),
    )  # fmt: skip


def clip_of(waveform: np.ndarray, name: str = "a.wav") -> Clip:
    seconds = len(waveform) / SAMPLE_RATE
    return Clip(name, waveform, DecodeRecord("WAV", "PCM_16", 44_100, 2, seconds, seconds))


def last(steps: Iterator[dict[Any, Any]]) -> dict[Any, Any]:
    return list(steps)[-1]


# -- words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ([SPOOFED] * 4, "All four detectors say spoofed."),
        ([SPOOFED, NOT_SURE, SPOOFED], "Two of three detectors say spoofed, one says not sure."),
        ([BONAFIDE, BONAFIDE, SPOOFED, SPOOFED, NOT_SURE],
         "Two of five detectors say bona fide, two say spoofed, one says not sure."),
        ([NOT_SURE], "The only detector says not sure."),
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


def test_the_verdict_says_who_is_not_calibrated_and_what_the_band_rests_on(analysis: Analysis) -> None:
    said = verdict_card(analysis, members=NAMES)
    assert "not calibrated: cae-lfcc" in said
    assert "no error rate is known" in said
    known = replace(analysis, decision=Decision(false_alarm_rate=0.04, miss_rate=0.09, basis="dev clips"))
    words = "4 % of real speech was called spoofed and 9 % of spoofs bona fide (dev clips)"
    assert words in verdict_card(known, members=NAMES)


def scored(analysis: Analysis, name: str, score: float) -> ClipScore:
    return replace(analysis.detectors[NAMES[0]], name=name, score=score, decision=Decision())


def test_detectors_without_a_say_are_counted_apart(analysis: Analysis) -> None:
    results = {
        name: scored(analysis, name, {SPOOFED: -2.0, NOT_SURE: 0.0, BONAFIDE: 2.0}[verdict])
        for name, verdict in (("a", SPOOFED), ("b", SPOOFED), ("c", NOT_SURE), ("d", SPOOFED), ("e", BONAFIDE))
    }
    told = replace(analysis, verdict=SPOOFED, detectors=results)
    said = verdict_card(told, members={"a", "b", "c"})
    assert "Two of three detectors say spoofed, one says not sure. Of two without a say, one says the same." in said
    assert "without a say" not in verdict_card(told, members=results)


def test_the_panel_stands_before_those_without_a_say_each_the_most_suspicious_first(analysis: Analysis) -> None:
    results = {
        name: scored(analysis, name, -float(np.log(p / (1 - p))))
        for name, p in (("a", 0.1), ("b", 0.9), ("c", 0.95), ("d", 0.2))
    }
    told = panel_card(
        replace(analysis, detectors=results), members=("a", "b"), awaited=["later"], selected="d", basis="some clips"
    )
    assert re.findall(r'data-value="(\w)"', told) == ["b", "a", "c", "d"]
    assert told.index('data-value="a"') < told.index("Also heard") < told.index('data-value="c"')
    assert re.search(r'data-value="d" aria-pressed="true"', told)
    assert "The panel of 2" in told
    assert "set on some clips" in told
    assert "later</span><span>to be heard…" in told
    assert "Also heard" not in panel_card(analysis, members=NAMES)


def test_a_files_name_cannot_become_part_of_the_page(analysis: Analysis) -> None:
    named = replace(analysis, clip=replace(analysis.clip, name='<img src=x onerror="alert(1)">.wav'))
    assert "<img" not in record_lines(named)
    assert "&lt;img src=x onerror=&#34;alert(1)&#34;&gt;.wav" in record_lines(named)


def test_the_record_tells_what_was_heard_padded_and_dropped(analysis: Analysis) -> None:
    record = DecodeRecord("WAV", "PCM_16", 44_100, 2, 700.0, 600.0, 100.0, ("cut short",))
    said = record_lines(replace(analysis, clip=replace(analysis.clip, record=record)))
    for words in ("44.1 kHz stereo → 16 kHz mono", "600.0 s of 700.0 s heard", "100.0 s dropped", "cut short"):
        assert words in said
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


# -- handlers ------------------------------------------------------------------------------------------------


def test_a_recording_is_heard_then_explained(tab: AnalyseTab, recordings: dict[str, Path]) -> None:
    steps = list(tab.hear_upload(str(recordings["heath_ledger.mp3"]), False, REQUEST))
    assert "Listening to heath_ledger.mp3" in steps[0][tab.frames.verdict]
    heard = steps[-1]
    assert any(words in heard[tab.frames.verdict].lower() for words in (SPOOFED, BONAFIDE, NOT_SURE))
    detector, method = heard[tab.frames.detector].value, heard[tab.frames.method].value
    shown = heard[tab.frames.shown]
    _, found, tested = tab.explain(shown, detector, method, False, 0.5, REQUEST)
    assert shown.explanation.sentence[:20] in found[tab.frames.verdict].replace("&#x27;", "'")
    assert "evidence" in {trace.name for trace in found[tab.frames.plot].data}
    assert found[tab.frames.head].count("<audio") == 3
    assert "aithful</b>" in tested[tab.frames.receipt]
    rebuilt = tab.rebuild(shown, False)
    assert "cae-lfcc" in rebuilt[tab.frames.error_note]
    assert "coefficient (not hertz)" in rebuilt[tab.frames.error_note]


def test_detectors_outside_the_panel_are_heard_after_the_verdict_and_do_not_move_it(
    tab: AnalyseTab, recordings: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = Detector(tab.resources.panel.detectors["cae-lfcc"].network, polished("one-more"))
    monkeypatch.setattr(tab.resources, "_others", {"one-more": extra})
    heard = last(tab.hear_upload(str(recordings["heath_ledger.mp3"]), False, REQUEST))
    shown = heard[tab.frames.shown]
    before = shown.analysis
    assert "one-more</span><span>to be heard" in heard[tab.frames.panel]
    told = last(tab.hear_others(shown, REQUEST))
    after = shown.analysis
    assert list(after.detectors) == [*before.detectors, "one-more"]
    assert (after.score, after.verdict) == (before.score, before.verdict)
    assert 'data-value="one-more"' in told[tab.frames.panel]
    assert "Of one without a say" in told[tab.frames.verdict]
    assert "one-more" in dict(told[tab.frames.detector].choices)
    last(tab.explain(shown, "one-more", None, False, 0.5, REQUEST))
    assert shown.explanation.detector == "one-more"


def test_what_is_explained_while_others_are_heard_is_not_put_back(
    tab: AnalyseTab, recordings: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = Detector(tab.resources.panel.detectors["cae-lfcc"].network, polished("one-more"))
    monkeypatch.setattr(tab.resources, "_others", {"one-more": extra})
    frames = tab.frames
    shown = last(tab.hear_upload(str(recordings["heath_ledger.mp3"]), False, REQUEST))[frames.shown]
    last(tab.explain(shown, "cnn2d-lfcc", None, False, 0.5, REQUEST))
    explaining = tab.explain(shown, "cae-lfcc", None, False, 0.5, REQUEST)
    asked = next(explaining)
    others = tab.hear_others(shown, REQUEST)
    told = next(others)
    assert 'data-value="cae-lfcc" aria-pressed="true"' in asked[frames.panel]
    assert 'data-value="cae-lfcc" aria-pressed="true"' in told[frames.panel]
    found = next(explaining)
    assert "Of one without a say" in found[frames.verdict]
    assert "cae-lfcc: " in found[frames.verdict]
    assert list(others) == []
    # Those who answer after the explanation keep it, too.
    told = last(tab.hear_others(shown, REQUEST))
    assert "cae-lfcc: " in told[frames.verdict]


def test_a_slow_detector_outside_the_panel_does_not_hold_up_the_quick_ones(
    tab: AnalyseTab, recordings: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    network = tab.resources.panel.detectors["cae-lfcc"].network
    slow = type("Slow", (), {"slow": True})
    tardy = copy.copy(network)
    tardy.__class__ = type("Tardy", (slow, type(network)), {})
    others = {"a-slow": Detector(tardy, polished("a-slow")), "b-quick": Detector(network, polished("b-quick"))}
    monkeypatch.setattr(tab.resources, "_others", others)
    heard = last(tab.hear_upload(str(recordings["heath_ledger.mp3"]), False, REQUEST))
    shown = heard[tab.frames.shown]
    own = list(shown.analysis.detectors)
    told = [list(shown.analysis.detectors) for _ in tab.hear_others(shown, REQUEST)]
    assert told == [[*own, "b-quick"], [*own, "a-slow", "b-quick"]]


def test_those_that_ship_without_being_in_the_panel_are_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    torch.manual_seed(0)
    for name in ("a", "b", "c"):
        save_checkpoint(tmp_path / name, NETWORKS.get("cnn2d-lfcc")().eval(), polished(name, "cnn2d-lfcc"))
    fusion = {"members": {"a": 1.0}, "calibration": {"slope": 1.0, "intercept": 0.0}, "decision": {}}
    (tmp_path / "panel.json").write_text(json.dumps(fusion))
    (tmp_path / "c" / "model.safetensors").write_bytes(b"damaged")
    monkeypatch.setattr("core.detectors.checkpoint.SHIPPED", tmp_path)
    shipped = Resources()
    assert (list(shipped.panel.detectors), shipped.other_names) == (["a"], ["b", "c"])
    assert list(shipped.others) == shipped.other_names == ["b"]
    assert "does not match the digest" in caplog.text
    assert shipped.detector("b").name == "b"
    with pytest.raises(CheckpointError, match="d is not among the detectors"):
        shipped.detector("d")
    assert Resources([tmp_path / "a"]).others == {}


def test_a_refused_file_is_told_in_the_verdicts_place(tab: AnalyseTab, tmp_path: Path) -> None:
    (tmp_path / "note.wav").write_text("this is no sound")
    shown = last(tab.hear_upload(str(tmp_path / "note.wav"), False, REQUEST))
    assert 'role="alert"' in shown[tab.frames.verdict]
    assert "note.wav" in shown[tab.frames.verdict]
    assert "Traceback" not in shown[tab.frames.verdict]
    assert shown[tab.frames.shown] is None


def test_missing_checkpoints_are_told_not_thrown(tab: AnalyseTab, recordings: dict[str, Path]) -> None:
    tab.resources = Resources([])
    shown = last(tab.hear_upload(str(recordings["heath_ledger.mp3"]), False, REQUEST))
    assert 'role="alert"' in shown[tab.frames.verdict]


def test_an_explanation_of_the_recording_before_is_not_shown(tab: AnalyseTab, recordings: dict[str, Path]) -> None:
    heard = last(tab.hear_upload(str(recordings["heath_ledger.mp3"]), False, REQUEST))
    next(tab.hear_upload(str(recordings["cate_blanch_2.mp3"]), False, REQUEST))
    before, method = heard[tab.frames.shown], heard[tab.frames.method].value
    assert list(tab.explain(before, "cnn2d-lfcc", method, False, 0.5, REQUEST)) == []


def test_a_clip_of_another_tab_is_told_where_its_recording_is_not_here(tab: AnalyseTab) -> None:
    shown = last(tab.hear_clip(opening("a/clip.flac"), False, REQUEST))
    assert "The recording of a/clip.flac is not on this machine" in shown[tab.frames.verdict]
    assert list(tab.hear_clip(opening(None), False, REQUEST)) == []


def test_each_opening_of_a_clip_is_an_event_of_its_own() -> None:
    first, second = opening("a clip.flac"), opening("a clip.flac")
    assert first != second
    assert requested(first) == requested(second) == "a clip.flac"
    assert (opening(""), requested(""), requested(None)) == ("", "", "")


def test_the_endpoint_answers_as_the_command_line_does(resources: Resources, recordings: dict[str, Path]) -> None:
    path = recordings["heath_ledger.mp3"]
    said = answer(resources, str(path))
    expected = analyse_file(path, resources.panel).to_json()
    assert said == {**expected, "path": None, "name": path.name}
    json.dumps(said, allow_nan=False)


def test_the_endpoint_says_why_a_file_is_refused(resources: Resources, tmp_path: Path) -> None:
    (tmp_path / "note.wav").write_text("this is no sound")
    said = answer(resources, str(tmp_path / "note.wav"))
    assert said["p_spoof"] is None
    assert "note.wav" in said["error"]


def test_the_surest_of_those_who_agree_is_explained_first(analysis: Analysis) -> None:
    def said(name: str, score: float) -> Any:
        return scored(analysis, name, score)

    results = {name: said(name, score) for name, score in (("a", -1.0), ("b", -3.0), ("c", 9.0))}
    told = replace(analysis, verdict=SPOOFED, detectors=results)
    assert leading_detector(told, ["a", "b", "c"]) == "b"
    assert leading_detector(told, ["c"]) == "c"


def test_the_error_maps_axis_is_named_for_what_it_is(resources: Resources, analysis: Analysis) -> None:
    from core.usecases import reconstruct_clip

    panel = load_panel(resources._names)
    figure = error_map(reconstruct_clip(analysis.clip, panel.detectors["cae-lfcc"]), dark=True)
    assert list(figure.layout.yaxis.ticktext) == ["static", "delta", "delta-delta"]
    assert figure.data[0].z.shape[0] == 180
