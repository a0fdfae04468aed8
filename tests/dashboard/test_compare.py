"""Several recordings on *Analyse*: they become a list, and each is a press from its page."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
import soundfile

from core.nearest import Known, Nearest
from core.usecases import analyse_file
from dashboard.components.analyse_frames import lay_out
from dashboard.components.compare import list_frame, minutes_frame
from dashboard.components.nearest import nearest_frame
from dashboard.context import Resources
from dashboard.listing import Listing
from dashboard.plots.compare import overview_figure
from dashboard.views.analyse import AnalyseTab
from dashboard.visits import Recording
from tests.dashboard.small_panel import SAMPLE_RATE, context_of, small_panel
from tests.dashboard.test_listing import seen


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Resources:
    return small_panel(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture
def tab(resources: Resources) -> AnalyseTab:
    with gr.Blocks() as page, gr.Tabs() as tabs, gr.Tab() as own:
        return AnalyseTab(context_of(resources, tabs, own, page), lay_out())


@pytest.fixture
def uploads(tab: AnalyseTab, tmp_path: Path, speech: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Two recordings and a letter, as if they had been uploaded."""
    monkeypatch.setattr(tab.frames.drop, "GRADIO_CACHE", str(tmp_path))
    paths = {name: tmp_path / name for name in ("one.wav", "two.wav", "letter.txt")}
    soundfile.write(paths["one.wav"], speech, SAMPLE_RATE)
    soundfile.write(paths["two.wav"], speech[::-1], SAMPLE_RATE)
    paths["letter.txt"].write_text("Dear reader")
    return paths


def event(**asked: Any) -> Any:
    return SimpleNamespace(**asked)


def add(tab: AnalyseTab, path: Path, *, beside: bool = False) -> str:
    made = tab.comparing.add("ana.1", False, event(name=path.name, stored=str(path), beside=beside))
    return str(made[tab.comparing.frames.entries])


def worked(tab: AnalyseTab) -> dict[Any, Any]:
    """What stands in the frames when all that waits is scored."""
    frames: dict[Any, Any] = {}
    for step in tab.comparing.work("ana.1", False):
        frames |= step
    return frames


def act(tab: AnalyseTab, what: str, value: object = "") -> dict[Any, Any]:
    return tab.comparing.act("ana.1", False, event(what=what, value=str(value)))


def test_files_become_a_list_that_fills_as_each_is_scored(tab: AnalyseTab, uploads: dict[str, Path]) -> None:
    frames = tab.comparing.frames
    for path in uploads.values():
        waiting = add(tab, path)
    assert waiting.count("Waits for its turn") == 3
    shown = worked(tab)
    table = shown[frames.entries]
    assert "2 of 3 scored" in table
    assert "“letter.txt” is not audio" in table
    analysis = analyse_file(uploads["one.wav"], tab.context.resources.panel)
    assert f"{analysis.p_spoof:.2f}" in table
    assert str(analysis.verdict) in table
    assert shown[frames.pair].visible is True
    assert shown[frames.whole].visible is False
    # Whoever comes second finds nothing to do.
    assert list(tab.comparing.work("ana.1", False)) == [gr.skip()]


def test_a_recording_of_the_list_is_opened_as_the_only_one(tab: AnalyseTab, uploads: dict[str, Path]) -> None:
    add(tab, uploads["one.wav"])
    opened = tab.comparing.open("ana.2", False, event(value="1"))
    assert "Reading one.wav" in opened[tab.frames.verdict]
    current = tab.visits.current("ana.2")
    assert current is not None
    assert (current.path, current.span) == (uploads["one.wav"], None)
    current.stop()
    tab.comparing.open("ana.3", False, event(value="1", start="60.0", end="120.0"))
    current = tab.visits.current("ana.3")
    assert current is not None
    assert current.span == (60.0, 120.0)
    current.stop()
    uploads["one.wav"].unlink()
    assert "no longer on the server" in tab.comparing.open("ana.4", False, event(value="1"))[tab.frames.verdict]


def test_who_adds_a_second_finds_the_first_on_the_list_already(tab: AnalyseTab, uploads: dict[str, Path]) -> None:
    tab.opening.take(Recording("ana.1", uploads["one.wav"], "one.wav"), False)
    for _ in tab.work.score("ana.1"):
        pass
    table = add(tab, uploads["two.wav"], beside=True)
    assert table.index("one.wav") < table.index("two.wav")
    assert "1 of 2 scored" in table


