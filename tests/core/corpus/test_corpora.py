"""Several corpora read as one: paths from their common folder, problems by manifest, each recording once."""

from pathlib import Path

import pandas as pd
import pytest

from core.corpus.page import page_of
from core.corpus.table import Corpus, read_corpora, read_corpus
from core.errors import CorpusError

Rows = list[dict[str, str]]


def write(root: Path, rows: Rows) -> tuple[Path, Path]:
    """Write a corpus whose files hold their own path; return its manifest and root."""
    for row in rows:
        file = root / row["path"]
        file.parent.mkdir(parents=True, exist_ok=True)
        if "missing" not in row["path"]:
            file.write_text(str(file))
    manifest = root / "manifest.csv"
    pd.DataFrame(rows).to_csv(manifest, index=False)
    return manifest, root


def row(path: str, *, label: str = "bonafide", split: str = "train", sha256: str = "-", **more: str) -> dict[str, str]:
    return {"path": path, "label": label, "split": split, "sha256": sha256, **more}


@pytest.fixture
def two(tmp_path: Path) -> list[tuple[Path, Path]]:
    first = [row("a.wav", sha256="1"), row("deep/b.wav", label="spoof", split="eval", sha256="2")]
    second = [row("a.wav", sha256="3"), row("missing.wav"), row("c.wav", label="spoof", split="dev", sha256="4")]
    return [write(tmp_path / "here" / "one", first), write(tmp_path / "two", second)]


def reported(corpus: Corpus) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.path, problem.what) for problem in corpus.problems]


def test_paths_lead_to_the_files_from_the_folder_that_all_roots_lie_in(
    two: list[tuple[Path, Path]], tmp_path: Path
) -> None:
    corpus = read_corpora(two)
    assert corpus.root == tmp_path.resolve()
    assert corpus.frame["path"].tolist() == ["here/one/a.wav", "here/one/deep/b.wav", "two/a.wav", "two/c.wav"]
    for path in corpus.frame["path"]:
        assert (corpus.root / path).read_text().endswith(path)


def test_problems_keep_their_row_and_name_their_manifest(two: list[tuple[Path, Path]]) -> None:
    assert reported(read_corpora(two)) == [(2, "two/missing.wav", f"{two[1][0]}: there is no such file")]


def test_one_corpus_is_what_it_is_when_read_alone(two: list[tuple[Path, Path]]) -> None:
    alone, found = read_corpus(*two[1], split="dev"), read_corpora(two[1:], split="dev")
    pd.testing.assert_frame_equal(found.frame, alone.frame)
    assert (found.root, found.problems, found.digest) == (alone.root, alone.problems, alone.digest)


def test_the_digest_knows_every_corpus_and_neither_their_order_nor_their_place(
    two: list[tuple[Path, Path]], tmp_path: Path
) -> None:
    digest = read_corpora(two).digest
    assert read_corpora(two[::-1]).digest == digest
    (tmp_path / "here").rename(tmp_path / "there")
    moved = tmp_path / "there" / "one"
    assert read_corpora([(moved / "manifest.csv", moved), two[1]]).digest == digest
    changed = write(tmp_path / "changed", [row("a.wav", sha256="9")])
    assert read_corpora([changed, two[1]]).digest != digest


def test_a_recording_of_two_corpora_is_left_out_of_the_later_whatever_its_split(tmp_path: Path) -> None:
    first = write(tmp_path / "one", [row("x.wav"), row("kept.wav", split="eval", sha256="ab")])
    second = write(tmp_path / "two", [row("other.wav"), row("again.wav", split="train", sha256="ab")])
    corpus = read_corpora([first, second])
    assert corpus.frame["path"].tolist() == ["one/x.wav", "one/kept.wav", "two/other.wav"]
    reason = f"{second[0]}: the same recording stands in row 2 of {first[0]} (eval)"
    assert reported(corpus) == [(2, "two/again.wav", reason)]


def test_a_recording_under_both_labels_is_left_out_of_both_corpora(tmp_path: Path) -> None:
    first = write(tmp_path / "one", [row("a.wav", sha256="ab"), row("b.wav")])
    second = write(tmp_path / "two", [row("c.wav", sha256="ab", label="spoof")])
    corpus = read_corpora([first, second])
    assert corpus.frame["path"].tolist() == ["one/b.wav"]
    assert [problem.path for problem in corpus.problems] == ["one/a.wav", "two/c.wav"]
    assert "under the other label in row 1" in corpus.problems[0].what


def test_a_file_that_two_manifests_name_is_one_recording(tmp_path: Path) -> None:
    outer = write(tmp_path, [row("in/a.wav"), row("b.wav")])
    inner = write(tmp_path / "in", [row("a.wav"), row("c.wav")])
    assert read_corpora([outer, inner]).frame["path"].tolist() == ["in/a.wav", "b.wav", "in/c.wav"]


def test_repeats_within_one_corpus_are_left_to_the_audit(tmp_path: Path) -> None:
    first = write(tmp_path / "one", [row("a.wav", sha256="ab"), row("b.wav", sha256="ab", split="eval")])
    corpus = read_corpora([first, write(tmp_path / "two", [row("c.wav")])])
    assert len(corpus.frame) == 3 and corpus.problems == ()


def test_a_split_that_only_one_corpus_has_is_read_from_that_one(two: list[tuple[Path, Path]]) -> None:
    assert read_corpora(two, split="eval").frame["path"].tolist() == ["here/one/deep/b.wav"]
    with pytest.raises(CorpusError, match=r"(?s)one.manifest.csv has no row.*two.manifest.csv has no row"):
        read_corpora(two, split="hidden")


def test_no_corpus_at_all_is_refused() -> None:
    with pytest.raises(CorpusError, match="No corpus is given: name a manifest and its root"):
        read_corpora([])


@pytest.mark.parametrize(
    ("source", "page", "expected"),
    [
        ("published/owner/name.github.io/bf0003", "-", "owner/name.github.io"),
        ("published/owner/name/bf0003", "another/page", "another/page"),
        ("pages/owner/name/pb1", "owner/name", "owner/name"),
        ("libri-332-128985-0000", "", "-"),
        ("published/owner/name", "-", "-"),
        ("published//name/x", "-", "-"),
        ("", "", "-"),
    ],
)
def test_the_page_is_the_manifests_or_else_in_the_source(source: str, page: str, expected: str) -> None:
    assert page_of(source, page) == expected


def test_the_real_corpus_has_a_page_for_each_published_clip_and_no_other(corpus_root: Path) -> None:
    frame = read_corpus(corpus_root / "manifest.csv", corpus_root).frame
    published = frame["part"] == "published"
    assert frame["page"][published].nunique() == 101
    assert set(frame["page"][~published]) == {"-"} and "-" not in set(frame["page"][published])
