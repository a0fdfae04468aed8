"""Reading a manifest: good rows are kept, bad ones are listed, and only an unreadable table raises."""

from pathlib import Path

import pandas as pd
import pytest

from core.corpus.table import COLUMNS, Corpus, read_corpus
from core.errors import CorpusError
from core.files import sha256_bytes


def write_tree(root: Path, rows: list[dict[str, str]]) -> Path:
    """Write a file for each row's path (its content is its path) and the manifest; return the manifest."""
    for row in rows:
        file = root / row["path"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(row["path"])
    manifest = root / "manifest.csv"
    pd.DataFrame(rows).to_csv(manifest, index=False)
    return manifest


def what(corpus: Corpus) -> list[tuple[int, str]]:
    return [(problem.row, problem.what) for problem in corpus.problems]


def test_a_clean_manifest_is_read_whole(tmp_path: Path) -> None:
    rows = [
        {"path": "a.wav", "label": "genuine", "split": "train", "seconds": "2.5", "speaker": "ann"},
        {"path": "deep/b.wav", "label": "fake", "split": "eval", "seconds": "nonsense", "speaker": "bob"},
    ]
    corpus = read_corpus(write_tree(tmp_path, rows), tmp_path)
    assert corpus.problems == ()
    assert list(corpus.frame.columns) == list(COLUMNS)
    assert list(corpus.frame["label"]) == ["bonafide", "spoof"]
    assert list(corpus.frame["licence"]) == ["-", "-"]
    assert corpus.frame["seconds"][0] == 2.5
    assert pd.isna(corpus.frame["seconds"][1])


def test_bad_rows_are_listed_with_their_number_and_the_others_kept(tmp_path: Path) -> None:
    manifest = write_tree(
        tmp_path / "root", [{"path": f"{n}.wav", "label": "real", "split": "train"} for n in range(3)]
    )
    (tmp_path / "outside.wav").write_text("outside")
    (tmp_path / "root" / "link.wav").symlink_to(tmp_path / "outside.wav")
    with manifest.open("a") as file:
        file.write("0.wav,real,train\n3.wav,real,train\n1.wav,maybe,dev\n../outside.wav,real,dev\n")
        file.write(f"{tmp_path}/outside.wav,real,dev\n,real,dev\nlink.wav,real,dev\n.,real,dev\n")
    corpus = read_corpus(manifest, tmp_path / "root")
    assert list(corpus.frame["path"]) == ["0.wav", "1.wav", "2.wav"]
    assert what(corpus) == [
        (4, "this path stands in the manifest already, in row 1"),
        (5, "there is no such file"),
        (6, corpus.problems[2].what),
        (7, "the path is empty or leads out of the root"),
        (8, "the path is empty or leads out of the root"),
        (9, "the path is empty or leads out of the root"),
        (10, "the path is a link that leads out of the root"),
        (11, "there is no such file"),
    ]
    assert "'maybe' is unknown" in corpus.problems[2].what


@pytest.mark.parametrize("splits", [("train", "train"), ("train", "eval")])
def test_one_path_under_both_labels_is_left_out_since_neither_is_certain(
    tmp_path: Path, splits: tuple[str, str]
) -> None:
    rows = [
        {"path": "a.wav", "label": "real", "split": splits[0]}, {"path": "b.wav", "label": "real", "split": "train"},
        {"path": "a.wav", "label": "fake", "split": splits[1]},
    ]  # fmt: skip
    corpus = read_corpus(write_tree(tmp_path, rows), tmp_path)
    assert list(corpus.frame["path"]) == ["b.wav"]
    both = "this path stands under both labels, in the rows 1 (bonafide), 3 (spoof)"
    assert what(corpus) == [(1, both), (3, both)]


def test_a_manifest_written_on_windows_reads_the_same(tmp_path: Path) -> None:
    rows = [
        {"path": "x/a.wav", "label": "Bonafide", "split": "Test"},
        {"path": "b.wav", "label": "FAKE", "split": "Val"},
    ]
    expected = read_corpus(write_tree(tmp_path, rows), tmp_path)
    text = (tmp_path / "manifest.csv").read_text().replace("/", "\\").replace("\n", "\r\n")
    (tmp_path / "windows.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    found = read_corpus(tmp_path / "windows.csv", tmp_path)
    assert found.problems == ()
    pd.testing.assert_frame_equal(found.frame, expected.frame)
    assert list(found.frame["split"]) == ["eval", "dev"]


def test_labels_in_numbers_are_refused_with_what_to_write(tmp_path: Path) -> None:
    corpus = read_corpus(write_tree(tmp_path, [{"path": "a.wav", "label": "1", "split": "eval"}]), tmp_path)
    assert corpus.frame.empty
    assert "bona fide in some corpora and for spoof in others: write bonafide or spoof" in corpus.problems[0].what


def test_one_path_in_two_splits_is_kept_for_the_audit_to_see(tmp_path: Path) -> None:
    rows = [{"path": "a.wav", "label": "real", "split": split} for split in ("train", "eval")]
    corpus = read_corpus(write_tree(tmp_path, rows), tmp_path)
    assert list(corpus.frame["split"]) == ["train", "eval"]


@pytest.mark.parametrize(("line", "problem"), [("b.wav,real", "2 cells"), ("b.wav,real,train,extra", "4 cells")])
def test_a_row_with_too_few_or_too_many_cells_is_listed(tmp_path: Path, line: str, problem: str) -> None:
    rows = [{"path": name, "label": "real", "split": "train"} for name in ("a.wav", "b.wav")]
    write_tree(tmp_path, rows)
    (tmp_path / "torn.csv").write_text(f"path,label,split\n{line}\na.wav,real,train\n")
    corpus = read_corpus(tmp_path / "torn.csv", tmp_path)
    assert list(corpus.frame["path"]) == ["a.wav"]
    assert corpus.problems[0].row == 1
    assert problem in corpus.problems[0].what


def test_split_keeps_its_rows_only(tmp_path: Path) -> None:
    rows = [{"path": f"{name}.wav", "label": "real", "split": name} for name in ("train", "dev", "eval")]
    corpus = read_corpus(write_tree(tmp_path, rows), tmp_path, split="dev")
    assert list(corpus.frame["path"]) == ["dev.wav"]
    assert list(corpus.frame.index) == [0]


def test_a_split_reads_and_counts_no_other(tmp_path: Path) -> None:
    rows = [{"path": f"{name}.wav", "label": "real", "split": name, "sha256": "0"} for name in ("train", "dev", "Test")]
    manifest = write_tree(tmp_path, rows)
    assert what(read_corpus(manifest, tmp_path, split="test", verify=True)) == [
        (3, "the file's SHA-256 is not the manifest's: it has changed")
    ]


def test_a_split_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    rows = [{"path": f"{n}.wav", "label": "real", "split": "train" if n else "hidden"} for n in range(3)]
    with pytest.raises(CorpusError, match=r"no row in the split 'eval': choose one of train \(2 rows\), hidden"):
        read_corpus(write_tree(tmp_path, rows), tmp_path, split="eval")


def test_verify_finds_the_file_that_changed(tmp_path: Path) -> None:
    rows = [
        {"path": "same.wav", "label": "real", "sha256": sha256_bytes(b"same.wav").upper()},
        {"path": "changed.wav", "label": "real", "sha256": "0" * 64},
        {"path": "unknown.wav", "label": "real", "sha256": "-"},
    ]
    manifest = write_tree(tmp_path, rows)
    assert read_corpus(manifest, tmp_path).problems == ()
    assert what(read_corpus(manifest, tmp_path, verify=True)) == [
        (2, "the file's SHA-256 is not the manifest's: it has changed")
    ]


def test_parquet_with_empty_cells_reads_like_csv(tmp_path: Path) -> None:
    rows = [
        {"path": "a.wav", "label": "real", "split": "train", "speaker": "ann", "seconds": "1.5"},
        {"path": "b.wav", "label": "fake", "split": "dev", "speaker": "", "seconds": ""},
    ]
    manifest = write_tree(tmp_path, rows)
    pd.DataFrame(rows).replace("", None).astype({"seconds": float}).to_parquet(tmp_path / "manifest.parquet")
    expected, found = read_corpus(manifest, tmp_path), read_corpus(tmp_path / "manifest.parquet", tmp_path)
    pd.testing.assert_frame_equal(found.frame, expected.frame)
    assert found.digest == expected.digest


def test_digest_ignores_the_order_of_rows_and_notices_a_changed_label(tmp_path: Path) -> None:
    rows = [{"path": f"{n}.wav", "label": "real", "split": "dev"} for n in range(3)]
    first = read_corpus(write_tree(tmp_path, rows), tmp_path).digest
    assert read_corpus(write_tree(tmp_path, rows[::-1]), tmp_path).digest == first
    rows[1]["label"] = "fake"
    assert read_corpus(write_tree(tmp_path, rows), tmp_path).digest != first


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("m.csv", b"", "cannot be read as a table"),
        ("m.csv", b"path,label\n", "has no rows"),
        ("m.csv", b"file,label\na.wav,real\n", "has no column path"),
        ("m.csv", b"path,Path,label\na,a,real\n", "has the column path more than once"),
        ("m.csv", b"path,label\n\xff\xfe,real\n", "cannot be read as a table"),
        ("m.parquet", b"not parquet", "cannot be read as a table"),
    ],
)
def test_an_unreadable_manifest_is_refused(tmp_path: Path, name: str, content: bytes, complaint: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CorpusError, match=complaint):
        read_corpus(tmp_path / name, tmp_path)


