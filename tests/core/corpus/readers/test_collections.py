"""In-the-Wild, WaveFake, FakeOrReal, AntiDeepfake's tables and plain folders, with the traps of each."""

from collections import defaultdict

import pytest

from core.corpus.reader import detect
from core.corpus.readers.antideepfake import AntiDeepfake
from core.corpus.readers.fake_or_real import FakeOrReal
from core.corpus.readers.folders import Folders
from core.corpus.readers.in_the_wild import InTheWild
from core.corpus.readers.wavefake import WaveFake
from core.corpus.splits import split_by_source
from core.corpus.tree import Tree
from core.errors import CorpusError


def test_in_the_wild_keeps_names_with_blanks_and_is_for_evaluation(made_up):
    rows = InTheWild().read(Tree(made_up("in-the-wild"))).rows
    assert [(row.speaker, row.label, row.split) for row in rows] == [
        ("Alec Guinness", "spoof", "eval"), ("Donald Trump", "bonafide", "eval"),
    ]  # fmt: skip


def test_in_the_wild_lists_a_label_that_it_does_not_know(made_up):
    root = made_up("in-the-wild")
    with (root / "release_in_the_wild/meta.csv").open("a") as file:
        file.write("0.wav,Someone,perhaps\n")
    (problem,) = InTheWild().read(Tree(root)).problems
    assert problem.row == 3 and "'perhaps' is unknown" in problem.what


@pytest.mark.parametrize(
    "spelling",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace(".wav", ""),
        lambda text: text.replace("0.wav", "audio\\0.wav"),
        lambda text: text.replace("spoof", " Spoof ").replace("bona-fide", "Bona-Fide"),
        lambda text: "\ufeff" + text,
    ],
    ids=["windows line ends", "no suffix", "backslashes", "capitals and blanks", "byte order mark"],
)
def test_in_the_wild_in_another_spelling_reads_the_same(made_up, spelling):
    root = made_up("in-the-wild")
    table = root / "release_in_the_wild/meta.csv"
    expected = InTheWild().read(Tree(root)).rows
    table.write_bytes(spelling(table.read_text()).encode())
    reading = InTheWild().read(Tree(root))
    assert (reading.rows, reading.problems) == (expected, [])


def test_antideepfake_knows_a_split_called_test_in_capitals(made_up):
    root = made_up("antideepfake")
    table = root / "protocols/SpoofCeleb.csv"
    table.write_text(table.read_text().replace(",test,", ",Test,").replace(",valid,", ",Validation,"))
    assert [row.split for row in AntiDeepfake().read(Tree(root)).rows] == ["train", "train", "dev", "eval"]


def test_wavefake_pairs_real_and_fake_by_sentence_whatever_the_suffix(made_up):
    rows = WaveFake().read(Tree(made_up("wavefake"))).rows
    systems = defaultdict(set)
    for row in rows:
        systems[row.source].add(row.system)
    assert systems["LJ001-0001"] == {"-", "melgan", "hifigan", "waveglow"}
    assert systems["BASIC5000_0002"] == {"-", "parallel_wavegan"}
    assert len([source for source in systems if source.startswith("common-voice-gen_")]) == 5


def test_wavefake_puts_no_sentence_into_two_splits_and_every_split_has_both_classes(made_up):
    rows = WaveFake().read(Tree(made_up("wavefake"))).rows
    splits = defaultdict(set)
    for row in rows:
        splits[row.source].add(row.split)
    assert all(len(found) == 1 for found in splits.values())
    assert {(row.split, row.label) for row in rows} == {
        (split, label) for split in ("train", "dev", "eval") for label in ("bonafide", "spoof")
    }


def test_wavefake_leaves_out_the_second_copy_of_its_speech_from_text(made_up):
    reading = WaveFake().read(Tree(made_up("wavefake")))
    spoken = [row for row in reading.rows if row.kind == "tts"]
    assert len(spoken) == 5 and not any("/generated/" in row.path for row in spoken)
    assert reading.warnings == ["5 clips stand a second time in a folder 'generated': left out."]


def test_wavefake_says_which_real_speech_is_missing(made_up):
    import shutil

    root = made_up("wavefake")
    shutil.rmtree(root / "jsut_ver1.1")
    warnings = WaveFake().read(Tree(root)).warnings
    assert any("no JSUT" in warning and "jsut_ver1.1/basic5000/wav" in warning for warning in warnings)


def test_wavefake_is_known_from_one_vocoders_folder_alone(made_up):
    tree = Tree(made_up("wavefake") / "generated_audio/ljspeech_melgan")
    assert detect(tree) == "wavefake"
    assert {row.system for row in WaveFake().read(tree).rows} == {"melgan"}


