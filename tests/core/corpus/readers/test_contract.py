"""What holds for every reader, those to come included; each brings its own example."""

import shutil

import pytest

from core.cli import main
from core.corpus.audit import audit
from core.corpus.reader import READERS, Reader, Row, detect
from core.corpus.table import COLUMNS, read_corpus
from core.corpus.tree import Tree

EVERY = pytest.mark.parametrize("name", READERS.names())


def read(name, root):
    return READERS.get(name)().read(Tree(root))


def test_a_reader_that_forgets_a_method_cannot_be_made():
    class Forgetful(Reader):
        needs, splits = "nothing", "none"

        def claims(self, tree):
            return False

        @classmethod
        def example(cls):
            return {}

    with pytest.raises(TypeError, match="read"):
        Forgetful()


def test_a_row_has_the_columns_of_a_manifest():
    assert Row._fields == COLUMNS


@EVERY
def test_a_reader_declares_what_the_documents_list(name):
    reader = READERS.get(name)
    summary = (reader.__doc__ or "").split("\n")[0]
    assert summary.endswith("."), "begin the docstring with a sentence that describes what the corpus looks like"
    for attribute in ("needs", "splits"):
        text = getattr(reader, attribute, "")
        assert text and not text.endswith("."), f"declare {attribute}, the rest of a sentence, as Reader asks"


@EVERY
def test_a_reader_claims_its_own_corpus_and_nothing_else(name, made_up):
    root = made_up(name)
    assert detect(Tree(root)) == name, "claims() must recognise the example, and no other reader's claims()"


@EVERY
def test_a_reader_claims_no_empty_folder_and_reads_it_without_dying(name, tmp_path):
    tree = Tree(tmp_path)
    assert not READERS.get(name)().claims(tree)
    assert READERS.get(name)().read(tree).rows == []


@EVERY
def test_rows_name_files_that_are_there_with_both_labels(name, made_up):
    root = made_up(name)
    rows = read(name, root).rows
    assert {row.label for row in rows} == {"bonafide", "spoof"}, "the example must hold clips of both classes"
    assert all((root / row.path).stat().st_size for row in rows)
    assert len({row.path for row in rows}) == len(rows)
    assert all(cell for row in rows for cell in row)
    assert {row.system for row in rows if row.label == "bonafide"} == {"-"}


@EVERY
def test_the_nesting_does_not_matter(name, made_up, tmp_path):
    flat = read(name, made_up(name, tmp_path / "corpus")).rows
    made_up(name, tmp_path / "disk" / "some" / "where" / "corpus")
    deep = read(name, tmp_path / "disk").rows

    def known(rows, prefix):
        # Plain folders are called after their root.
        return sorted(row._replace(path=row.path.removeprefix(prefix), dataset="") for row in rows)

    assert known(deep, "some/where/corpus/") == known(flat, "")


@EVERY
def test_what_is_missing_is_reported_and_the_rest_is_kept(name, made_up):
    root = made_up(name)
    whole = read(name, root)
    gone, empty = (root / row.path for row in whole.rows[:2])
    gone.unlink()
    empty.write_bytes(b"")
    rest = read(name, root)
    assert sorted(rest.rows) == sorted(whole.rows[2:])
    faults = [problem.what for problem in rest.problems]
    assert len(faults) > len(whole.problems)
    assert "the file is empty (0 bytes)" in faults


@EVERY
def test_hidden_twins_are_left_out(name, made_up):
    root = made_up(name)
    rows = read(name, root).rows
    for row in rows:
        twin = root / row.path
        twin.with_name(f"._{twin.name}").write_text("resource fork")
    shutil.copytree(root, root / "__MACOSX")
    assert read(name, root).rows == rows


@EVERY
def test_the_manifest_is_read_without_problems_and_leaks_nothing(name, made_up, tmp_path, capsys):
    root, manifest = made_up(name), tmp_path / "manifest.csv"
    assert main(["corpus", str(root), "-o", str(manifest)]) == 0
    corpus = read_corpus(manifest, root)
    assert corpus.problems == ()
    assert len(corpus.frame) == len(read(name, root).rows)
    assert not audit(corpus, same_audio=False).has_leak
    assert f"{name}: {len(corpus.frame)} clips" in capsys.readouterr().out
