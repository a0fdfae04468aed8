"""What is written, read back: RTTM as pyannote reads it, labels and TextGrid by their own grammar."""

import io
import re

import numpy as np
import pandas as pd
import pytest

from core.detectors.score import WindowScore
from core.timeline.formats import audacity_text, rttm_text, safe_name, textgrid_text
from core.timeline.track import Timeline
from tests.core.timeline.toy import rule


def made(*segments, silence=(), duration_s=5.0):
    llr = np.ones(round(duration_s / 0.02))
    for start, stop in silence:
        llr[round(start / 0.02) : round(stop / 0.02)] = np.nan
    marked = tuple(WindowScore(start, end, -2.0) for start, end in segments)
    return Timeline("toy", llr, 0.02, duration_s, marked, rule(), True)


def read_as_pyannote(text):
    """pyannote.database.util.load_rttm: these columns, these types, parted by blanks, missing values as pandas has."""
    names = ["NA1", "uri", "NA2", "start", "duration", "NA3", "NA4", "speaker", "NA5", "NA6"]
    types = {"uri": str, "start": float, "duration": float, "speaker": str}
    return pd.read_csv(io.StringIO(text), names=names, dtype=types, sep=r"\s+", keep_default_na=True)


@pytest.mark.parametrize("name", ['call 3 (final) "take"', "NA", "null", "", "007", "it's\tone", "grüße", "a\u2028b"])
def test_rttm_is_read_whatever_the_name(name):
    table = read_as_pyannote(rttm_text(made((1.0, 1.5), (3.0, 3.25)), name))
    assert table["uri"].tolist() == [safe_name(name)] * 2
    assert table["start"].tolist() == [1.0, 3.0]
    assert table["duration"].tolist() == [0.5, 0.25]
    assert table["speaker"].tolist() == ["spoof"] * 2
    assert table["NA5"].tolist() == pytest.approx([0.881] * 2), "the ninth field of RTTM is a confidence"


def test_a_plain_name_stays():
    assert safe_name("call-3_final.2") == "call-3_final.2"
    assert safe_name("two words") == "two_words"


def test_no_segment_is_an_empty_file():
    assert rttm_text(made(), "a") == audacity_text(made()) == ""


def test_audacity_labels():
    assert audacity_text(made((1.0, 1.5))) == "1.000000\t1.500000\tspoof 0.88\n"


def read_textgrid(text):
    """A strict reader of Praat's long text format with one tier of intervals."""
    lines = iter(text.splitlines())
    assert [next(lines) for _ in range(3)] == ['File type = "ooTextFile"', 'Object class = "TextGrid"', ""]
    head = [next(lines).strip() for _ in range(11)]
    assert head[:4] == ["xmin = 0", head[1], "tiers? <exists>", "size = 1"]
    assert head[4:7] == ["item []:", "item [1]:", 'class = "IntervalTier"'] and head[9] == head[1]
    count = int(re.fullmatch(r"intervals: size = (\d+)", head[10]).group(1))
    found = []
    for number in range(1, count + 1):
        assert next(lines).strip() == f"intervals [{number}]:"
        start, end = (float(next(lines).split("=")[1]) for _ in range(2))
        found.append((start, end, re.fullmatch(r'\s*text = "([^"]*)"', next(lines)).group(1)))
    assert list(lines) == []
    return float(head[1].split("=")[1]), found


def test_a_textgrid_covers_the_recording_without_a_gap():
    end_s, found = read_textgrid(textgrid_text(made((1.0, 1.5), (3.0, 5.0), silence=[(2.0, 2.8)])))
    assert end_s == 5.0
    assert found == [
        (0.0, 1.0, ""), (1.0, 1.5, "spoof 0.88"), (1.5, 2.0, ""), (2.0, 2.8, "digital silence"), (2.8, 3.0, ""),
        (3.0, 5.0, "spoof 0.88"),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_the_intervals_of_any_textgrid_are_a_partition(seed):
    rng = np.random.default_rng(seed)
    edges = np.sort(rng.uniform(0, 5, 8)).round(2)
    silence = [tuple(np.sort(rng.uniform(0, 5, 2)).round(2))]
    end_s, found = read_textgrid(textgrid_text(made(*zip(edges[::2], edges[1::2], strict=True), silence=silence)))
    assert found[0][0] == 0 and found[-1][1] == end_s
    assert [end for _, end, _ in found[:-1]] == [start for start, _, _ in found[1:]]
    assert all(end > start for start, end, _ in found)


def test_of_a_part_all_formats_hold_the_times_of_the_recording():
    part = made((1.0, 1.5))
    assert rttm_text(part, "a", from_s=300.0).split()[3:5] == ["301.000", "0.500"]
    assert audacity_text(part, from_s=300.0).startswith("301.000000\t301.500000\t")
    assert read_textgrid(textgrid_text(part, from_s=300.0)) == (305.0, [
        (0.0, 300.0, "not scored"), (300.0, 301.0, ""), (301.0, 301.5, "spoof 0.88"), (301.5, 305.0, ""),
    ])  # fmt: skip


def test_a_recording_without_segments_is_one_empty_interval():
    assert read_textgrid(textgrid_text(made())) == (5.0, [(0.0, 5.0, "")])
