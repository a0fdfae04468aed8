"""The documents' table and the terminal's report the figures of the run and of the cards."""

import copy
import json
import re

import numpy as np
import pytest

from core.analysis.metrics import cllr
from core.analysis.tables import false_alarms_by_quartile
from core.corpus.table import read_corpus
from core.detectors import checkpoint
from core.errors import ResultsError
from core.results.evaluation import evaluate_run
from core.results.fill import score_corpus
from core.results.queries import seen_systems
from core.results.report import between_markers, read_speeds, results_frame, results_markdown, results_text
from core.usecases import load_panel
from tests.dashboard.synthetic_run import synthetic_clips, synthetic_run

START, END = "<!-- results:start -->", "<!-- results:end -->"
SPEEDS = {"small-cnn": 10.0, "small-cae": 40.0}


@pytest.fixture(scope="module")
def panel(small_checkpoints):
    return load_panel(sorted(small_checkpoints.iterdir()))


@pytest.fixture
def cards(panel):
    return {name: detector.card.model_copy(deep=True) for name, detector in panel.detectors.items()}


@pytest.fixture(scope="module")
def scored(small_corpus, panel, tmp_path_factory):
    corpus = read_corpus(small_corpus / "manifest.csv", small_corpus)
    return score_corpus(corpus, panel, tmp_path_factory.mktemp("scored") / "run", split="eval")


@pytest.fixture
def run(scored):
    """The run, the test's own: some change its manifest."""
    return copy.deepcopy(scored)


def scores_of(run, name):
    return run.scores[run.scores["detector"] == name]


def test_the_table_holds_the_figures_of_the_run(run, cards):
    text = results_markdown(run, cards, speeds=SPEEDS, resamples=50)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    assert rows[0][:5] == ["detector", "EER all", "EER seen attacks", "EER unseen attacks", "EER published"]
    assert {len(row) for row in rows} == {11}
    assert rows[2][0] == "panel of 2 ●" and {row[0] for row in rows[3:]} == {"small-cae ●", "small-cnn ●"}
    figures = evaluate_run(run, resamples=50)
    rates = [float(row[1].split()[0]) for row in rows[3:]]
    assert rates == sorted(rates)
    for row in rows[2:]:
        name = row[0].split()[0]
        by_slice = figures[name].set_index("slice")
        assert float(row[1].split()[0]) == pytest.approx(100 * by_slice.loc["all", "eer"], abs=0.051)
        assert float(row[4].split()[0]) == pytest.approx(100 * by_slice.loc["published", "eer"], abs=0.051)
        assert float(row[6]) == pytest.approx(by_slice.loc["all", "cllr"], abs=0.0051)
        low, *_, high = false_alarms_by_quartile(run.panel if name == "panel" else scores_of(run, name))
        expected = " / ".join("–" if np.isnan(share) else f"{100 * share:.0f} %" for share in (low, high))
        assert row[7] == expected
    assert next(row for row in rows if "small-cnn" in row[0])[8] == f"{cards['small-cnn'].parameters:,}"
    assert rows[2][8] == f"{sum(card.parameters for card in cards.values()):,}"
    assert "12 clips" in text
    assert "6 bona fide and 6 spoofed" in text


@pytest.mark.parametrize("n", [40, 200], ids=["some", "all"])
def test_clips_without_a_label_have_no_part_in_the_cllr_of_raw_outputs(tmp_path, cards, n):
    clips = synthetic_clips()
    clips.loc[clips.index[:n], "label"] = "-"
    run = synthetic_run(tmp_path / "run", clips)
    about = dict.fromkeys(run.detectors, cards["small-cnn"])
    frame = results_frame(run, evaluate_run(run, resamples=0), cards=about).set_index("detector")
    for name in run.detectors:
        raw = run.raw(name)
        expected = "–" if n == 200 else f"{cllr(raw[run.real], raw[run.fake]):.2f}"
        assert frame.loc[f"{name} ●", "Cllr raw"] == expected


def test_speeds_are_the_benchs_and_the_panels_follows_from_its_members(run, cards):
    frame = results_frame(run, evaluate_run(run, resamples=0), cards=cards, speeds=SPEEDS).set_index("detector")
    assert frame.loc["small-cnn ●", "clips/s"] == "10.0"
    assert frame.loc["panel of 2 ●", "clips/s"] == "8.0", "1 / (1/10 + 1/40)"
    unknown = results_frame(run, evaluate_run(run, resamples=0), cards=cards, speeds={})
    assert set(unknown["clips/s"]) == {"–"}


