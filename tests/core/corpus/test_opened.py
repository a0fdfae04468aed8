"""Any place as a corpus: manifests, known layouts, and recordings that nobody has labelled."""

import shutil

import pytest

from core.commands import evaluate
from core.corpus.opened import UNLABELLED, described, open_corpus
from core.corpus.table import read_corpus
from core.errors import CorpusError
from core.files import sha256_file


def recording(place):
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"sound")


def test_a_manifest_and_the_folder_that_holds_it_are_the_same_corpus(small_corpus):
    read = read_corpus(small_corpus / "manifest.csv", small_corpus, split="eval")
    for place in (small_corpus, small_corpus / "manifest.csv", str(small_corpus)):
        opened = open_corpus(place, split="test")
        assert opened.digest == read.digest
        assert opened.frame.equals(read.frame)


def test_evaluate_leaves_out_a_file_whose_digest_has_changed_whichever_way_the_corpus_is_named(tmp_path):
    for name in ("a.wav", "b.wav"):
        recording(tmp_path / name)
    digest = sha256_file(tmp_path / "a.wav")
    (tmp_path / "manifest.csv").write_text(f"path,label,sha256\na.wav,spoof,{digest}\nb.wav,bonafide,{'0' * 64}\n")
    for place, pairs in ((tmp_path, []), (None, [(tmp_path / "manifest.csv", tmp_path)])):
        corpus = evaluate._corpus(place, pairs, None)
        assert corpus.frame["path"].tolist() == ["a.wav"]
        assert [(each.path, "has changed" in each.what) for each in corpus.problems] == [("b.wav", True)]


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


def test_a_table_of_paths_and_labels_is_the_manifest_whatever_its_name(tmp_path):
    for name in ("one.wav", "two.wav"):
        recording(tmp_path / name)
    (tmp_path / "my list.csv").write_text("Path,Label\none.wav,real\ntwo.wav,fake\ngone.wav,fake\n")
    (tmp_path / "other.csv").write_text("name,room\none.wav,hall\n")
    corpus = open_corpus(tmp_path)
    assert corpus.frame["label"].tolist() == ["bonafide", "spoof"]
    assert described(corpus) == "1 bona fide, 1 spoof."
    assert [problem.path for problem in corpus.problems] == ["gone.wav"]
    (tmp_path / "second.csv").write_text("path,label\none.wav,real\n")
    with pytest.raises(CorpusError, match="several manifests, my list"):
        open_corpus(tmp_path)


def test_what_was_found_is_stated_and_that_there_are_no_labels(tmp_path):
    recording(tmp_path / "plain/a.wav")
    assert "1 clip, none with a label: here is no manifest" in described(open_corpus(tmp_path / "plain"))
    for name in ("mine/real/a.wav", "mine/fake/a.wav", "mine/fake/b.wav"):
        recording(tmp_path / name)
    assert described(open_corpus(tmp_path / "mine")) == "mine: 1 bona fide, 2 spoof."


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("corpus.zip", "PK", "is an archive: unpack it"),
        ("call.wav", "RIFF", "is a recording: open it in Analyse"),
        ("list.csv", "file,speaker,label\na.wav,x,real\n", "no column path: it needs path and label, and has file, sp"),
    ],
)
def test_a_file_that_is_no_manifest_is_refused_with_what_to_do(tmp_path, name, content, words):
    (tmp_path / name).write_text(content)
    with pytest.raises(CorpusError, match=words):
        open_corpus(tmp_path / name)


def test_a_split_that_a_known_layout_lacks_is_refused_by_the_name_of_its_folder(tmp_path):
    for name in ("test/real/a.wav", "test/fake/b.wav"):
        recording(tmp_path / name)
    with pytest.raises(CorpusError) as error:
        open_corpus(tmp_path, split="train")
    assert f"{tmp_path} has no clip in the split 'train': choose one of eval (2 clips)." in str(error.value)
