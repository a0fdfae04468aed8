"""Any place as a corpus: manifests, known layouts, and recordings that nobody has labelled."""

import shutil

import pytest

from core.corpus.opened import UNLABELLED, open_corpus
from core.corpus.table import read_corpus
from core.errors import CorpusError


def recording(place):
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"sound")


def test_a_manifest_and_the_folder_that_holds_it_are_the_same_corpus(small_corpus):
    read = read_corpus(small_corpus / "manifest.csv", small_corpus, split="eval")
    for place in (small_corpus, small_corpus / "manifest.csv", str(small_corpus)):
        opened = open_corpus(place, split="test")
        assert opened.digest == read.digest
        assert opened.frame.equals(read.frame)


def test_a_folder_in_a_known_layout_is_read_by_its_reader(tmp_path):
    for name in ("real/a.wav", "real/b.wav", "fake/world/a.wav"):
        recording(tmp_path / name)
    (tmp_path / "real/empty.wav").touch()
    corpus = open_corpus(tmp_path)
    assert dict(zip(corpus.frame["path"], corpus.frame["label"], strict=True)) == {
        "real/a.wav": "bonafide", "real/b.wav": "bonafide", "fake/world/a.wav": "spoof",
    }  # fmt: skip
    assert [(problem.path, problem.what) for problem in corpus.problems] == [
        ("real/empty.wav", "the file is empty (0 bytes)")
    ]


def test_recordings_that_nobody_labelled_become_clips_without_labels(tmp_path):
    for name in ("talk.mp3", "day/two.flac"):
        recording(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no sound")
    (tmp_path / "broken.wav").touch()
    corpus = open_corpus(tmp_path)
    assert corpus.frame["path"].tolist() == ["day/two.flac", "talk.mp3"]
    assert set(corpus.frame["label"]) == {UNLABELLED}
    assert [problem.path for problem in corpus.problems] == ["broken.wav"]
    with pytest.raises(CorpusError, match="has no splits"):
        open_corpus(tmp_path, split="eval")
    before = corpus.digest
    shutil.move(tmp_path / "talk.mp3", tmp_path / "speech.mp3")
    assert open_corpus(tmp_path).digest != before


def test_where_there_is_nothing_to_score_the_reason_is_given(tmp_path):
    with pytest.raises(CorpusError, match="There is no file or folder"):
        open_corpus(tmp_path / "absent")
    (tmp_path / "notes.txt").write_text("no sound")
    with pytest.raises(CorpusError, match="holds no recording"):
        open_corpus(tmp_path)
    (tmp_path / "a.wav").touch()
    with pytest.raises(CorpusError, match="holds no recording that can be read: the file is empty"):
        open_corpus(tmp_path)