def test_a_file_that_was_not_uploaded_is_not_opened(tab: AnalyseTab, uploads: dict[str, Path]) -> None:
    table = tab.comparing.add("ana.1", False, event(name="passwd", stored="/etc/passwd", beside=False))
    assert "It was not uploaded here" in table[tab.comparing.frames.entries]
    refused = tab.comparing.add("ana.1", False, event(name="b.wav", problem="It is empty.", beside=False))
    assert "It is empty." in refused[tab.comparing.frames.entries]


def test_what_is_cancelled_is_scored_when_it_is_asked_for(tab: AnalyseTab, uploads: dict[str, Path]) -> None:
    entries = tab.comparing.frames.entries
    add(tab, uploads["one.wav"])
    assert "Cancelled." in act(tab, "cancel")[entries]
    assert list(tab.comparing.work("ana.1", False)) == [gr.skip()]
    assert "Waits for its turn" in act(tab, "resume")[entries]
    assert "1 of 1 scored" in worked(tab)[entries]
    assert "Compare recordings" in act(tab, "forget", 1)[entries]
    assert not uploads["one.wav"].exists()


def test_neither_list_nor_visit_deletes_what_anybody_holds(tab: AnalyseTab, uploads: dict[str, Path]) -> None:
    path = uploads["one.wav"]
    add(tab, path)
    # Equal files are stored as one, whoever uploads them.
    tab.comparing.add("ben.1", False, event(name="ben.wav", stored=str(path), beside=False))
    for ticket, what in (("ana.2", "1"), ("ben.2", "1")):
        tab.comparing.open(ticket, False, event(value=what))
    tab.opening.remove("ana.3", False)
    assert path.exists(), "it is on both lists"
    act(tab, "forget", 1)
    tab.comparing.act("ben.1", False, event(what="clear", value=""))
    assert path.exists(), "it is open"
    tab.opening.remove("ben.3", False)
    assert not path.exists()


def test_more_than_a_visit_remembers_can_be_opened_from_a_list(tab: AnalyseTab, uploads: dict[str, Path]) -> None:
    paths = [uploads["letter.txt"].with_name(f"{number}.txt") for number in range(23)]
    for path in paths:
        path.write_text(path.name)
        add(tab, path)
    for number, path in enumerate(paths):
        tab.visits.begin(Recording(f"ana.{number + 2}", path, path.name, files={path}))
    assert len(tab.visits.past("ana.24")) == 20
    assert all(path.exists() for path in paths)


def test_a_file_of_this_machine_itself_is_not_deleted_by_way_of_the_list(
    tab: AnalyseTab, uploads: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tab.frames.drop, "GRADIO_CACHE", str(tmp_path / "elsewhere"))
    tab.comparing.lists.of("ana.1").add("example", uploads["one.wav"])
    tab.comparing.open("ana.2", False, event(value="1"))
    act(tab, "forget", 1)
    tab.opening.remove("ana.3", False)
    assert uploads["one.wav"].exists()


def test_uploads_that_wait_to_be_scored_are_kept_from_being_removed_as_old(
    tab: AnalyseTab, uploads: dict[str, Path]
) -> None:
    for name in ("one.wav", "two.wav"):
        os.utime(uploads[name], (0, 0))
        add(tab, uploads[name])
    steps = tab.comparing.work("ana.1", False)
    next(steps)
    assert all(uploads[name].stat().st_mtime > time.time() - 600 for name in ("one.wav", "two.wav"))
    steps.close()
    assert not tab.comparing.lists.of("ana.1").working


def test_a_list_is_seen_until_its_work_has_ended(tab: AnalyseTab, uploads: dict[str, Path]) -> None:
    clock = [0.0]
    tab.comparing.lists._now = lambda: clock[0]
    add(tab, uploads["letter.txt"])
    steps = tab.comparing.work("ana.1", False)
    next(steps)
    clock[0] = 9_000.0
    assert list(steps)
    clock[0] = 12_000.0
    tab.comparing.lists.of("ben.1")
    assert tab.comparing.lists.of("ana.1").entries


