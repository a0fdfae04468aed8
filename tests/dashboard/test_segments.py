"""The timeline of a recording on the page: its line and boxes in the picture, its segments, its files, its verdict."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest

from core.analysis.verdict import BONAFIDE, NOT_SURE, PARTLY, SPOOFED
from core.detectors.score import WindowScore
from core.robustness.codec import Codec
from core.timeline.track import Timeline
from core.usecases import Analysis, analyse_clip
from dashboard.components.markup import SHAPES, class_of
from dashboard.components.segments import LISTED, segments_line
from dashboard.components.verdict import verdict_card
from dashboard.context import Resources
from dashboard.drawing import _segments
from dashboard.plots.clip import clip_figure
from dashboard.theme import LIGHT
from dashboard.visits import Recording
from tests.core.timeline.toy import rule
from tests.dashboard.small_panel import NAMES, clip_of, small_panel


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Resources:
    return small_panel(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture(scope="module")
def analysis(resources: Resources, speech_source: np.ndarray) -> Analysis:
    return analyse_clip(clip_of(speech_source), resources.panel)


def track(*segments: tuple[float, float], seconds: float = 4.0, llr: float = -3.0, **changes: Any) -> Timeline:
    """A timeline that is calm but for its segments, and silent in its last fifth of a second."""
    steps = np.full(round(seconds / 0.02), 2.0)
    for start, end in segments:
        steps[round(start / 0.02) : round(end / 0.02)] = llr
    steps[-10:] = np.nan
    marked = tuple(WindowScore(start, end, llr) for start, end in segments)
    return Timeline("toy", steps, 0.02, seconds, marked, rule(verdict_below=-2.0, **changes), True)


def partly(analysis: Analysis, found: Timeline) -> Analysis:
    return replace(analysis, verdict=PARTLY, localised=found, note="Probably spoofed in part: …")


# -- segments ------------------------------------------------------------------------------------------------


def test_each_segment_has_a_button_that_names_it() -> None:
    line = segments_line(track((0.5, 0.9), (3.1, 3.6)), "a.wav")
    assert re.findall(r'aria-label="(Segment[^"]*)"', line) == [
        "Segment 1: 0.5 to 0.9 s, P(spoof) 0.95, loop", "Segment 2: 3.1 to 3.6 s, P(spoof) 0.95, loop",
    ]  # fmt: skip
    assert re.findall(r'data-start="([\d.]+)" data-end="([\d.]+)" aria-pressed="false"', line) == [
        ("0.500", "0.900"), ("3.100", "3.600"),
    ]  # fmt: skip


def test_more_segments_than_a_person_reads_wait_behind_a_button() -> None:
    many = [(0.3 * place, 0.3 * place + 0.2) for place in range(LISTED + 3)]
    line = segments_line(track(*many), "a.wav")
    shown, _, waiting = line.partition("<details")
    assert shown.count("ss-loop") == LISTED
    assert waiting.partition("</details>")[0].count("ss-loop") == 3
    assert "3 more" in waiting


def test_no_segment_is_said_in_words_and_has_no_files() -> None:
    line = segments_line(track(), "a.wav")
    assert "No segment is marked by toy, 20 ms by 20 ms." in line.striptags()
    assert "download=" not in line
    assert segments_line(None, "a.wav") == ""


def files_in(line: str) -> dict[str, str]:
    return {name: unquote(text) for text, name in re.findall(r'charset=utf-8,([^"]*)" download="([^"]*)"', line)}


def test_the_files_hold_the_segments() -> None:
    line = segments_line(track((3.1, 3.6)), "a.wav")
    files = files_in(line)
    assert list(files) == ["a.rttm", "a.txt", "a.TextGrid"]
    assert files["a.rttm"] == "SPEAKER a 1 3.100 0.500 <NA> <NA> spoof 0.953 <NA>\n"
    assert files["a.txt"] == "3.100000\t3.600000\tspoof 0.95\n"
    assert "size = 1" in files["a.TextGrid"]
    assert "saved as" not in line


def test_the_files_of_a_part_hold_the_times_of_the_whole_recording(analysis: Analysis) -> None:
    part = replace(analysis.clip, name="call.mp3, 5:00 to 5:04")
    found = replace(partly(analysis, track((3.1, 3.6))), clip=part)
    recording = Recording("ana.1", Path("call.mp3"), "call.mp3", span=(300.0, 304.0), analysis=found)
    line = _segments(recording)
    files = files_in(line)
    assert files["call.rttm"] == "SPEAKER call 1 303.100 0.500 <NA> <NA> spoof 0.953 <NA>\n"
    assert files["call.txt"] == "303.100000\t303.600000\tspoof 0.95\n"
    assert 'xmin = 303.100000\n            xmax = 303.600000\n            text = "spoof 0.95"' in files["call.TextGrid"]
    assert "times of the whole recording" in line.striptags()
    # What is played is the part.
    assert 'data-start="3.100"' in line


def test_a_name_with_blanks_is_made_safe_and_said() -> None:
    line = segments_line(track((3.1, 3.6)), 'my <b>"talk".wav')
    assert 'download="my_&lt;b&gt;_talk_.rttm"' in line
    assert "saved as my_<b>_talk_: RTTM takes no blanks" in line.striptags()
    assert "<b>_" not in line


# -- the verdict ---------------------------------------------------------------------------------------------


def test_spoofed_in_part_is_a_verdict_with_a_shape_and_a_colour_of_its_own(analysis: Analysis) -> None:
    others = {name: SHAPES[name] for name in ("spoof", "bonafide", "unsure")}
    assert class_of(PARTLY) == "partly"
    assert SHAPES["partly"] not in others.values()
    assert LIGHT.partly not in {getattr(LIGHT, name) for name in others}
    card = verdict_card(partly(analysis, track((3.1, 3.6))), members=NAMES)
    assert f'ss-badge ss-partly"><i aria-hidden="true">{SHAPES["partly"]}</i>' in card
    assert "Probably spoofed in part: 3.1 to 3.6 s" in card.striptags()


def test_the_number_beside_it_is_the_parts_and_the_whole_clips_is_said(analysis: Analysis) -> None:
    card = verdict_card(partly(analysis, track((3.1, 3.6))), members=NAMES)
    assert re.search(r'ss-big">0\.95<.*of that part', card)
    assert f"As a whole the clip has P(spoof) {analysis.p_spoof:.2f}." in card
    assert re.search(r'ss-parts" role="img" aria-label="Marked: 3.1 to 3.6 s of 4.0 s"><i style="left:77.50%', card)
    assert "of the surest part" in verdict_card(partly(analysis, track((1.0, 1.5), (3.1, 3.6))), members=NAMES)


def test_the_numbers_on_the_segments_buttons_are_named(analysis: Analysis) -> None:
    assert "Marked, with P(spoof)" in segments_line(track((3.1, 3.6))).striptags()


def test_a_part_that_is_not_sure_enough_for_a_verdict_is_not_in_it(analysis: Analysis) -> None:
    found = track((3.1, 3.6))
    unsure = replace(found, segments=(WindowScore(1.0, 1.4, -1.5), *found.segments))
    card = verdict_card(partly(analysis, unsure), members=NAMES)
    assert "in part: 3.1 to 3.6 s" in card.striptags()
    assert "1.0 to 1.4" not in card


def test_the_verdict_on_parts_says_how_often_bona_fide_clips_are_marked(analysis: Analysis) -> None:
    found = track((3.1, 3.6), false_mark_rate=0.02, basis="some spliced clips")
    said = verdict_card(partly(analysis, found), members=NAMES).striptags()
    assert "marks these segments, as it does in 2.0 % of bona fide clips of a few seconds (some spliced clips)." in said
    assert "as it does" not in verdict_card(partly(analysis, track((3.1, 3.6))), members=NAMES)
    after = replace(partly(analysis, found), codec=Codec("Opus", marks="as Opus, 17 % of real speech has such a mark"))
    assert "(some spliced clips) · as Opus, 17 % of" in verdict_card(after, members=NAMES).striptags()


def test_marks_that_come_by_chance_are_said_to(analysis: Analysis) -> None:
    found = track((3.1, 3.6), (20.0, 20.5), seconds=600.0, false_mark_rate=0.045, counted_s=3.1, basis="some clips")
    words = "genuine speech of this length has about 9 such marks by mistake"
    in_part = verdict_card(partly(analysis, found), members=NAMES).striptags()
    assert f"of a few seconds; {words} (some clips)" in in_part
    for verdict, is_said in ((BONAFIDE, True), (NOT_SURE, True), (SPOOFED, False)):
        own = replace(analysis, verdict=verdict, localised=found)
        said = verdict_card(own, members=NAMES).striptags()
        assert (f"What toy marks may be chance: {words}." in said) is is_said
    calm = replace(analysis, verdict=BONAFIDE, localised=replace(found, segments=()))
    assert "chance" not in verdict_card(calm, members=NAMES)


# -- the picture ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
def test_the_timeline_stands_in_place_of_one_value_a_second(analysis: Analysis, dark: bool) -> None:
    figure = clip_figure(replace(analysis, localised=track((3.1, 3.6))), dark=dark, detector=NAMES[0])
    lines = {trace.name: trace for trace in figure.data}
    assert "panel" not in lines
    line = lines["timeline"]
    assert (line.yaxis, line.x0, line.dx, len(line.y)) == ("y2", 0, 0.02, 200)
    assert line.y[160] == pytest.approx(0.953)
    assert line.y[-1] is None, "nothing is scored in digital silence"
    assert "panel" in {trace.name for trace in clip_figure(analysis, dark=dark).data}


def test_segments_are_boxes_on_the_same_axis_numbered_as_their_buttons(analysis: Analysis) -> None:
    figure = clip_figure(replace(analysis, localised=track((0.5, 0.9), (3.1, 3.6))), dark=False)
    boxes = [shape for shape in figure.layout.shapes if shape.name == "segment"]
    assert [(box.x0, box.x1, box.xref, box.yref) for box in boxes] == [(0.5, 0.9, "x", "y2"), (3.1, 3.6, "x", "y2")]
    numbers = [(note.text, note.x) for note in figure.layout.annotations if note.yref == "y2"]
    assert numbers == [("<b>1</b>", 0.5), ("<b>2</b>", 3.1)]


def test_the_line_from_which_a_segment_is_marked_is_drawn(analysis: Analysis) -> None:
    figure = clip_figure(replace(analysis, localised=track(mark_below=-1.0)), dark=False)
    dashed = [shape.y0 for shape in figure.layout.shapes if shape.line.dash == "4px,3px"]
    assert dashed == [pytest.approx(1 / (1 + np.exp(-1.0)))]
    assert any("marked above" in note.text for note in figure.layout.annotations)


def test_the_windows_of_the_detector_that_draws_the_line_are_told_from_it_in_the_legend(analysis: Analysis) -> None:
    name = next(iter(analysis.detectors))
    localised = replace(analysis, localised=replace(track(), detector=name))
    legend = [note.text for note in clip_figure(localised, dark=False, detector=name).layout.annotations]
    lines = [text for text in legend if text.endswith((name, "its windows"))]
    assert lines == [f"<b>—</b> {name}", "<b>—</b> its windows"]


def test_a_short_segment_of_a_long_recording_stays_in_the_picture(analysis: Analysis) -> None:
    long = np.tile(analysis.clip.waveform, 150)
    found = replace(analysis, clip=clip_of(long), localised=track((301.0, 301.1), seconds=600.0, llr=-9.0))
    figure = clip_figure(found, dark=False)
    (line,) = [trace for trace in figure.data if trace.name == "timeline"]
    assert len(line.y) <= 1500
    assert max(value for value in line.y if value is not None) > 0.99
    assert line.dx * len(line.y) == pytest.approx(600.0, abs=line.dx)
    assert len(figure.to_json()) < 1_000_000


def test_where_nobody_speaks_no_segment_is_shown(analysis: Analysis) -> None:
    silent = replace(analysis, verdict=None, note="No verdict: …", localised=track((3.1, 3.6)))
    assert "segment" not in {shape.name for shape in clip_figure(silent, dark=False).layout.shapes}
