"""Analyse: what a person does there, and what follows."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
import soundfile
import torch

from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED
from core.audio.clip import Clip
from core.audio.decode import DecodingCancelled
from core.detectors.checkpoint import save_checkpoint
from core.detectors.detector import Detector
from core.detectors.network import NETWORKS
from core.errors import CheckpointError
from core.explain.cues import CUES
from core.explain.earned import Earned, Finding, Maps
from core.robustness import Held, Moved
from core.session import Pace, score_others
from core.usecases import analyse_file, explain_clip
from core.watch import Watch, report
from dashboard.components.analyse_frames import AnalyseFrames, lay_out
from dashboard.context import Resources, opening, requested
from dashboard.views.analyse import AnalyseTab
from dashboard.visits import Recording
from tests.dashboard.small_panel import SAMPLE_RATE, context_of, panel_with_others, small_panel, untrained

# For what comes at once: time is only for a machine that does something else besides.
PATIENCE_S = 120


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Resources:
    return small_panel(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture(scope="module", autouse=True)
def each_map_once() -> Iterator[None]:
    """Compute a map once for all tests that ask for the same: here it matters what is done with it."""
    known: dict[Any, Any] = {}

    def remembered(clip: Clip, detector: Detector, method: str | None = None, **more: Any) -> Any:
        asked = clip.waveform.tobytes(), detector, method
        if asked not in known:
            known[asked] = explain_clip(clip, detector, method, **more)
        return known[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.usecases.explain_clip", remembered)
        yield


@pytest.fixture(scope="module")
def laid_out() -> tuple[gr.Blocks, gr.Tabs, gr.Tab, AnalyseFrames]:
    """The page and its frames, laid out once: no test changes them."""
    with gr.Blocks() as page, gr.Tabs() as tabs, gr.Tab() as own:
        return page, tabs, own, lay_out()


@pytest.fixture
def tab(resources: Resources, laid_out: tuple[gr.Blocks, gr.Tabs, gr.Tab, AnalyseFrames]) -> AnalyseTab:
    page, tabs, own, frames = laid_out
    with page:
        return AnalyseTab(context_of(resources, tabs, own, page), frames)


def opened(tab: AnalyseTab, path: Path, ticket: str = "ana.1") -> dict[Any, Any]:
    """Open a recording as if it had been dropped in."""
    return tab.opening.take(Recording(ticket, path, path.name), False)


def scored(tab: AnalyseTab, path: Path, ticket: str = "ana.1") -> dict[Any, Any]:
    opened(tab, path, ticket)
    return answered(tab, ticket)


def answered(tab: AnalyseTab, ticket: str) -> dict[Any, Any]:
    """Verdict and picture of what was opened."""
    shown, picture = last(tab.work.score(ticket)), tab.work.picture(ticket, False)
    return shown if picture == gr.skip() else shown | picture


def last(steps: Iterator[Any]) -> dict[Any, Any]:
    """What stands in the frames at the end."""
    frames: dict[Any, Any] = {}
    for step in steps:
        frames |= step
    return frames


def endless(ended: threading.Event | None = None) -> Any:
    """Work that reports how far it is until somebody stops it."""
    try:
        for done in itertools.count():
            time.sleep(0.001)
            report(done, done + 1)
    finally:
        if ended is not None:
            ended.set()


def nothing(steps: Iterator[Any]) -> bool:
    """Whether the page is left as it is."""
    return list(steps) == [gr.skip()]


def test_a_recording_is_scored_then_explained(tab: AnalyseTab, recordings: dict[str, Path]) -> None:
    frames, path = tab.frames, recordings["heath_ledger.mp3"]
    busy = opened(tab, path)[frames.verdict]
    assert "Reading heath_ledger.mp3" in busy
    assert 'data-act="remove"' in busy
    shown = answered(tab, "ana.1")
    assert any(words in shown[frames.verdict].lower() for words in (SPOOFED, BONAFIDE, NOT_SURE))
    assert shown[frames.detector].value in tab.context.resources.panel.detectors
    assert "evidence" not in {trace.name for trace in shown[frames.plot].data}
    assert "Looking for where the evidence lies" in shown[frames.receipt]
    assert "heath_ledger.mp3" in shown[frames.words] and "map" not in shown[frames.words].split("<details")[0]
    *_, found = tab.work.explain("ana.1", False, 0.5)
    assert "evidence" in {trace.name for trace in found[frames.plot].data}
    recording = tab.visits.current("ana.1")
    assert recording is not None
    assert recording.explanation is not None
    assert recording.explanation.faithfulness is not None
    faithful = recording.explanation.faithfulness.faithful
    assert found[frames.head].count("<audio") == (3 if faithful else 1)
    assert ("Not faithful" in found[frames.verdict]) is not faithful
    assert ("not to be relied upon" in found[frames.words]) is not faithful
    assert recording.analysis is not None and "was altered" not in found[frames.words]
    verdict = str(recording.analysis.verdict)
    recording.trials.hold.found = (Held("room", "Room", "", Moved(0.0, 0.0, verdict, verdict), {}),)
    assert "altered (adding the echo of a room), the verdict stayed" in tab.work.words("ana.1")[frames.words]
    assert shown[frames.rebuild].visible is True
    rebuilt = last(tab.work.rebuild("ana.1", False))
    assert "cae-lfcc" in rebuilt[frames.error_note]
    assert "coefficient (not hertz)" in rebuilt[frames.error_note]
    assert (rebuilt[frames.error_plot].visible, rebuilt[frames.rebuild].visible) == (True, False)
    assert "cae-lfcc" in last(tab.opening.restore("ana.1", False))[frames.error_note]


def test_everything_that_is_drawn_of_a_recording_carries_its_ticket(
    tab: AnalyseTab, recordings: dict[str, Path]
) -> None:
    stamped = 'data-recording="ana.7"'
    shown = {**opened(tab, recordings["heath_ledger.mp3"], "ana.7"), **answered(tab, "ana.7")}
    shown |= last(tab.work.explain("ana.7", False, 0.5)) | last(tab.work.rebuild("ana.7", False))
    html = [value for frame, value in shown.items() if isinstance(frame, gr.HTML)]
    assert len(html) == 15
    assert all(stamped in value for value in html)
    plots = [shown[tab.frames.plot], tab.work.draw.error_plot(tab.visits.current("ana.7"), dark=False)]
    assert {plot.layout.meta["recording"] for plot in plots} == {"ana.7"}


def test_of_a_removed_recording_nothing_is_shown_and_its_work_ends(
    tab: AnalyseTab, recordings: dict[str, Path]
) -> None:
    opened(tab, recordings["cate_blanch.mp3"])
    recording = tab.visits.current("ana.1")
    assert recording is not None
    emptied = tab.opening.remove("ana.2", False)
    assert "The verdict appears here" in emptied[tab.frames.verdict]
    assert recording.scoring.stopped
    assert nothing(tab.work.score("ana.1"))
    assert nothing(tab.work.score("ana.2"))
    assert recording.analysis is None


def test_a_recording_that_is_removed_while_it_is_scored_gets_no_verdict(
    tab: AnalyseTab, recordings: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    def removed_meanwhile(*asked: Any, **more: Any) -> Any:
        tab.opening.remove("ana.2", False)
        try:
            return analyse_file(*asked, **more)
        except DecodingCancelled:
            ended.set()
            raise

    monkeypatch.setattr("core.usecases.analyse_file", removed_meanwhile)
    opened(tab, recordings["heath_ledger.mp3"])
    assert nothing(tab.work.score("ana.1"))
    assert ended.wait(PATIENCE_S)


def test_what_was_asked_before_another_detector_is_not_shown(
    tab: AnalyseTab, recordings: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    scored(tab, recordings["heath_ledger.mp3"])
    monkeypatch.setattr("core.usecases.explain_clip", lambda *_, **__: endless())
    tab.work.choose("ana.1", "cnn2d-lfcc")
    explaining = tab.work.explain("ana.1", False, 0.5)
    next(explaining)
    asked = tab.work.choose("ana.1", "cae-lfcc")
    method = asked[tab.frames.method]
    assert (asked[tab.frames.detector], method.value) == ("cae-lfcc", method.choices[0][0])
    assert "Looking for what cae-lfcc relies on" in asked[tab.frames.receipt]
    assert list(explaining) == []
    monkeypatch.undo()
    last(tab.work.explain("ana.1", False, 0.5))
    recording = tab.visits.current("ana.1")
    assert recording is not None
    assert recording.explanation is not None
    assert recording.explanation.detector == "cae-lfcc"


def test_a_page_loaded_anew_shows_the_same_again(tab: AnalyseTab, recordings: dict[str, Path]) -> None:
    shown = scored(tab, recordings["heath_ledger.mp3"])
    last(tab.work.explain("ana.1", False, 0.5))
    again = last(tab.opening.restore("ana.1", False))
    assert "heath_ledger.mp3" in again[tab.frames.record]
    assert again[tab.frames.detector].value == shown[tab.frames.detector].value
    assert "evidence" in {trace.name for trace in again[tab.frames.plot].data}
    assert nothing(tab.opening.restore("ben.1", False))


def test_a_recording_whose_page_was_left_is_scored_when_it_is_loaded_anew(
    tab: AnalyseTab, recordings: dict[str, Path]
) -> None:
    opened(tab, recordings["heath_ledger.mp3"])
    left = tab.work.score("ana.1")
    left.close()
    assert "Reading heath_ledger.mp3" in last(tab.opening.restore("ana.1", False))[tab.frames.verdict]
    assert "ss-badge" in last(tab.work.score("ana.1"))[tab.frames.verdict]


def test_the_others_are_scored_when_asked_and_do_not_move_the_verdict(
    tab: AnalyseTab, recordings: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    others = ("one-more", "and-another")
    monkeypatch.setattr(tab.context.resources, "_panel", panel_with_others(tab.context.resources, others))
    shown = scored(tab, recordings["heath_ledger.mp3"])
    recording = tab.visits.current("ana.1")
    assert recording is not None
    assert recording.analysis is not None
    before = recording.analysis
    assert shown[tab.frames.others].value.startswith("Score the 2 others too (about ")
    assert set(before.detectors) == set(tab.context.resources.panel.members)
    tab.work.start_or_stop("ana.1")
    steps = list(tab.work.score_others("ana.1"))
    labels = [step[tab.frames.others].value for step in steps]
    assert any(label.startswith("Stop: 1 of 2 others scored, about ") for label in labels)
    assert steps[-1][tab.frames.others].value == "All others are scored"
    assert list(recording.analysis.detectors) == [*before.detectors, *others]
    assert (recording.analysis.score, recording.analysis.verdict) == (before.score, before.verdict)
    tab.work.choose("ana.1", "one-more")
    last(tab.work.explain("ana.1", False, 0.5))
    assert recording.explanation is not None
    assert recording.explanation.detector == "one-more"


def test_scoring_the_others_can_be_stopped(
    tab: AnalyseTab, recordings: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    others = ("one-more", "and-another")
    monkeypatch.setattr(tab.context.resources, "_panel", panel_with_others(tab.context.resources, others))
    scored(tab, recordings["heath_ledger.mp3"])
    tab.work.start_or_stop("ana.1")
    recording = tab.visits.current("ana.1")
    assert recording is not None
    steps = tab.work.score_others("ana.1")
    while recording.analysis is None or "one-more" not in recording.analysis.detectors:
        next(steps)
    tab.work.start_or_stop("ana.1")
    assert last(steps)[tab.frames.others].value.startswith("Score the other one too (about ")
    assert "and-another" not in recording.analysis.detectors


@pytest.mark.parametrize("work", ["others", "error map", "evidence"])
def test_the_cross_ends_what_is_in_the_midst_of_it(
    tab: AnalyseTab, recordings: dict[str, Path], monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    resources, ended = tab.context.resources, threading.Event()
    monkeypatch.setattr(resources, "_panel", panel_with_others(resources, ["one-more"]))
    scored(tab, recordings["heath_ledger.mp3"])

    for name in ("core.usecases.add_detectors", "core.usecases.reconstruct_clip", "core.usecases.explain_clip"):
        monkeypatch.setattr(name, lambda *_, **__: endless(ended))
    tab.work.start_or_stop("ana.1")
    begin: dict[str, Callable[[], Iterator[Any]]] = {
        "others": lambda: tab.work.score_others("ana.1"),
        "error map": lambda: tab.work.rebuild("ana.1", False),
        "evidence": lambda: tab.work.explain("ana.1", False, 0.5),
    }
    steps = begin[work]()
    next(steps), next(steps)
    assert not ended.is_set()
    tab.opening.remove("ana.2", False)
    list(steps)
    assert ended.wait(PATIENCE_S)


def test_those_that_ship_without_being_in_the_panel_are_loaded_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recordings: dict[str, Path]
) -> None:
    torch.manual_seed(0)
    for name in ("a", "b", "c"):
        save_checkpoint(tmp_path / name, NETWORKS.get("cnn2d-lfcc")().eval(), untrained(name, "cnn2d-lfcc"))
    fusion = {"members": {"a": 1.0}, "calibration": {"slope": 1.0, "intercept": 0.0}, "decision": {}}
    (tmp_path / "panel.json").write_text(json.dumps(fusion))
    (tmp_path / "c" / "model.safetensors").write_bytes(b"damaged")
    monkeypatch.setattr("core.detectors.checkpoint.SHIPPED", tmp_path)
    shipped = Resources()
    assert (shipped.panel.members, shipped.panel.others) == (("a",), ("b", "c"))
    analysis = analyse_file(recordings["heath_ledger.mp3"], shipped.panel)
    assert shipped.panel.detectors.loaded == ["a"]
    # One that is damaged is passed over.
    found = [list(each.detectors) for each in score_others(analysis, shipped.panel, watch=Watch(), pace=Pace())]
    assert found[-1] == ["a", "b"]
    assert shipped.detector("b").name == "b"
    with pytest.raises(CheckpointError, match="does not match the digest"):
        shipped.detector("c")
    with pytest.raises(CheckpointError, match="d is not among the detectors"):
        shipped.detector("d")
    assert Resources([tmp_path / "a"]).panel.others == ()


def test_scoring_begins_when_the_recording_comes_and_the_verdict_is_shown_before_the_picture(
    tab: AnalyseTab, recordings: dict[str, Path]
) -> None:
    busy = opened(tab, recordings["heath_ledger.mp3"])
    recording = tab.visits.current("ana.1")
    assert recording is not None
    assert busy[tab.frames.plot] == gr.skip()
    assert recording.answer is not None
    assert tab.work.picture("ana.1", False) == gr.skip()
    *_, first = tab.work.score("ana.1")
    assert "ss-badge" in first[tab.frames.verdict]
    assert set(first) == set(tab.frames.scored)
    assert set(tab.work.picture("ana.1", False)) == set(tab.frames.pictured)
    # The browser draws a figure in many times the time of a verdict: it gets it once.
    assert tab.work.picture("ana.1", False) == gr.skip()


def test_where_nobody_speaks_there_is_no_verdict_and_nothing_is_explained(tab: AnalyseTab, tmp_path: Path) -> None:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE)
    soundfile.write(tmp_path / "tone.wav", tone, SAMPLE_RATE)
    shown = scored(tab, tmp_path / "tone.wav")
    assert "No verdict" in shown[tab.frames.verdict]
    assert "no speech was found" in shown[tab.frames.verdict]
    assert "ss-gauge" not in shown[tab.frames.verdict]
    assert "ss-row" not in shown[tab.frames.panel]
    assert "panel" not in {trace.name for trace in shown[tab.frames.plot].data}
    assert "No verdict" in shown[tab.frames.plot].layout.annotations[0].text
    assert shown[tab.frames.others].visible is False
    assert nothing(tab.work.explain("ana.1", False, 0.5))


def test_a_refused_file_is_told_in_the_verdicts_place(tab: AnalyseTab, tmp_path: Path) -> None:
    (tmp_path / "note.wav").write_text("this is no sound")
    shown = scored(tab, tmp_path / "note.wav")
    assert 'role="alert"' in shown[tab.frames.verdict]
    assert "note.wav" in shown[tab.frames.verdict]
    assert "Traceback" not in shown[tab.frames.verdict]
    assert tab.visits.current("ana.1") is None


def test_missing_checkpoints_are_told_not_thrown(tab: AnalyseTab, recordings: dict[str, Path]) -> None:
    tab.opening.resources = Resources([])
    assert 'role="alert"' in scored(tab, recordings["heath_ledger.mp3"])[tab.frames.verdict]


def test_only_what_was_uploaded_is_opened(tab: AnalyseTab, recordings: dict[str, Path]) -> None:
    asked: Any = SimpleNamespace(stored=str(recordings["heath_ledger.mp3"]), name="heath_ledger.mp3")
    shown = tab.opening.upload("ana.1", False, asked)
    assert "was not uploaded here" in shown[tab.frames.verdict]
    assert tab.visits.current("ana.1") is None


def test_a_clip_of_another_tab_is_told_where_its_recording_is_not_here(tab: AnalyseTab) -> None:
    shown = tab.opening.clip("ana.1", False, opening("a/clip.flac"))
    assert "The recording of a/clip.flac is not on this machine" in shown[tab.frames.verdict]
    assert tab.opening.clip("ana.1", False, opening(None)) == gr.skip()


@pytest.mark.parametrize(
    ("label", "system", "words"),
    [
        ("spoof", "griffin-lim", "Label: spoof (griffin-lim)"), ("spoof", "-", "Label: spoof<"),
        ("bonafide", "-", "Label: bona fide"), ("-", "-", "No label"), ("", "", "No label"),
    ],
)  # fmt: skip
def test_a_clip_of_another_tab_shows_what_it_really_is(
    tab: AnalyseTab, recordings: dict[str, Path], monkeypatch: pytest.MonkeyPatch, label: str, system: str, words: str
) -> None:
    monkeypatch.setattr(tab.context.resources, "locate", lambda path, choice: recordings["heath_ledger.mp3"])
    monkeypatch.setattr(tab.context.resources, "label_of", lambda path, choice="": (label, system))
    tab.opening.clip("ana.1", False, opening("a/clip.flac"))
    assert words in last(tab.work.score("ana.1"))[tab.frames.record]


def test_each_opening_of_a_clip_is_an_event_of_its_own() -> None:
    first, second = opening("a clip.flac"), opening("a clip.flac")
    assert first != second
    assert requested(first) == requested(second) == "a clip.flac"
    assert (opening(""), requested(""), requested(None)) == ("", "", "")


# -- maps that the lab measured ------------------------------------------------------------------------------


@pytest.fixture
def measured(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """A function that says what the lab found of cnn2d-lfcc: a default method, or none."""
    found = Finding(clips=80, hits=71, unplanted_hits=9, mass=0.6, factor=3.1, low=2.7, high=3.5, cpu_s=0.2)

    def keep(default: str | None) -> None:
        sha256 = resources.detector("cnn2d-lfcc").card.sha256
        record = Earned(
            sha256=sha256, default=default, reason="" if default else "its best kind of map is no better than chance.",
            methods={"occlusion": {"second": found}},
        )  # fmt: skip
        monkeypatch.setattr("core.explain.earned.read_maps", lambda: Maps(detectors={"cnn2d-lfcc": record}))

    return keep


def test_beside_a_map_stands_how_often_such_maps_found_what_was_planted(
    tab: AnalyseTab, recordings: dict[str, Path], measured: Callable[[str | None], None]
) -> None:
    measured("occlusion")
    scored(tab, recordings["heath_ledger.mp3"])
    asked = tab.work.choose("ana.1", "cnn2d-lfcc")
    assert asked[tab.frames.method].value == "occlusion"
    shown = last(tab.work.explain("ana.1", False, 0.5))
    sentence = "found the planted second in 71 of 80 clips; unplanted it points there by chance in 9."
    assert sentence in shown[tab.frames.receipt]
    tab.work.choose("ana.1", "cae-lfcc")
    assert sentence not in last(tab.work.explain("ana.1", False, 0.5))[tab.frames.receipt]


def test_a_detector_at_chance_shows_no_map_by_default_says_why_and_can_be_asked(
    tab: AnalyseTab, recordings: dict[str, Path], measured: Callable[[str | None], None]
) -> None:
    frames = tab.frames
    measured(None)
    scored(tab, recordings["heath_ledger.mp3"])
    tab.work.choose("ana.1", "cae-lfcc")
    assert "evidence" in {trace.name for trace in last(tab.work.explain("ana.1", False, 0.5))[frames.plot].data}
    asked = tab.work.choose("ana.1", "cnn2d-lfcc")
    assert "no better than chance" in asked[frames.receipt]
    assert asked[frames.method].value == ""
    assert asked[frames.method].choices[0] == ("none by default", "")
    shown = last(tab.work.explain("ana.1", False, 0.5))
    assert "evidence" not in {trace.name for trace in shown[frames.plot].data}, "the other detector's map stays"
    assert "no better than chance" in shown[frames.receipt]
    assert shown[frames.head].count("<button") == 1
    tab.work.choose("ana.1", "cnn2d-lfcc", "occlusion")
    assert "evidence" in {trace.name for trace in last(tab.work.explain("ana.1", False, 0.5))[frames.plot].data}


def test_kinds_of_place_are_taken_out_when_asked_and_go_with_their_map(
    tab: AnalyseTab, recordings: dict[str, Path]
) -> None:
    frames = tab.frames
    scored(tab, recordings["heath_ledger.mp3"])
    assert nothing(tab.work.sort("ana.1")), "there is no map yet"
    tab.work.choose("ana.1", "cnn2d-lfcc")
    assert last(tab.work.explain("ana.1", False, 0.5))[frames.ask_cues].visible is True
    busy, *_, shown = tab.work.sort("ana.1")
    assert "Each kind of place is taken out" in busy[frames.cues]
    assert shown[frames.cues].count("<tr>") == 1 + len(CUES)
    assert shown[frames.cues].count("<audio") == shown[frames.cues].count('aria-label="Play ') > 2
    assert shown[frames.ask_cues].visible is False
    assert "<table" in last(tab.opening.restore("ana.1", False))[frames.cues]
    assert "<table" not in tab.work.choose("ana.1", "cae-lfcc")[frames.cues]
