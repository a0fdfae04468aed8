"""A run is read as it was written, or not at all."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.analysis.calibration import p_spoof
from core.analysis.verdict import Decision
from core.errors import ResultsError
from core.files import sealed
from core.results.manifest import write_manifest
from core.results.parts import clips_digest, read_part, write_part
from core.results.selected import selected
from core.results.selection import Is, Selection
from core.results.store import CLIP_COLUMNS, read_run

PATHS = ["b.flac", "a.flac", "c.flac"]
RAW = np.array([-1.5, 0.25, 2.0])
CLIPS, ONE, TWO = "c" * 64, "1" * 64, "2" * 64


def about(part, *, slope=1.0):
    decision = Decision().model_dump(mode="json")
    return {
        "part": part, "calibration": {"slope": slope, "intercept": 0.5}, "calibrated": True, "decision": decision,
        "seen_systems": [],
    }  # fmt: skip


def manifest(**detectors):
    corpus = {"part": CLIPS, "digest": "d", "split": "eval", "rows": 3, "audit": None}
    return {"corpus": corpus, "detectors": detectors, "fusion": None, "embedding_dims": None}


@pytest.fixture
def folder(tmp_path):
    run = tmp_path / "run"
    clips = pd.DataFrame({name: ["x"] * 3 for name in CLIP_COLUMNS}).assign(path=PATHS, seconds=[1.0, 2.0, 3.0])
    write_part(run, CLIPS, {"problems": [{"path": "d.flac", "what": "is silent"}]}, {"clips.parquet": clips})
    digest = clips_digest(read_part(run, CLIPS))
    windows = pd.DataFrame({
        "clip": np.array([0, 0, 1, 2], np.int32), "start_s": [0.0, 2.0, 0.0, 0.0], "end_s": 4.0, "raw": 1.0,
    })  # fmt: skip
    errors = pd.DataFrame({"total": [1.0, 2.0, 3.0], "static": 0.0, "delta": 0.0, "delta-delta": 0.0})
    for key, sign in ((ONE, 1), (TWO, -1)):
        files = {
            "scores.parquet": pd.DataFrame({"raw": sign * RAW}), "windows.parquet": windows,
            "embeddings.npy": np.arange(6, dtype=np.float16).reshape(3, 2),
        }  # fmt: skip
        note = {"clips": digest, "embedding": {"dims": 2, "reduced": None}}
        write_part(run, key, note, files | ({"errors.parquet": errors} if key == TWO else {}))
    write_manifest(run, manifest(one=about(ONE), two=about(TWO, slope=2.0)))
    return run


def test_a_run_is_read_as_it_was_written(folder):
    run = read_run(folder)
    assert run.detectors == ["one", "two"]
    assert run.clips["path"].tolist() == PATHS
    assert run.paths == set(PATHS)
    assert run.scores.columns.tolist() == [*CLIP_COLUMNS, "detector", "score", "p_spoof", "verdict", "raw"]
    assert run.scores["path"].tolist() == PATHS * 2
    assert run.scores["raw"].tolist() == [*RAW, *-RAW]
    assert run.embeddings("one").dtype == np.float32
    np.testing.assert_array_equal(run.embeddings("one"), np.arange(6).reshape(3, 2))
    assert run.problems == [{"path": "d.flac", "what": "is silent"}]


def test_scores_are_calibrated_and_fused_when_they_are_read(folder):
    run = read_run(folder)
    assert run.wide("score")["two"].tolist() == (-2 * RAW + 0.5).tolist()
    assert run.scores["p_spoof"].to_numpy() == pytest.approx(p_spoof(run.scores["score"]))
    assert run.scores["verdict"].tolist()[:3] == ["probably spoofed", "probably bona fide", "probably bona fide"]
    assert run.panel["score"].tolist() == ((RAW + 0.5 - 2 * RAW + 0.5) / 2).tolist()
    assert run.windows["score"].tolist() == [1.5] * 4 + [2.5] * 4
    assert run.windows["path"].tolist() == ["b.flac", "b.flac", "a.flac", "c.flac"] * 2


def test_the_wide_table_keeps_the_clips_order(folder):
    wide = read_run(folder).wide("raw")
    assert wide.index.tolist() == PATHS
    assert wide.columns.tolist() == ["one", "two"]
    assert wide.loc["c.flac"].tolist() == [2.0, -2.0]


def test_errors_are_those_of_who_rebuilds(folder):
    run = read_run(folder)
    assert run.errors["total"].tolist() == [1.0, 2.0, 3.0]
    assert run.errors["detector"].unique().tolist() == ["two"]
    assert run.only(["one"]).errors is None


def test_a_run_of_some_detectors_is_theirs_alone(folder):
    alone = read_run(folder).only(["two"])
    assert alone.detectors == alone.scores["detector"].unique().tolist() == ["two"]
    assert alone.panel["score"].tolist() == (-2 * RAW + 0.5).tolist()
    assert alone.digest != read_run(folder).digest


def test_embeddings_that_are_not_there_are_named(folder):
    with pytest.raises(ResultsError, match="no embeddings of 'three'"):
        read_run(folder).embeddings("three")


def test_two_names_of_one_detector_share_a_part(folder):
    write_manifest(folder, manifest(one=about(ONE), also=about(ONE)))
    run = read_run(folder)
    assert run.wide("raw")["one"].tolist() == run.wide("raw")["also"].tolist() == RAW.tolist()
    assert len(run.files) == 4


def test_the_digest_tells_what_the_figures_follow_from(folder):
    first = read_run(folder).digest
    write_manifest(folder, {**manifest(one=about(ONE), two=about(TWO, slope=2.0)), "made": "later"})
    assert read_run(folder).digest == first
    write_manifest(folder, manifest(one=about(ONE), two=about(TWO, slope=2.5)))
    assert read_run(folder).digest != first


def every_file(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def read_all(folder):
    run = read_run(folder).verify()
    return run.scores, run.windows, run.errors, run.embeddings("one")


def test_each_file_that_is_missing_is_named(folder):
    for path in every_file(folder):
        whole = path.read_bytes()
        path.unlink()
        with pytest.raises(ResultsError, match=path.name):
            read_run(folder)
        path.write_bytes(whole)
    read_all(folder)


def test_a_flipped_bit_anywhere_is_noticed_and_the_file_named(folder):
    for path in every_file(folder):
        whole = path.read_bytes()
        for place in np.random.default_rng(0).integers(0, len(whole), 10):
            broken = bytearray(whole)
            broken[place] ^= 1
            path.write_bytes(broken)
            with pytest.raises(ResultsError, match=str(path)):
                read_all(folder)
        path.write_bytes(whole)


def test_a_damaged_table_is_refused_when_it_is_read_and_no_sooner(folder):
    (path,) = folder.glob("parts/1*/windows.parquet")
    broken = bytearray(path.read_bytes())
    broken[len(broken) // 2] ^= 1
    path.write_bytes(broken)
    run = read_run(folder)
    assert len(run.scores) == 6
    with pytest.raises(ResultsError, match=r"windows\.parquet does not match its digest"):
        _ = run.windows


def test_a_cut_file_is_noticed(folder):
    for path in every_file(folder):
        whole = path.read_bytes()
        for share in (0.0, 0.5, 0.98):
            path.write_bytes(whole[: int(share * len(whole))])
            with pytest.raises(ResultsError, match=path.name):
                read_run(folder)
        path.write_bytes(whole)


def test_scores_of_other_clips_are_refused(folder):
    part = read_part(folder, CLIPS)
    other = part.table("clips.parquet").iloc[::-1].reset_index(drop=True)
    write_part(folder, CLIPS, {"problems": []}, {"clips.parquet": other})
    with pytest.raises(ResultsError, match="other clips"):
        read_run(folder)


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(ResultsError, match="There is no run"):
        read_run(tmp_path)


def test_a_failed_write_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="Out of range"):
        write_part(tmp_path / "run", ONE, {"figure": float("nan")}, {"x.npy": np.zeros(3)})
    assert list((tmp_path / "run/parts").iterdir()) == []


@pytest.mark.parametrize("number", [1, 3])
def test_a_run_of_another_format_is_refused(number, folder):
    stored = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(sealed({**stored, "format": number}, "manifest_sha256")))
    with pytest.raises(ResultsError, match=rf"format {number} and this version reads format 2: score the corpus again"):
        read_run(folder)


def test_columns_are_those_that_were_written(folder):
    run = read_run(folder)
    assert run.columns == CLIP_COLUMNS
    assert len(run) == 3
    assert run.column("path").tolist() == PATHS
    assert run.column("label").dtype == "category"
    assert run.column("label").cat.categories.tolist() == ["x"]
    assert run.column("seconds").to_numpy().tolist() == [1.0, 2.0, 3.0]
    assert run.column("seconds") is run.column("seconds")


def test_arrays_are_those_of_the_frames(folder):
    run = read_run(folder)
    assert run.llr("two").tolist() == run.scores.query("detector == 'two'")["score"].tolist()
    assert run.llr("panel").tolist() == run.panel["score"].tolist()
    assert run.raw("one").tolist() == RAW.tolist()
    with pytest.raises(ResultsError, match="three is not scored yet"):
        run.llr("three")


def test_a_few_rows_come_in_the_order_that_was_asked_for(folder):
    run = read_run(folder)
    for _ in range(2):
        few = run.rows([2, 0, 2], ["seconds", "path"])
        assert few["path"].tolist() == ["c.flac", "b.flac", "c.flac"]
        assert few.columns.tolist() == ["seconds", "path"]
        assert few["seconds"].tolist() == [3.0, 1.0, 3.0]
        assert run.column("path").tolist() == PATHS
    assert run.rows([], ["path"]).empty
    with pytest.raises(ResultsError, match="no column 'loudness'; it has: path, label"):
        run.rows([0], ["loudness"])


def test_clips_without_a_label_are_of_neither_class(folder):
    run = read_run(folder)
    assert not run.real.any()
    assert not run.fake.any()


def test_what_was_measured_is_among_the_columns(folder):
    write_part(folder, "m" * 64, {}, {"measured.parquet": pd.DataFrame({"path": PATHS, "snr_db": [10.0, 20.0, 30.0]})})
    run = replace(read_run(folder), measured=read_part(folder, "m" * 64))
    assert run.columns == (*CLIP_COLUMNS, "snr_db")
    assert run.column("snr_db").tolist() == [10.0, 20.0, 30.0]
    assert run.rows([1], ["path", "snr_db"]).iloc[0].tolist() == ["a.flac", 20.0]
    assert "snr_db" in run.only(["one"]).columns


@pytest.mark.parametrize("name", ["a run [of one] *?", "it's \"quoted\""])
def test_a_folder_may_be_called_as_a_pattern_is(folder, name):
    moved = folder.rename(folder.parent / name)
    assert read_run(moved).column("path").tolist() == PATHS


def test_a_damaged_column_is_not_read(folder):
    path = next(folder.glob("parts/cccc*/clips.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ResultsError, match="does not match its digest"):
        read_run(folder).column("label")


def test_a_clip_is_found_by_its_path_without_keeping_all_paths(folder):
    run = read_run(folder)
    assert [run.place(path) for path in PATHS] == [0, 1, 2]
    assert run.place("no such clip.flac") is None
    assert "path" not in run._kept
    part = selected(run, Selection((Is("path", tuple(PATHS[1:])),)).text)
    assert [part.place(path) for path in PATHS] == [None, 0, 1]
