"""What was measured of a run's clips is kept beside it, and belongs to these clips alone."""

import numpy as np
import pandas as pd
import pytest

from core.audio.clip import DecodeRecord
from core.corpus.measure import MEASURED_COLUMNS, measure_clip
from core.results.measured import MEASURED, measured_key, read_measured, write_measured
from core.results.parts import read_part, write_part

CLIPS = "c" * 64


@pytest.fixture
def clip_part(tmp_path):
    write_part(tmp_path, CLIPS, {"problems": []}, {"clips.parquet": pd.DataFrame({"path": ["b.flac", "a.flac"]})})
    return read_part(tmp_path, CLIPS)


def rows():
    record = DecodeRecord("WAV", "pcm_s16le", 16_000, 1, 1.0, 1.0)
    noise = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    return [measure_clip(noise, record), measure_clip(np.zeros(16_000, np.float32), record)]


def test_what_was_measured_is_read_as_it_was_written(tmp_path, clip_part):
    assert read_measured(tmp_path, clip_part) is None
    write_measured(tmp_path, clip_part, rows())
    table = read_measured(tmp_path, clip_part).table(MEASURED)
    assert tuple(table.columns) == MEASURED_COLUMNS
    assert table["codec"].tolist() == ["pcm_s16le", "pcm_s16le"]
    assert table["snr_db"].dtype == np.float64 and np.isnan(table["snr_db"][1])
    pd.testing.assert_frame_equal(table, pd.DataFrame(rows()), check_dtype=False)


def test_figures_of_other_clips_are_not_taken(tmp_path, clip_part):
    write_measured(tmp_path, clip_part, rows())
    write_part(tmp_path, CLIPS, {"problems": []}, {"clips.parquet": pd.DataFrame({"path": ["a.flac", "b.flac"]})})
    assert read_measured(tmp_path, read_part(tmp_path, CLIPS)) is None


def test_another_way_of_measuring_makes_another_part(monkeypatch):
    before = measured_key(CLIPS)
    monkeypatch.setattr("core.results.measured.MEASURING", 10_000)
    assert measured_key(CLIPS) != before != measured_key("d" * 64)