def test_of_a_part_no_case_is_made(tab: AnalyseTab, uploads: dict[str, Path], speech: np.ndarray) -> None:
    recording = Recording("ana.1", uploads["one.wav"], "one.wav", span=(0.0, 2.0))
    tab.visits.begin(recording)
    recording.analysis = analyse_file(uploads["one.wav"], tab.context.resources.panel, span=(0.0, 2.0))
    *_, shown = tab.keeping.keep("ana.1")
    assert "this is a part of one" in shown[tab.frames.kept]


def test_only_a_recording_longer_than_a_page_takes_is_scored_in_whole_unasked(
    tab: AnalyseTab, uploads: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tab.opening.take(Recording("ana.1", uploads["one.wav"], "one.wav"), False)
    for _ in tab.work.score("ana.1"):
        pass
    assert tab.comparing.take_long("ana.1", False) == gr.skip()
    monkeypatch.setattr("dashboard.comparing.DEFAULT_LIMITS", SimpleNamespace(keep_s=2.0))
    assert "Waits for its turn" in tab.comparing.take_long("ana.1", False)[tab.comparing.frames.entries]
    assert tab.comparing.take_long("ana.1", False) == gr.skip()


def test_a_name_cannot_break_out_of_the_list(tab: AnalyseTab) -> None:
    listing = Listing()
    listing.add('<b onclick="x">', Path("a.wav"), overview=seen('<b onclick="x">'))
    assert "<b onclick" not in list_frame(listing)
    figure = overview_figure([seen("<img src=x>")], dark=False)
    assert "<img" not in figure.layout.annotations[0].text


def test_two_recordings_share_one_axis_of_time_and_one_scale() -> None:
    figure = overview_figure([seen("a.wav", seconds=4), seen("b.wav", seconds=30, score=-2)], dark=True)
    assert figure.layout.xaxis.range == (0, 30)
    assert figure.layout.yaxis2.range == figure.layout.yaxis4.range
    assert {trace.yaxis for trace in figure.data} == {"y", "y2", "y3", "y4"}
    assert len({trace.xaxis for trace in figure.data}) == 1
    assert "a.wav, b.wav" in figure.layout.meta["summary"]
    long = overview_figure([seen("c.wav", seconds=1500)], dark=False)
    assert "5:00" in long.layout.xaxis.ticktext


def test_the_minutes_of_a_long_recording_lead_to_their_pages() -> None:
    listing = Listing()
    entry = listing.add("pod.mp3", Path("pod.mp3"), overview=seen("pod.mp3", seconds=1200))
    shown = minutes_frame(entry)
    assert shown.count('data-entry="1"') == 20
    assert 'data-start="60.0"' in shown
    assert "14 more minutes" in shown
    assert 'data-listed="minutes"' in list_frame(listing)
    assert minutes_frame(None) == ""


@pytest.fixture
def near() -> Iterator[Any]:
    def made(distance: float) -> Nearest:
        clips = (Known("eval/spoof/a.flac", "spoof", "hifi-gan", distance), Known("b.flac", "bonafide", "-", distance))
        return Nearest("localiser", clips, 914, 0.85, 0.62)

    yield made


def test_the_nearest_clips_are_named_and_played_where_their_sound_is_here(near: Any) -> None:
    shown = nearest_frame(near(0.4), {"b.flac": "gradio_api/file=b.wav"})
    assert "1 is spoofed and 1 bona fide" in shown
    assert "hifi-gan" in shown
    assert shown.count('data-play="known"') == 1
    assert "SPOOFSCOPE_CORPUS" in nearest_frame(near(0.4))
    assert "Unlike anything known" not in shown


def test_the_run_that_the_nearest_clips_are_of_is_named_and_nothing_is_stated_of_labels_they_lack(near: Any) -> None:
    assert "of the 914 clips of the run mine" in nearest_frame(near(0.4), whose="the run mine")
    found = near(0.4)
    bare = replace(
        found, label_rate=float("nan"), clips=tuple(replace(clip, label="-", system="-") for clip in found.clips)
    )
    shown = nearest_frame(bare)
    assert "has a label" in shown and shown.count("no label") == 2
    assert "with their own label" not in shown


def test_what_is_unlike_anything_known_is_called_so(near: Any) -> None:
    shown = nearest_frame(near(1.7))
    assert "Unlike anything known." in shown
    assert "1.7 times" in shown