def test_fake_or_real_has_its_own_splits_and_lists_the_empty_file(made_up):
    root = made_up("fake-or-real")
    (root / "for-norm/for-norm/testing/fake/file2.wav").touch()
    reading = FakeOrReal().read(Tree(root))
    assert {(row.split, row.label) for row in reading.rows} == {
        (split, label) for split in ("train", "dev", "eval") for label in ("bonafide", "spoof")
    }
    assert [problem.what for problem in reading.problems] == ["the file is empty (0 bytes)"]
    assert {row.dataset for row in reading.rows} == {"FakeOrReal/for-norm"}


def test_fake_or_real_warns_of_two_variants_and_of_what_is_not_there(made_up, tmp_path):
    root = made_up("fake-or-real")
    (root / "for-norm/for-norm").rename(root / "for-norm/for-2seconds")
    (root / "for-norm").rename(root / "for-2sec")
    made_up("fake-or-real", root)
    for file in root.glob("*/*/validation/real/*"):
        file.unlink()
    warnings = FakeOrReal().read(Tree(root)).warnings
    assert any("FakeOrReal/for-2seconds, FakeOrReal/for-norm hold the same recordings" in one for one in warnings)
    assert "There is nothing in validation/real." in warnings


def test_antideepfake_finds_the_path_that_agrees_longest(made_up):
    rows = AntiDeepfake().read(Tree(made_up("antideepfake"))).rows
    assert [row.path for row in rows[:2]] == ["SpoofCeleb/train/a/1.flac", "SpoofCeleb/train/b/1.flac"]
    assert [(row.split, row.system, row.seconds) for row in rows] == [
        ("train", "-", "4.5"), ("train", "a07", "3.25"), ("dev", "-", "4"), ("eval", "a08", "4"),
    ]  # fmt: skip
    assert {row.dataset for row in rows} == {"SpoofCeleb"}


def test_antideepfake_says_which_rows_have_no_split_and_no_file(made_up):
    root = made_up("antideepfake")
    with (root / "protocols/SpoofCeleb.csv").open("a") as file:
        file.write("SC-5,fake,4,16000,$ROOT/SpoofCeleb/test/2.flac,a08,id4,-,1,FLAC,16,EN\n")
        file.write("SC-6,fake,4,16000,,a08,id4,test,1,FLAC,16,EN\n")
    reading = AntiDeepfake().read(Tree(root))
    assert reading.warnings == ["1 clips have no Proportion of train, valid or test, and so no split."]
    assert [(problem.row, problem.path) for problem in reading.problems] == [(6, "SC-6")]


def test_folders_pair_equal_names_and_name_the_system(made_up):
    rows = Folders().read(Tree(made_up("folders"))).rows
    assert {row.system for row in rows if row.source == "clip3"} == {"-", "world", "lpc"}
    assert len({row.split for row in rows if row.source == "clip3"}) == 1
    assert {row.split for row in rows} == {"train", "dev", "eval"}


def test_folders_take_a_split_at_its_word_and_equal_names_across_splits_for_chance(tmp_path):
    for path in ("train/genuine/1.wav", "test/genuine/1.wav", "train/spoof/1.wav", "val/bonafide/1.wav"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    rows = Folders().read(Tree(tmp_path)).rows
    assert {row.path: (row.split, row.source) for row in rows} == {
        "test/genuine/1.wav": ("eval", "eval/1"), "train/genuine/1.wav": ("train", "train/1"),
        "train/spoof/1.wav": ("train", "train/1"), "val/bonafide/1.wav": ("dev", "dev/1"),
    }  # fmt: skip


def test_folders_report_what_lies_outside(tmp_path):
    for path in ("real/1.wav", "other/2.wav"):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(path)
    reading = Folders().read(Tree(tmp_path))
    assert reading.warnings == ["1 recordings lie in no folder that names a class: left out."]


def test_a_folder_that_is_no_corpus_lists_what_can_be_read(tmp_path):
    (tmp_path / "song.wav").write_text("song")
    with pytest.raises(CorpusError, match=r"none of the layouts .*real/ and fake/.* in-the-wild needs meta.csv"):
        detect(Tree(tmp_path))
    with pytest.raises(CorpusError, match="is not a folder"):
        Tree(tmp_path / "song.wav")


def test_a_source_keeps_its_split_when_others_come(n=400):
    few = split_by_source(f"clip-{number}" for number in range(n // 2))
    many = split_by_source(f"clip-{number}" for number in range(n))
    assert all(many[source] == split for source, split in few.items())
    shares = [list(many.values()).count(split) / n for split in ("train", "dev", "eval")]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.05)


@pytest.mark.parametrize("number", range(20))
def test_three_sources_are_enough_for_three_splits(number):
    sources = [f"{number}-{letter}" for letter in "abc"]
    assert sorted(split_by_source(sources).values()) == ["dev", "eval", "train"]


def test_fewer_sources_than_splits_are_left_to_their_hash():
    assert set(split_by_source(["a", "b"])) == {"a", "b"}
    assert split_by_source([]) == {}