def test_a_missing_manifest_or_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="There is no manifest"):
        read_corpus(tmp_path / "none.csv", tmp_path)
    manifest = write_tree(tmp_path, [{"path": "a.wav", "label": "real"}])
    with pytest.raises(CorpusError, match="is not a folder"):
        read_corpus(manifest, manifest)


def test_the_real_corpus_has_no_bad_row(corpus_root: Path) -> None:
    corpus = read_corpus(corpus_root / "manifest.csv", corpus_root)
    assert corpus.problems == ()
    assert set(corpus.frame["split"]) == {"train", "dev", "eval"}
    assert set(corpus.frame["part"]) == {"made", "published"}


def test_a_manifests_own_columns_are_kept_and_are_unknown_where_a_corpus_lacks_them(tmp_path: Path) -> None:
    from core.corpus.table import read_corpora

    pairs = []
    for name, head, cells in (("one", "path,label,Room", "a.wav,spoof,hall"), ("two", "path,label", "b.wav,spoof")):
        root = tmp_path / name
        root.mkdir()
        (root / cells.split(",")[0]).write_bytes(name.encode())
        (root / "manifest.csv").write_text(f"{head}\n{cells}\n", encoding="utf-8")
        pairs.append((root / "manifest.csv", root))
    assert read_corpus(*pairs[0]).frame["room"].tolist() == ["hall"]
    assert read_corpora(pairs).frame["room"].tolist() == ["hall", "-"]
