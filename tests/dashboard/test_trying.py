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

from core.usecases import analyse_clip
from core.watch import report
from dashboard.components.analyse_frames import lay_out
from dashboard.components.tried import boxes_result
from dashboard.context import Context, Resources
from dashboard.trials import Trial
from dashboard.views.analyse import AnalyseTab
from dashboard.visits import Recording
from tests.dashboard.small_panel import NAMES, clip_of, small_panel

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
        made = AnalyseTab(Context(resources, gr.Checkbox(), gr.Textbox(), tabs, own, page), lay_out())
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
    first, *_, last = (step[tab.frames.tried] for step in press(tab, "boxes", [BOX]))
    assert first.count("<audio") == 2
    assert 'data-from="1.000"' in first
    assert "<table" not in first
    assert last.count("<audio") == 2
    rows = re.findall(r"<tr[^>]*><th>([^<]*)</th><td class=\"n\">([0-9.]+)", last)
    assert [name for name, _ in rows] == ["Panel", *NAMES]
    assert float(rows[0][1]) == pytest.approx(analysis.p_spoof, abs=0.005)
    assert "<table" in tab.work.draw.tried(tab.visits.current("ana.1"))[tab.frames.tried]  # type: ignore[arg-type]


@pytest.mark.parametrize("boxes", [None, [], "x", [{"start_s": "a"}]])
def test_boxes_that_make_no_sense_are_answered_in_words(tab: AnalyseTab, boxes: Any) -> None:
    (shown,) = press(tab, "boxes", boxes)
    assert 'role="alert"' in shown[tab.frames.tried]


def test_nothing_is_tried_on_another_recording_than_the_one_that_is_shown(tab: AnalyseTab) -> None:
    assert list(press(tab, "boxes", [BOX], "ana.2")) == [gr.skip()]
    recording = tab.visits.current("ana.1")
    assert recording is not None
    assert not recording.trials.boxes.running


WORK = {"boxes": "core.tried.try_out"}


@pytest.mark.parametrize("what", WORK)
@pytest.mark.parametrize("end", ["stop", "cross"])
def test_what_is_tried_ends_when_it_is_stopped_or_the_recording_is_removed(
    tab: AnalyseTab, monkeypatch: pytest.MonkeyPatch, what: str, end: str
) -> None:
    begun, ended = threading.Event(), threading.Event()
    monkeypatch.setattr(WORK[what], lambda *_, **__: endless(begun, ended))
    steps = press(tab, what, [BOX])
    shown = next(steps)
    assert any(f'data-trial="{what} stop"' in str(value) for value in shown.values())
    next(steps)
    assert begun.wait(10)
    if end == "stop":
        leave(tab, what)
    else:
        tab.opening.remove("ana.2", False)
    rest = list(steps)
    assert ended.wait(10)
    if end == "stop":
        assert f'data-trial="{what} stop"' not in str(list(rest[-1].values()))
    recording = tab.visits.current("ana.1")
    assert recording is None or not getattr(recording.trials, what).running


def test_without_a_verdict_there_is_nothing_to_try() -> None:
    assert "nothing to try" in boxes_result(Trial(), askable=False)
