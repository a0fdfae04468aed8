"""The challenges' lists: columns at their places, attacks, splits, counts, and rows of another shape."""

import pytest

from core.corpus.reader import READERS, Reading, Row, detect
from core.corpus.readers.asvspoof5 import Asvspoof5
from core.corpus.readers.asvspoof2019_la import _PUBLISHED, Asvspoof2019La
from core.corpus.readers.asvspoof2021_df import Asvspoof2021Df
from core.corpus.readers.asvspoof2021_la import Asvspoof2021La
from core.corpus.tree import Tree
from core.errors import CorpusError


def by_name(reading):
    return {row.path.split("/")[-1].split(".")[0]: row for row in reading.rows}


def test_2019_la_has_its_columns_splits_and_attacks(made_up):
    rows = by_name(Asvspoof2019La().read(Tree(made_up("asvspoof2019-la"))))
    assert rows["LA_T_2"] == Row(
        path="LA/ASVspoof2019_LA_train/flac/LA_T_2.flac", label="spoof", system="A01", speaker="LA_0079",
        dataset="ASVspoof 2019 LA", licence="ODC-By-1.0", split="train", part="published", kind="tts",
    )  # fmt: skip
    assert (rows["LA_T_1"].label, rows["LA_T_1"].system, rows["LA_T_1"].kind) == ("bonafide", "-", "-")
    assert {name: row.split for name, row in rows.items() if "_1" in name} == {
        "LA_T_1": "train", "LA_D_1": "dev", "LA_E_1": "eval",
    }  # fmt: skip
    assert rows["LA_E_2"].kind == "vc"


def test_2019_la_warns_of_counts_unlike_the_published_ones(made_up):
    warnings = Asvspoof2019La().read(Tree(made_up("asvspoof2019-la"))).warnings
    assert "train spoof: 2 clips are listed, the published corpus has 22,800." in warnings
    assert len(warnings) == 6


def test_the_published_counts_bring_no_warning(tmp_path):
    tree, reading = Tree(tmp_path), Reading()
    for what, count in _PUBLISHED.items():
        split, label = what.split()
        for number in range(count):
            tree.sizes[f"{what} {number}"] = 1
            reading.add(tree, Row(f"{what} {number}", label, split=split))
    assert sum(_PUBLISHED.values()) == len(reading.rows) == 25_380 + 24_844 + 71_237
    reading.compare(_PUBLISHED)
    assert reading.warnings == []


def test_a_list_that_is_not_there_is_reported_and_the_others_are_read(made_up):
    root = made_up("asvspoof2019-la")
    next(root.rglob("*.dev.trl.txt")).unlink()
    reading = Asvspoof2019La().read(Tree(root))
    assert {row.split for row in reading.rows} == {"train", "eval"}
    assert any(warning.startswith("dev: there is no list") for warning in reading.warnings)


def test_a_recording_that_is_listed_and_not_there_keeps_its_name_and_row(made_up):
    root = made_up("asvspoof2019-la")
    next(root.rglob("LA_T_3.flac")).unlink()
    (problem,) = Asvspoof2019La().read(Tree(root)).problems
    assert (problem.row, problem.path, problem.what) == (3, "LA_T_3", "there is no such file")


def test_2021_la_keeps_the_subset_as_the_split(made_up):
    rows = by_name(Asvspoof2021La().read(Tree(made_up("asvspoof2021-la"))))
    assert {name: row.split for name, row in rows.items()} == {
        "LA_E_11": "eval", "LA_E_12": "eval", "LA_E_13": "progress", "LA_E_14": "hidden",
    }  # fmt: skip
    assert (rows["LA_E_11"].system, rows["LA_E_11"].speaker, rows["LA_E_11"].kind) == ("A07", "LA_0009", "tts")
    assert (rows["LA_E_12"].label, rows["LA_E_12"].system) == ("bonafide", "-")


def test_2021_df_finds_its_parts_and_calls_the_conversion_challenges_conversion(made_up):
    rows = by_name(Asvspoof2021Df().read(Tree(made_up("asvspoof2021-df"))))
    assert (rows["DF_E_13"].system, rows["DF_E_13"].kind) == ("Task1-team20", "vc")
    assert rows["DF_E_13"].dataset == "ASVspoof 2021 DF/vcc2020"
    assert (rows["DF_E_12"].label, rows["DF_E_12"].kind) == ("bonafide", "-")
    assert rows["DF_E_11"].path.startswith("part00/")


def test_the_two_tracks_of_2021_are_kept_apart_by_their_columns(made_up, tmp_path):
    root = tmp_path / "both"
    made_up("asvspoof2021-la", root)
    made_up("asvspoof2021-df", root)
    tree = Tree(root)
    assert len(Asvspoof2021La().read(tree).rows) == 4
    assert len(Asvspoof2021Df().read(tree).rows) == 3
    with pytest.raises(CorpusError, match=r"several corpora \(asvspoof2021-df, asvspoof2021-la\)"):
        detect(tree)


