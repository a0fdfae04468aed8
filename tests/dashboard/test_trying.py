"""Try the verdict: what is pressed is tried on the recording that is shown, and ends with it."""

import itertools
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
import soundfile

from core.analysis.verdict import NOT_SURE, SPOOFED, Decision
from core.robustness import Flip, Held, Moved, taken_and_left
from core.usecases import analyse_clip
from core.watch import report
from dashboard.components.analyse_frames import lay_out
from dashboard.components.tried import boxes_result
from dashboard.context import Resources
from dashboard.sound import files_of
from dashboard.trials import Trial
from dashboard.views.analyse import AnalyseTab
from dashboard.visits import Recording
from tests.dashboard.small_panel import NAMES, clip_of, context_of, small_panel

BOX = {"start_s": 1.0, "end_s": 2.0, "low_hz": 0.0, "high_hz": 4000.0}


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Resources:
    return small_panel(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture(scope="module")
def analysis(resources: Resources, speech_source: np.ndarray) -> Any:
    return analyse_clip(clip_of(speech_source), resources.panel)


@pytest.fixture
def tab(resources: Resources, analysis: Any) -> AnalyseTab:
    with gr.Blocks() as page, gr.Tabs() as tabs, gr.Tab() as own:
        made = AnalyseTab(context_of(resources, tabs, own, page), lay_out())
    recording = Recording("ana.1", Path("a.wav"), "a.wav")
    recording.analysis = analysis
    made.visits.begin(recording)
    return made


def press(tab: AnalyseTab, what: str, boxes: Any = None, ticket: str = "ana.1") -> Iterator[Any]:
    asked: Any = SimpleNamespace(what=what, boxes=boxes)
    return tab.trying.ask(ticket, asked)


def leave(tab: AnalyseTab, what: str) -> None:
    asked: Any = SimpleNamespace(what=what)
    tab.trying.stop("ana.1", asked)


def endless(begun: threading.Event, ended: threading.Event) -> Any:
    """Work that goes on until somebody stops it."""
    begun.set()
    try:
        for done in itertools.count():
            time.sleep(0.001)
            report(done, done + 1)
    finally:
        ended.set()


def test_a_box_is_played_at_once_then_every_member_is_scored_again(tab: AnalyseTab, analysis: Any) -> None:
    first, *_, last = press(tab, "boxes", [BOX])
    sounds, last = first[tab.frames.box_sounds], last[tab.frames.tried]
    assert set(first) == {tab.frames.box_sounds}, "what is played is not drawn anew with each step"
    assert sounds.count("<audio") == 2
    assert 'data-from="1.000"' in sounds
    rows = re.findall(r"<tr[^>]*><th>([^<]*)</th><td class=\"n\">([0-9.]+)", last)
    assert [name for name, _ in rows] == ["Panel", *NAMES]
    assert float(rows[0][1]) == pytest.approx(analysis.p_spoof, abs=0.005)
    again = tab.work.draw.tried("ana.1", tab.visits.current("ana.1"))
    assert again[tab.frames.tried] == last
    assert again[tab.frames.box_sounds] == sounds


def moved(before: float, after: float) -> Moved:
    return Moved.of(before, after, Decision(spoof_below=-1.0, bonafide_above=1.0))


HELD = (
    Held("a", "Telephone band", "", moved(3.0, -3.0), dict.fromkeys(NAMES, moved(2.0, -2.0)), "It rests on <one>."),
    Held("b", "Room", "", moved(3.0, 2.5), dict.fromkeys(NAMES, moved(2.0, 2.0))),
    Held("c", "AAC", "", None, {}, why_not="there is no ffmpeg."),
)


def test_for_each_processing_stands_how_panel_and_members_move(
    tab: AnalyseTab, analysis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr("core.robustness.does_it_hold", lambda panel, waveform, **more: asked.update(more) or HELD)
    assert 'data-trial="hold"' in tab.work.draw.tried("ana.1", tab.visits.current("ana.1"))[tab.frames.held]
    *_, shown = press(tab, "hold")
    assert set(shown) == {tab.frames.held}
    assert asked["scores"] == {name: analysis.detectors[name].score for name in NAMES}
    html = shown[tab.frames.held]
    assert "It does not hold: after 1 of 2 processings the verdict is no longer probably bona fide" in html
    assert "(P(spoof) 0.05, then 0.08 to 0.95)" in html
    assert "It rests on &lt;one&gt;." in html
    assert "Not tried: there is no ffmpeg." in html
    telephone = re.findall(r'<td class="n">([0-9.]+) .*?<small[^>]*>(.[0-9.]+)<', html.split("</tr>")[1])
    assert telephone == [("0.95", "+0.91"), ("0.88", "+0.76"), ("0.88", "+0.76")]


def test_the_smallest_removal_is_shown_where_it_lies_and_played(
    tab: AnalyseTab, analysis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mask = np.zeros((257, 1 + len(analysis.clip.waveform) // 160), dtype=bool)
    mask[0:16, 100:120] = True
    flip = Flip(True, mask, 0.05, SPOOFED, NOT_SURE, -2.0, -0.5, (-1.9,), 0)
    monkeypatch.setattr("core.robustness.smallest_flip", lambda *_, **__: flip)
    *_, shown = press(tab, "flip")
    html = shown[tab.frames.flipped]
    assert flip.sentence in html
    assert html.count("<audio") == 2
    recording = tab.visits.current("ana.1")
    assert recording is not None
    (left,) = files_of([recording.trials.flip.sounds["left"]])
    played, _ = soundfile.read(left, dtype="float32")
    np.testing.assert_allclose(played, taken_and_left(analysis.clip.waveform, mask)[1], atol=1e-4)
    # Two rows of cells of 250 Hz, each from 1.0 to 1.2 s, at the foot of 32.
    assert 'd="M10 31h2v1h-2z M10 30h2v1h-2z"' in html


@pytest.mark.parametrize("boxes", [None, [], "x", [{"start_s": "a"}]])
def test_boxes_that_make_no_sense_are_answered_in_words(tab: AnalyseTab, boxes: Any) -> None:
    (shown,) = press(tab, "boxes", boxes)
    assert "<audio" not in shown[tab.frames.box_sounds]
    assert 'role="alert"' in shown[tab.frames.tried]


def test_nothing_is_tried_on_another_recording_than_the_one_that_is_shown(tab: AnalyseTab) -> None:
    assert list(press(tab, "boxes", [BOX], "ana.2")) == [gr.skip()]
    recording = tab.visits.current("ana.1")
    assert recording is not None
    assert not recording.trials.boxes.running


WORK = {
    "boxes": "core.tried.try_out", "hold": "core.robustness.does_it_hold", "flip": "core.robustness.smallest_flip",
}  # fmt: skip


@pytest.mark.parametrize("what", WORK)
@pytest.mark.parametrize("end", ["stop", "cross"])
def test_what_is_tried_ends_when_it_is_stopped_or_the_recording_is_removed(
    tab: AnalyseTab, monkeypatch: pytest.MonkeyPatch, what: str, end: str
) -> None:
    begun, ended = threading.Event(), threading.Event()
    monkeypatch.setattr(WORK[what], lambda *_, **__: endless(begun, ended))
    steps = press(tab, what, [BOX])
    shown = next(steps) | next(steps)
    assert any(f'data-trial="{what} stop"' in str(value) for value in shown.values())
    next(steps)
    assert begun.wait(10)
    if end == "stop":
        leave(tab, what)
    else:
        tab.opening.remove("ana.2", False)
    *_, last = steps
    assert ended.wait(10)
    if end == "stop":
        assert f'data-trial="{what} stop"' not in str(list(last.values()))
    else:
        assert last == gr.skip(), "Gradio sends the last answer once more"
    recording = tab.visits.current("ana.1")
    assert recording is None or not getattr(recording.trials, what).running


def test_without_a_verdict_there_is_nothing_to_try() -> None:
    assert "nothing to try" in boxes_result(Trial(), askable=False)
