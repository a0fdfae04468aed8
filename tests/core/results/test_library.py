import json
import os
import shutil
from pathlib import Path

import pytest

from core.errors import ResultsError
from core.results.library import Library, remember_corpus
from core.results.manifest import MANIFEST
from tests.dashboard.synthetic_run import synthetic_clips, synthetic_run

ONE = {"aasist": 1.0}


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPOOFSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("SPOOFSCOPE_CORPUS", raising=False)
    return tmp_path / "data"


def test_runs_of_the_data_folder_of_named_folders_and_the_one_that_ships_are_listed(tmp_path: Path, data: Path) -> None:
    shipped = synthetic_run(tmp_path / "shipped", synthetic_clips(8, seed=1), detectors=ONE, seed=1)
    ours = synthetic_run(data / "runs" / "mine", detectors={**ONE, "rawnet2": 1.0})
    named = synthetic_run(tmp_path / "named", synthetic_clips(8, seed=2), detectors={"x": 1.0})
    library = Library([tmp_path / "named", tmp_path / "gone"], shipped=tmp_path / "shipped")
    entries = library.entries()
    assert [entry.name for entry in entries] == ["reference run", "named", "mine"]
    assert [entry.key for entry in entries] == [shipped.key, named.key, ours.key]
    assert entries[2].rows == 200
    assert entries[2].detectors == ("aasist", "rawnet2")
    assert library.open(ours.key).digest == ours.digest
    assert library.open(ours.key) is library.open(ours.key)


def test_one_run_in_two_folders_is_listed_once(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "runs" / "one", detectors=ONE)
    shutil.copytree(run.folder, tmp_path / "runs" / "two")
    assert [entry.name for entry in Library([tmp_path / "runs"]).entries()] == ["one"]


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 2}', json.dumps({"format": 99})])
def test_a_damaged_manifest_is_listed_last_with_the_reason_and_hides_no_other(tmp_path: Path, content: str) -> None:
    (tmp_path / "a-damaged").mkdir()
    (tmp_path / "a-damaged" / MANIFEST).write_text(content)
    sound = synthetic_run(tmp_path / "b-sound", detectors=ONE)
    first, last = Library([tmp_path]).entries()
    assert (first.key, first.problem) == (sound.key, "")
    assert last.key == ""
    assert MANIFEST in last.problem


def test_a_run_that_is_not_here_or_was_moved_while_it_was_open_is_named(tmp_path: Path) -> None:
    library = Library([tmp_path])
    with pytest.raises(ResultsError, match="no run '0123456789ab' on this machine"):
        library.open("0123456789ab")
    key = synthetic_run(tmp_path / "run", detectors=ONE).key
    run = library.open(key)
    run.llr("aasist")
    os.rename(tmp_path / "run", tmp_path.parent / f"{tmp_path.name}-moved")
    with pytest.raises(ResultsError, match="was the run moved"):
        run.column("label")
    with pytest.raises(ResultsError, match="on this machine"):
        library.open(key)


def test_a_run_that_grew_by_a_detector_is_another(tmp_path: Path) -> None:
    library = Library([tmp_path])
    before = synthetic_run(tmp_path / "run", detectors=ONE).key
    assert library.open(before).detectors == ["aasist"]
    after = synthetic_run(tmp_path / "run", detectors={**ONE, "rawnet2": 2.0}).key
    assert after != before
    assert library.open(after).detectors == ["aasist", "rawnet2"]


def test_a_folder_is_added_where_there_is_a_sound_run_in_it(tmp_path: Path) -> None:
    library = Library()
    with pytest.raises(ResultsError, match="There is no run in"):
        library.add(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / MANIFEST).write_text("{")
    with pytest.raises(ResultsError, match="cannot be read"):
        library.add(tmp_path)
    run = synthetic_run(tmp_path / "b", detectors=ONE)
    assert library.add(tmp_path).key == run.key
    assert run.key in [entry.key for entry in library.entries()]


def test_only_clips_of_the_run_inside_its_corpus_are_located(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clips = synthetic_clips(4).assign(path=["a/clip.flac", "../outside.flac", "gone.flac", "/etc/passwd"])
    run, library = synthetic_run(tmp_path / "run", clips, detectors=ONE), Library()
    corpus = tmp_path / "corpus"
    (corpus / "a").mkdir(parents=True)
    for path in (corpus / "a/clip.flac", tmp_path / "outside.flac", corpus / "unlisted.flac"):
        path.write_bytes(b"x")
    assert library.locate(run, "a/clip.flac") is None
    monkeypatch.setenv("SPOOFSCOPE_CORPUS", str(corpus))
    assert library.locate(run, "a/clip.flac") == corpus / "a/clip.flac"
    for path in ("../outside.flac", "unlisted.flac", "gone.flac", "/etc/passwd"):
        assert library.locate(run, path) is None


def test_where_a_corpus_is_stays_known_on_this_machine_and_is_in_no_run(tmp_path: Path, data: Path) -> None:
    run, library, corpus = synthetic_run(tmp_path / "run", detectors=ONE), Library(), tmp_path / "corpus"
    path = str(run.column("path").iloc[0])
    (corpus / path).parent.mkdir(parents=True)
    (corpus / path).write_bytes(b"x")
    remember_corpus(run.manifest["corpus"]["digest"], corpus)
    assert library.locate(run, path) == corpus / path
    (data / "corpora.json").write_text("[")
    assert library.locate(run, path) is None
