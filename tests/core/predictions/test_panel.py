"""Anyone's predictions over one set of clips: ids, polarity, votes, and what they amount to."""

import dataclasses
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.analysis.metrics import eer, roc_auc
from core.errors import PredictionsError
from core.predictions.columns import Columns
from core.predictions.figures import panel_figures
from core.predictions.markdown import panel_markdown
from core.predictions.matching import places_of
from core.predictions.page import page_html
from core.predictions.panel import ImportedPanel, assemble
from core.predictions.predictions import Predictions, read_predictions
from core.predictions.protocol import read_protocol
from core.predictions.report import as_json, as_text, generous_words
from core.shell import json_text

N = 2000
RNG = np.random.default_rng(5)
LABELS = np.repeat(np.array([1, 0], dtype=np.int8), N // 2)
TRUTH = np.where(LABELS == 1, 2.0, -2.0)
IDS = [f"clip {n}.wav" for n in range(N)]


def file(
    name: str, scores: np.ndarray, ids: list[str] | None = None, *, labels: np.ndarray | None = LABELS
) -> Predictions:
    """Predictions as they would be read."""
    return Predictions(name, f"{name}.csv", "CSV", Columns(id="id", score="score"), pa.array(ids or IDS, pa.string()),
                       np.asarray(scores, dtype=float), labels)  # fmt: skip


def noisy(seed: int, spread: float = 2.0) -> np.ndarray:
    return TRUTH + spread * np.random.default_rng(seed).normal(size=N)


def bare(*files: Predictions) -> list[Predictions]:
    """The same without labels."""
    return [dataclasses.replace(one, labels=None) for one in files]


def test_planted_flips_are_turned_by_labels() -> None:
    score = noisy(0)
    panel = assemble([file("up", score), file("down", -score), file("low", 1 / (1 + np.exp(score)))])
    assert [member.polarity.sign for member in panel.members] == [1, -1, -1]
    assert {member.polarity.how for member in panel.members} == {"labels"}
    assert [member.eer for member in panel.members] == pytest.approx([eer(score[:1000], score[1000:]).rate] * 3)
    assert panel.members[0].auc == pytest.approx(roc_auc(score[:1000], score[1000:]))
    assert "AUC" in panel.members[1].polarity.words


def test_planted_flips_are_turned_by_a_reference_where_there_are_no_labels() -> None:
    files = {"known": noisy(1), "same": noisy(2), "turned": -noisy(3), "noise": RNG.normal(size=N)}
    panel = assemble(bare(*(file(name, scores) for name, scores in files.items())), higher={"known": "bonafide"})
    assert [member.polarity.sign for member in panel.members] == [1, 1, -1, None]
    assert panel.members[2].polarity.how == "agreement"
    assert panel.members[2].polarity.evidence["reference"] == "known"
    assert [member.name for member in panel.unsettled] == ["noise"]
    assert "noise" not in panel_figures(panel).names


def test_without_labels_and_reference_it_is_asked_and_no_name_decides() -> None:
    panel = assemble(bare(file("higher_is_bonafide", noisy(1)), file("p_spoof", noisy(2))))
    assert [member.polarity.how for member in panel.members] == ["open", "open"]
    assert panel_figures(panel).names == ()
    with pytest.raises(PredictionsError, match="has no known polarity itself"):
        assemble(bare(file("a", noisy(1)), file("b", noisy(2))), reference="a")


def test_labels_of_one_class_settle_nothing() -> None:
    real = np.ones(N, dtype=np.int8)
    panel = assemble([file("a", noisy(1), labels=real), file("b", -noisy(2), labels=real)], higher={"a": "bonafide"})
    assert [member.polarity.how for member in panel.members] == ["given", "agreement"]
    assert np.isnan(panel.members[0].eer)
    figures = panel_figures(panel)
    assert figures.error_correlation is None
    assert not figures.of_errors
    assert as_json(panel, figures)["files"][0]["eer"] is None
    alone = assemble([file("a", noisy(1), labels=real)]).members[0].polarity
    assert "no labelled clip is spoofed" in alone.words


def test_a_file_for_each_class_is_recognised_as_parts_of_one_list() -> None:
    score = noisy(0)
    parts = [file("real", score[:1000], IDS[:1000], labels=LABELS[:1000]),
             file("fake", score[1000:], IDS[1000:], labels=LABELS[1000:])]  # fmt: skip
    panel = assemble(parts)
    assert panel.apart == ("real", "fake")
    assert "real and fake score none of the same clips" in as_text(panel, panel_figures(panel))
    assert assemble([*parts[:1], file("all", score)]).apart is None


def test_ids_are_matched_without_regard_to_capitals_where_nothing_else_fits() -> None:
    panel = assemble([file("a", noisy(0)), file("b", noisy(1), [f"x/{name.upper()}" for name in IDS])])
    assert panel.members[1].aligned.coverage == 1
    assert panel.members[1].aligned.how == "without folder and suffix, in lower case"


def test_a_detector_at_chance_does_not_vote_unless_it_is_put_back() -> None:
    files = [file("good", noisy(0)), file("chance", RNG.normal(size=N))]
    barred = assemble(files).members[1].barred
    assert "not settled, since it is at chance" in barred
    given = assemble(files, higher={"chance": "bonafide"})
    assert "not better than chance" in given.members[1].barred
    assert panel_figures(given).names == ("good",)
    back = assemble(files, higher={"chance": "bonafide"}, put_back=["chance"])
    assert panel_figures(back).names == ("good", "chance")


def test_a_stated_polarity_that_labels_contradict_does_not_vote() -> None:
    panel = assemble([file("good", noisy(0)), file("turned", noisy(1))], higher={"turned": "spoof"})
    assert "the labels contradict its polarity (given): turned so, its AUC is 0.0" in panel.members[1].barred
    assert panel_figures(panel).names == ("good",)


def test_votes_in_words_state_their_polarity_and_are_never_turned() -> None:
    votes = (noisy(1) > 0).astype(float)
    words = [dataclasses.replace(file(name, scores), in_words=True) for name, scores in
             (("right", votes), ("wrong", 1 - votes))]  # fmt: skip
    panel = assemble([file("numbers", -noisy(0)), *words])
    assert [member.polarity.sign for member in panel.members] == [-1, 1, 1]
    assert "the labels contradict its polarity (words)" in panel.members[2].barred
    alone = assemble(bare(words[0], file("numbers", -noisy(0))))
    assert [member.polarity.how for member in alone.members] == ["words", "agreement"]


def test_none_is_the_most_generous_where_all_are_as_generous() -> None:
    figures = panel_figures(assemble([file("a", noisy(0)), file("b", 2 * noisy(0))]))
    assert (figures.most_generous, figures.most_severe) == ("", "")
    assert "no voter is more generous" in generous_words(figures)


PROTOCOLS = {
    "2019": ["LA_0039 LA_E_1 - A07 spoof", "LA_0001 LA_E_2 - - bonafide", "LA_0039 LA_E_3 - A19 spoof",
             "LA_0001 LA_E_4 - - bonafide", "LA_0039 LA_E_5 - A07 spoof"],
    "2021": ["LA_09 LA_E_1 alaw ita_tx A07 spoof notrim eval", "LA_07 LA_E_2 alaw ita_tx bonafide bonafide notrim eval",
             "LA_09 LA_E_3 g722 loc_tx A19 spoof notrim eval", "LA_07 LA_E_4 none none bonafide bonafide notrim eval",
             "LA_07 LA_E_5 none none A07 spoof notrim eval"],
    "5": ["E_9 LA_E_1 F C05 3 9 AC1 A07 spoof -", "E_7 LA_E_2 M C00 - - - bonafide bonafide -",
          "E_9 LA_E_3 F C05 3 9 AC1 A19 spoof -", "E_7 LA_E_4 M C00 - - - bonafide bonafide -",
          "E_9 LA_E_5 F C05 3 9 AC1 A07 spoof -"],
    "manifest": ["path,label,system,speaker", "eval/LA_E_1.flac,spoof,A07,a", "eval/LA_E_2.flac,bonafide,-,b",
                 "eval/LA_E_3.flac,spoof,A19,a", "eval/LA_E_4.flac,bonafide,-,b", "eval/LA_E_5.flac,spoof,A07,a"],
}  # fmt: skip


@pytest.mark.parametrize("name", PROTOCOLS)
def test_each_challenges_protocol_is_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    path.write_text("\n".join(PROTOCOLS[name]) + "\n")
    ids = [f"LA_E_{n}" for n in range(1, 6)]
    found = read_protocol(path, pa.array(ids))
    assert found.labels is not None
    assert found.labels.tolist() == [0, 1, 0, 1, 0]
    assert found.attacks is not None
    assert [found.attacks[at].as_py() for at in (0, 2, 4)] == ["A07", "A19", "A07"]
    assert found.groups is not None
    assert len(found.groups.unique()) == 2
    panel = assemble([file("a", np.array([-2.0, 2, -1, 3, -4]), ids, labels=None)], protocol=found)
    assert panel.members[0].aligned.coverage == 1


def test_a_protocol_of_other_clips_or_without_labels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    path.write_text("\n".join(PROTOCOLS["2019"]) + "\n")
    with pytest.raises(PredictionsError, match="lists none of the clips that are scored \\(such as other"):
        read_protocol(path, pa.array(["other", "others"]))
    path.write_text("a,1\nb,2\n")
    with pytest.raises(PredictionsError, match="has no column of labels"):
        read_protocol(path, pa.array(["a"]))


def test_five_copies_change_neither_the_verdict_nor_the_number_of_voters() -> None:
    files = [file("a", noisy(0)), file("b", noisy(1)), file("c", noisy(2))]
    copies = [file(f"copy {n}", (-1) ** n * 3 * noisy(0) + 7) for n in range(4)]
    alone, copied = (panel_figures(assemble(some)) for some in (files, [*files, *copies]))
    assert copied.effective == pytest.approx(alone.effective, abs=1e-6)
    assert copied.effective_by_errors == pytest.approx(alone.effective_by_errors, abs=1e-6)
    assert np.array_equal(copied.verdict, alone.verdict)
    assert sum(copied.weights[[0, 3, 4, 5, 6]]) == pytest.approx(alone.weights[0], abs=1e-6)


def test_votes_of_two_values_may_tie() -> None:
    votes = (noisy(0) > 0).astype(float), (noisy(1) > 0).astype(float)
    panel = assemble([file("a", votes[0]), file("b", 1 - votes[1])])
    assert [member.kind for member in panel.members] == ["votes", "votes"]
    figures = panel_figures(panel)
    tied = int((votes[0] != votes[1]).sum())
    assert len(figures.split) == tied > 0
    assert int((figures.verdict == -1).sum()) == tied
    assert len(figures.unanimous_bonafide) + len(figures.unanimous_spoof) + tied == N


def test_ids_match_without_suffix_and_folder_and_nothing_is_dropped_in_silence() -> None:
    score = noisy(0)
    theirs = [f"eval/deep/{name.removesuffix('.wav')}.flac" for name in IDS]
    rows = [*theirs[:-30], theirs[0], theirs[1], "stranger", "stranger", "other"]
    values = np.concatenate([score[:-30], [score[0], 99.0], [0, 0, 0]])
    values[5], values[6] = np.nan, np.inf
    panel = assemble([file("whole", score), file("theirs", values, rows, labels=None)], protocol=file("key", score))
    found = panel.members[1].aligned
    assert found.how == "without folder and suffix"
    assert (len(found.missing), found.repeated.tolist(), found.unlike.tolist()) == (30, [0], [1])
    assert found.extra == ["stranger", "other"]
    assert found.not_finite.tolist() == [5, 6]
    assert found.coverage == pytest.approx((N - 33) / N)
    assert [member.name for member in panel.incomplete] == ["theirs"]
    assert len(panel.shared) == N - 33
    listed = as_json(panel, panel_figures(panel))["files"][1]
    assert listed["not_finite"] == ["clip 5.wav", "clip 6.wav"]
    assert listed["repeated_with_other_scores"] == ["clip 1.wav"]
    assert len(listed["missing"]) == 30
    assert "30 missing: clip 1970.wav" in as_text(panel, panel_figures(panel))


def test_not_finite_scores_do_not_move_any_figure() -> None:
    score = noisy(0)
    broken = score.copy()
    broken[::100] = np.nan
    some = np.isfinite(broken)
    panel = assemble([file("a", broken)])
    assert panel.members[0].eer == pytest.approx(eer(score[some & (LABELS == 1)], score[some & (LABELS == 0)]).rate)
    assert panel.members[0].auc == pytest.approx(roc_auc(score[some & (LABELS == 1)], score[some & (LABELS == 0)]))


def test_without_a_protocol_the_clips_are_all_that_any_file_has() -> None:
    first = file("a", noisy(0)[:1500], IDS[:1500], labels=LABELS[:1500])
    second = file("b", noisy(1)[500:], IDS[500:], labels=None)
    panel = assemble([first, second])
    assert len(panel.clips) == N
    assert [member.aligned.coverage for member in panel.members] == [0.75, 0.75]
    assert len(panel.shared) == 1000


def test_names_that_would_be_one_without_their_folders_keep_them() -> None:
    ids = ["a/x.wav", "b/x.wav", "c/y.wav"]
    panel = assemble(bare(file("one", np.arange(3.0), ids), file("two", np.arange(3.0), ids[::-1])))
    assert panel.members[1].aligned.scores.tolist() == [2.0, 1.0, 0.0]
    other = assemble(bare(file("one", np.arange(2.0), ids[:2]), file("two", np.array([1.0]), ["x"])))
    assert other.members[1].aligned.coverage == pytest.approx(1 / 3)


def test_what_an_id_is_exactly_comes_before_what_it_is_loosely() -> None:
    few = file("A", np.array([2, -1.5]), ["real/1.wav", "fake/2.wav"], labels=None)
    all_four = ["real/1.wav", "fake/1.wav", "real/2.wav", "fake/2.wav"]
    more = file("B", np.array([3, -2, 2.5, -1]), all_four, labels=None)
    for files in ([few, more], [more, few]):
        panel = assemble(files)
        scores = {member.name: dict(zip(panel.clips.names(np.arange(4)), member.aligned.scores.tolist(), strict=True))
                  for member in panel.members}  # fmt: skip
        assert scores["B"] == {"real/1.wav": 3, "fake/1.wav": -2, "real/2.wav": 2.5, "fake/2.wav": -1}
        assert (scores["A"]["real/1.wav"], scores["A"]["fake/2.wav"]) == (2, -1.5)
        assert sum(np.isfinite(score) for score in scores["A"].values()) == 2
    key = dataclasses.replace(few, labels=np.array([1, 0], dtype=np.int8))
    (member,) = assemble([more], protocol=key).members
    assert member.aligned.scores.tolist() == [3, -1]
    assert member.aligned.extra == ["fake/1.wav", "real/2.wav"]


@pytest.mark.parametrize(
    ("found", "wanted", "places", "how"),
    [
        (["x.wav", "x.flac"], ["x.wav"], [0, -1], "as they are"),
        (["x.wav"], ["a/x.wav", "b/x.wav"], [-1], "as they are"),
        (["a/x", "b/x"], ["x.wav"], [-1, -1], "as they are"),
        (["X.wav", "x.wav"], ["x.wav", "X.wav"], [1, 0], "as they are"),
        ([" x ", "y", "y"], ["y", "x"], [1, 0, 0], "as they are"),
        (["a/x.wav", "b/y.flac", "Z"], ["z", "y", "a/x.wav"], [2, 1, 0],
         "as they are (1), without folder and suffix (1), without folder and suffix, in lower case (1)"),
        ([], ["x"], [], "as they are"),
    ],
)  # fmt: skip
def test_no_two_ids_become_one(found: list[str], wanted: list[str], places: list[int], how: str) -> None:
    got = places_of(pa.array(found, pa.string()), pa.array(wanted, pa.string()))
    assert (got[0].tolist(), got[1]) == (places, how)


def test_contradicting_labels_count_as_none_and_are_listed() -> None:
    labels = LABELS.copy()
    labels[:3] = 0
    panel = assemble([file("a", noisy(0)), file("b", noisy(1), labels=labels)])
    assert panel.clips.conflicts == IDS[:3]
    assert (panel.clips.labels[:4] == [-1, -1, -1, 1]).all()


def test_rows_of_one_file_that_contradict_each_other_label_nothing() -> None:
    ids = ["a", "a", "b", "c", "c"]
    key = file("key", np.full(5, np.nan), ids, labels=np.array([1, 0, 1, 0, -1], dtype=np.int8))
    panel = assemble(bare(file("one", np.arange(3.0), ["a", "b", "c"])), protocol=key)
    assert panel.clips.conflicts == ["a"]
    assert panel.clips.labels.tolist() == [-1, 1, 0]
    assert "1 with contradicting labels" in as_text(panel, panel_figures(panel))


def test_attacks_and_speakers_are_of_the_first_file_that_knows_the_clip() -> None:
    ids = ["a", "b", "c", "d"]
    some = dataclasses.replace(file("some", np.arange(4.0), ids, labels=LABELS[-4:]),
                               attacks=pa.array(["A01", "-", "", "-"]), groups=pa.array(["-"] * 4))  # fmt: skip
    rest = dataclasses.replace(bare(file("rest", np.arange(4.0), ids))[0],
                               attacks=pa.array(["A02", "A03", "A04", "-"]), groups=pa.array(["s", "t", "", "t"]))
    clips = assemble([some, rest]).clips
    assert clips.attacks is not None
    assert clips.attacks.tolist() == ["A01", "A03", "A04", "-"]
    assert clips.groups is not None
    assert clips.groups.tolist() == ["s", "t", "-", "t"]
    assert assemble([some]).clips.groups is None


def test_the_markdown_counts_the_classes_of_the_clips_that_all_score() -> None:
    labels = LABELS.copy()
    labels[-3:] = -1
    files = [file("a", noisy(0)[500:], IDS[500:], labels=labels[500:]), file("b", noisy(1), labels=labels)]
    panel = assemble(files)
    text = panel_markdown(panel, panel_figures(panel))
    assert "1,500 clips (500 bona fide, 997 spoofed, 3 unlabelled) scored by all." in text
    assert "independent ones** by their scores within each class" in text
    panel = assemble(bare(*files), higher={"a": "bonafide"})
    text = panel_markdown(panel, panel_figures(panel))
    assert "1,500 clips (1,500 unlabelled) scored by all." in text
    assert "by their scores alone, since there are no labels of both classes" in text


def test_on_unlabelled_clips_nobody_has_an_error_rate() -> None:
    labels = LABELS.copy()
    labels[::10] = -1
    panel = assemble([file("a", noisy(0), labels=labels), file("b", noisy(1), labels=labels)])
    figures = panel_figures(panel)
    rates = {row.attack: row.error_rates for row in figures.by_attack}
    assert np.isnan(rates["unlabelled"]).all()
    assert 0 < min(rates["spoof"]) < max(rates["spoof"]) < 1
    (row,) = [row for row in as_json(panel, figures)["by_attack"] if row["attack"] == "unlabelled"]
    assert row["error_rates"] == {"a": None, "b": None}
    assert "nan%" not in page_html(panel, figures) + panel_markdown(panel, figures)


def test_clips_without_a_common_score_have_no_figures() -> None:
    files = bare(file("a", noisy(0)[:1000], IDS[:1000]), file("b", noisy(1)[1000:], IDS[1000:]))
    panel = assemble(files, higher={"a": "bonafide", "b": "bonafide"})
    figures = panel_figures(panel)
    assert figures.n == 0
    assert "No votes" in as_text(panel, figures)
    json_text(as_json(panel, figures))
    assert "<h2>The files</h2>" in page_html(panel, figures)


def test_two_files_of_one_name_and_names_of_no_file_are_refused() -> None:
    with pytest.raises(PredictionsError, match="Two detectors are called a"):
        assemble([file("a", noisy(0)), file("a", noisy(1))])
    with pytest.raises(PredictionsError, match="No detector is called 'x'; there are: a"):
        assemble([file("a", noisy(0))], put_back=["x"])


def test_the_page_escapes_what_files_bring() -> None:
    ids = [f"<script>{n}</script>" for n in range(N)]
    panel = assemble([file("<b>a", noisy(0), ids), file("b", noisy(1), ids)])
    page = page_html(panel, panel_figures(panel))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<b>a" not in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.fixture(scope="module")
def published(shared: Path) -> tuple[list[Predictions], ImportedPanel]:
    folder = shared / "predictions"
    names = ("rawgat_st_mul", "rawgat_st_add", "ocsoftmax", "softmax")
    files = [read_predictions(folder / f"{name}.txt") for name in names]
    key = read_protocol(folder / "ASVspoof2019.LA.cm.eval.trl.txt", files[0].ids)
    return files, assemble(bare(*files), protocol=key)


def test_published_predictions_have_their_official_figures(published: tuple[list[Predictions], ImportedPanel]) -> None:
    panel = published[1]
    assert [round(100 * member.eer, 2) for member in panel.members] == [1.06, 1.16, 2.18, 5.06]
    assert [member.polarity.sign for member in panel.members] == [1, 1, -1, 1]
    assert panel.clips.attacks is not None
    assert len(set(panel.clips.attacks)) == 14
    assert panel.clips.groups is not None
    assert panel.clips.groups[0] == "LA_0039"
    figures = panel_figures(panel)
    assert 2 < figures.effective_by_errors < figures.effective < 4
    # Two of RawGAT-ST and two of one ResNet.
    pairs = [{figures.names[place] for place in figures.order[at : at + 2]} for at in (0, 2)]
    assert {"ocsoftmax", "softmax"} in pairs


def test_the_polarity_of_published_predictions_follows_from_any_one_of_them(
    published: tuple[list[Predictions], ImportedPanel],
) -> None:
    panel = assemble(bare(*published[0]), higher={"ocsoftmax": "spoof"}, reference="ocsoftmax")
    assert [member.polarity.sign for member in panel.members] == [1, 1, -1, 1]
