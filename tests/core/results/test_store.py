"""A run is read as it was written, or not at all."""

import json

import numpy as np
import pandas as pd
import pytest

from core.errors import ResultsError
from core.files import sealed
from core.results.store import CLIP_COLUMNS, read_run, write_run

PATHS = ["b.flac", "a.flac", "c.flac"]


def parts(**more):
    clips = pd.DataFrame({name: ["x"] * 3 for name in CLIP_COLUMNS}).assign(path=PATHS, seconds=[1.0, 2.0, 3.0])
    said = pd.DataFrame({
        "path": PATHS * 2, "detector": ["one"] * 3 + ["two"] * 3, "score": np.arange(6.0), "p_spoof": 0.5,
        "verdict": "not sure", "raw": np.arange(6.0) / 2,
    })  # fmt: skip
    windows = pd.DataFrame({"path": PATHS, "detector": "one", "start_s": 0.0, "end_s": 4.0, "raw": 1.0, "score": 2.0})
    return {
        "manifest": {"digest": "d", "detectors": {"one": {}, "two": {}}, "problems": []},
        "clips": clips, "scores": said, "panel": said[:3].drop(columns="raw").assign(detector="panel"),
        "windows": windows, "embeddings": {"one": np.arange(6, dtype=np.float16).reshape(3, 2)}, **more,
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return write_run(tmp_path / "run", **parts(errors=pd.DataFrame({"path": PATHS, "total": [1.0, 2.0, 3.0]})))


def test_a_run_is_read_as_it_was_written(folder):
    run = read_run(folder)
    assert run.detectors == ["one", "two"]
    assert run.clips["path"].tolist() == PATHS
    assert run.scores.columns.tolist() == [*CLIP_COLUMNS, "detector", "score", "p_spoof", "verdict", "raw"]
    assert len(run.scores) == 6
    assert run.errors["total"].tolist() == [1.0, 2.0, 3.0]
    assert run.embeddings("one").dtype == np.float32
    np.testing.assert_array_equal(run.embeddings("one"), np.arange(6).reshape(3, 2))
    assert run.paths == set(PATHS)


def test_the_wide_table_keeps_the_clips_order(folder):
    wide = read_run(folder).wide("score")
    assert wide.index.tolist() == PATHS
    assert wide.columns.tolist() == ["one", "two"]
    assert wide.loc["c.flac"].tolist() == [2.0, 5.0]


def test_a_run_without_reconstruction_errors_has_none(tmp_path):
    assert read_run(write_run(tmp_path / "run", **parts())).errors is None


def test_embeddings_that_are_not_there_are_named(folder):
    with pytest.raises(ResultsError, match="no embeddings of 'two'"):
        read_run(folder).embeddings("two")
    with pytest.raises(ResultsError, match="no embeddings of 'three'"):
        read_run(folder).embeddings("three")


PARTS = ["clips.parquet", "scores.parquet", "panel.parquet", "windows.parquet", "errors.parquet", "embeddings-00.npy"]


@pytest.mark.parametrize("name", PARTS)
def test_a_missing_part_is_named(name, folder):
    (folder / name).unlink()
    with pytest.raises(ResultsError, match=rf"{name} is missing"):
        read_run(folder)


@pytest.mark.parametrize("name", [*PARTS, "manifest.json"])
def test_a_flipped_bit_anywhere_is_noticed(name, folder):
    whole = (folder / name).read_bytes()
    for place in np.random.default_rng(0).integers(0, len(whole), 20):
        broken = bytearray(whole)
        broken[place] ^= 1
        (folder / name).write_bytes(broken)
        with pytest.raises(ResultsError, match=name):
            read_run(folder)


@pytest.mark.parametrize("name", [*PARTS, "manifest.json"])
def test_a_cut_part_is_noticed(name, folder):
    whole = (folder / name).read_bytes()
    for share in (0.0, 0.3, 0.9, 0.999):
        (folder / name).write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(ResultsError, match=name):
            read_run(folder)


def test_a_folder_without_a_run_is_told(tmp_path):
    with pytest.raises(ResultsError, match="There is no run"):
        read_run(tmp_path)


def test_a_run_is_never_changed(folder):
    before = (folder / "manifest.json").read_bytes()
    with pytest.raises(ResultsError, match="never changed"):
        write_run(folder, **parts())
    assert (folder / "manifest.json").read_bytes() == before
    write_run(folder, overwrite=True, **parts())
    assert read_run(folder).errors is None


def test_a_failed_write_leaves_nothing(tmp_path):
    broken = parts()
    broken["manifest"]["figure"] = float("nan")
    with pytest.raises(ValueError, match="Out of range"):
        write_run(tmp_path / "run", **broken)
    assert list(tmp_path.iterdir()) == []


def test_a_run_of_a_later_format_is_refused(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(sealed({**manifest, "format": 2}, "manifest_sha256")))
    with pytest.raises(ResultsError, match="format 2; this version reads format 1"):
        read_run(folder)