def test_asvspoof5_keeps_its_first_row_and_takes_the_attack_not_the_codec(made_up):
    rows = by_name(Asvspoof5().read(Tree(made_up("asvspoof5"))))
    assert len(rows) == 6
    assert (rows["T_0000000000"].system, rows["T_0000000000"].speaker) == ("A05", "T_4850")
    assert (rows["E_1"].system, rows["E_1"].split) == ("A31", "eval")


def test_the_lists_of_six_columns_are_refused_row_by_row(made_up):
    root = made_up("asvspoof5")
    path = root / "ASVspoof5.train.tsv"
    path.write_text(path.read_text() + "T_4850 T_0000000002 F AC3 A05 spoof\n")
    (problem,) = Asvspoof5().read(Tree(root)).problems
    assert (problem.row, problem.what) == (3, "the row has 6 columns, not 10")


def test_a_header_among_the_rows_is_reported(made_up):
    root = made_up("asvspoof5")
    path = root / "ASVspoof5.train.tsv"
    path.write_text("SPEAKER FILE GENDER CODEC Q SEED TAG ATTACK KEY TMP\n" + path.read_text())
    reading = Asvspoof5().read(Tree(root))
    (problem,) = reading.problems
    assert problem.row == 1 and "'KEY' is unknown: use one of" in problem.what
    assert len(reading.rows) == 6


@pytest.mark.parametrize("name", ["asvspoof2021-la", "asvspoof2021-df"])
@pytest.mark.parametrize("folder", ["ASV", "CM", "A"])
def test_2021_reads_the_countermeasures_list_wherever_the_speakers_list_lies(made_up, name, folder):
    """Both are called trial_metadata.txt and have the same columns; only their contents differ."""
    root = made_up(name)
    (keys,) = root.rglob("CM/trial_metadata.txt")
    speakers = [line.split() for line in keys.read_text().splitlines()]
    for cells in speakers:
        cells[5] = "spoof" if cells[5] == "spoof" else "nontarget"
    other = keys.parents[1] / folder / "trial_metadata.txt"
    if folder == "CM":
        other = keys.parents[2] / "trial_metadata.txt"
    other.parent.mkdir(exist_ok=True)
    other.write_text("\n".join(" ".join(cells) for cells in speakers))
    reading = READERS.get(name)().read(Tree(root))
    assert {row.label for row in reading.rows} == {"bonafide", "spoof"} and reading.problems == []
    keys.unlink()
    alone = READERS.get(name)().read(Tree(root))
    assert alone.rows == []
    assert "lists trials of speaker verification (target, nontarget), not bonafide and spoof" in alone.warnings[0]


LIST = "LA/ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm.train.trn.txt"


@pytest.mark.parametrize(
    "spelling",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("LA_T_1", "LA_T_1.flac").replace("LA_T_2", "flac\\LA_T_2.FLAC"),
        lambda text: text.replace("bonafide", "Bonafide").replace("spoof", "Spoof"),
        lambda text: "\ufeff" + text.replace(" ", "\t"),
    ],
    ids=["windows line ends", "suffix and backslashes", "capitals", "tabs and a byte order mark"],
)
def test_a_list_in_another_spelling_reads_the_same(made_up, spelling):
    root = made_up("asvspoof2019-la")
    expected = Asvspoof2019La().read(Tree(root))
    (root / LIST).write_bytes(spelling((root / LIST).read_text()).encode())
    found = Asvspoof2019La().read(Tree(root))
    assert (found.rows, found.problems) == (expected.rows, [])


def test_labels_in_numbers_are_refused_row_by_row(made_up):
    root = made_up("asvspoof2019-la")
    (root / LIST).write_text((root / LIST).read_text().replace("bonafide", "1").replace("spoof", "0"))
    reading = Asvspoof2019La().read(Tree(root))
    assert {row.split for row in reading.rows} == {"dev", "eval"}
    assert len(reading.problems) == 3
    assert all("write bonafide or spoof instead" in problem.what for problem in reading.problems)


def test_a_file_under_both_labels_is_left_out_and_one_listed_twice_is_kept_once(made_up):
    root = made_up("asvspoof2019-la")
    with (root / LIST).open("a") as file:
        file.write("LA_0079 LA_T_1 - A01 spoof\nLA_0079 LA_T_2 - A01 spoof\n")
    reading = Asvspoof2019La().read(Tree(root))
    assert sorted(name for name in by_name(reading) if "_T_" in name) == ["LA_T_2", "LA_T_3"]
    assert [(problem.row, problem.what) for problem in reading.problems] == [
        (4, "it is listed under both labels, bonafide in row 1 and spoof"), (5, "it is listed already in row 2"),
    ]  # fmt: skip