def test_only_the_best_can_be_asked_for(run, cards):
    best = results_markdown(run, cards, most=1, resamples=0).splitlines()
    whole = results_markdown(run, cards, resamples=0).splitlines()
    assert best[:4] == whole[:4]
    assert not best[4]
    assert best[-1].endswith("The 1 best of 2 detectors.")
    assert results_markdown(run, cards, most=9, resamples=0).splitlines() == whole


def test_the_terminal_has_the_same_rates_in_the_same_notation(run, cards):
    tables = evaluate_run(run, resamples=50)
    text, markdown = results_text(run, tables), results_markdown(run, cards, resamples=50)
    cells = re.findall(r"\d+\.\d % \[\d+\.\d, \d+\.\d\]|\d+\.\d %(?! \[)", text)
    assert cells
    assert all(cell in markdown for cell in cells)
    assert "AUC" in text


def test_members_are_marked_and_a_detector_without_a_rate_stands_last(run):
    tables = evaluate_run(run, resamples=0)
    tables["small-cnn"] = tables["small-cnn"].assign(eer=np.nan)
    run.manifest["fusion"] = {"members": {"small-cae": 1.0}}
    frame = results_frame(run, tables)
    assert frame["detector"].tolist()[0].startswith("panel of ")
    assert frame["detector"].tolist()[-1].startswith("small-cnn")
    assert frame["EER all"].iloc[-1] == "–"


def test_a_run_of_other_detectors_is_refused(run, cards):
    cards["small-cnn"].decision.spoof_below = -3.0
    with pytest.raises(ResultsError, match="made by another small-cnn"):
        results_markdown(run, cards, resamples=0)
    with pytest.raises(ResultsError, match="made by another"):
        results_markdown(run, {}, resamples=0)


def test_attacks_are_seen_by_the_panel_when_a_member_was_trained_on_them(run):
    about = run.manifest["detectors"]
    about["small-cnn"]["seen_systems"] = ["hiss"]
    assert seen_systems(run, "small-cae") == ["buzz"]
    assert seen_systems(run, "panel") == ["buzz", "hiss"]


def test_nothing_is_claimed_of_seen_attacks_where_the_training_is_unknown(run):
    run.manifest["detectors"]["small-cnn"]["seen_systems"] = None
    tables = evaluate_run(run, resamples=0)
    assert tables["small-cnn"]["slice"].tolist() == tables["panel"]["slice"].tolist() == ["all", "published"]
    assert "seen attacks" in tables["small-cae"]["slice"].tolist()


def test_text_goes_between_the_markers_and_nowhere_else():
    text = f"before\n{START}\nold\n{END}\nafter\n"
    once = between_markers(text, "new", what="results")
    assert once == f"before\n{START}\nnew\n{END}\nafter\n"
    assert between_markers(once, "new", what="results") == once


@pytest.mark.parametrize("text", ["", START, END, f"{END}\n{START}"])
def test_a_file_without_both_markers_is_refused(text):
    with pytest.raises(ResultsError, match=re.escape(START)):
        between_markers(text, "new", what="results")


def test_speeds_are_read_from_what_bench_printed(tmp_path):
    path = tmp_path / "speeds.json"
    path.write_text(json.dumps({"detectors": [{"name": "a", "clips_per_s": 2.5}], "panel": {}}))
    assert read_speeds(path) == {"a": 2.5}
    for wrong in ("", "[]", '{"detectors": [{"name": "a"}]}'):
        path.write_text(wrong)
        with pytest.raises(ResultsError, match="bench --json"):
            read_speeds(path)


def test_the_command_writes_the_table_into_a_file(run, shipped_small, tmp_path, capsys):
    from core.cli import main

    readme, speeds = tmp_path / "README.md", tmp_path / "speeds.json"
    readme.write_text(f"# Title\n{START}\n{END}\nmore\n")
    speeds.write_text(json.dumps({"detectors": [{"name": n, "clips_per_s": s} for n, s in SPEEDS.items()]}))
    asked = ["results-table", "--run", str(run.folder), "--resamples", "20", "--write", str(readme)]
    asked += ["--speeds", str(speeds), "--most", "1"]
    assert main(asked) == 0
    assert "| panel of 2 ● |" in readme.read_text()
    assert readme.read_text().endswith(f"{END}\nmore\n")
    readme.write_text("# Title\n")
    assert main(asked) == 1
    assert START in capsys.readouterr().err
    assert shipped_small == checkpoint.SHIPPED
