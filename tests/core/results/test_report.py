"""The README's table says what the run and the cards say."""

import re

import pytest

from core.analysis.tables import false_alarms_by_quartile
from core.corpus.table import read_corpus
from core.detectors import checkpoint
from core.errors import ResultsError
from core.results.batch import score_corpus
from core.results.evaluation import evaluate_run, seen_systems
from core.results.report import END, START, insert_between_markers, seconds_per_clip, summary_markdown
from core.usecases import load_panel


@pytest.fixture
def panel(shipped_small):
    return load_panel()


@pytest.fixture
def run(small_corpus, panel, tmp_path):
    return score_corpus(read_corpus(small_corpus / "manifest.csv", small_corpus), panel, tmp_path / "run", split="eval")


def scores_of(run, name):
    return run.scores[run.scores["detector"] == name]


def test_the_table_holds_the_figures_of_the_run(run, panel):
    text = summary_markdown(run, panel.detectors, resamples=50)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    assert rows[0][:5] == ["detector", "EER % all", "EER % seen attacks", "EER % unseen attacks", "EER % published"]
    assert {len(row) for row in rows} == {11}
    assert rows[2][0] == "**panel** of 2 ●" and {row[0] for row in rows[3:]} == {"`small-cae` ●", "`small-cnn` ●"}
    figures = evaluate_run(run, resamples=50)
    rates = [float(row[1].split()[0]) for row in rows[3:]]
    assert rates == sorted(rates)
    for row in rows[2:]:
        name = row[0].strip("`*● ").split("*")[0]
        by_slice = figures[name].set_index("slice")
        assert float(row[1].split()[0]) == pytest.approx(100 * by_slice.loc["all", "eer"], abs=0.051)
        assert float(row[4].split()[0]) == pytest.approx(100 * by_slice.loc["published", "eer"], abs=0.051)
        assert float(row[6]) == pytest.approx(by_slice.loc["all", "cllr"], abs=0.0051)
        calm, *_, lively = false_alarms_by_quartile(run.panel if name == "panel" else scores_of(run, name))
        assert row[7] == f"{100 * calm:.0f} / {100 * lively:.0f}"
    cards = {name: detector.card for name, detector in panel.detectors.items()}
    assert next(row for row in rows if "small-cnn" in row[0])[8] == f"{cards['small-cnn'].parameters:,}"
    assert rows[2][8] == f"{sum(card.parameters for card in cards.values()):,}"
    assert "12 clips" in text
    assert "6 bona fide and 6 spoofed" in text


def test_a_run_of_other_detectors_is_refused(run, panel):
    panel.detectors["small-cnn"].card.decision.spoof_below = -3.0
    with pytest.raises(ResultsError, match="made by another small-cnn"):
        summary_markdown(run, panel.detectors, resamples=0)


def test_time_is_measured(panel):
    timing = seconds_per_clip(panel.detectors["small-cnn"], repeats=3)
    assert 0 < timing.median_s < 10


def test_attacks_are_seen_by_the_panel_when_a_member_heard_them(run):
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
    once = insert_between_markers(text, "new")
    assert once == f"before\n{START}\nnew\n{END}\nafter\n"
    assert insert_between_markers(once, "new") == once


@pytest.mark.parametrize("text", ["", START, END, f"{END}\n{START}"])
def test_a_file_without_both_markers_is_refused(text):
    with pytest.raises(ResultsError, match=re.escape(START)):
        insert_between_markers(text, "new")


def test_the_command_writes_the_table_into_a_file(run, shipped_small, tmp_path, capsys):
    from core.cli import main

    readme = tmp_path / "README.md"
    readme.write_text(f"# Title\n{START}\n{END}\nmore\n")
    asked = ["results-table", "--run", str(run.folder), "--resamples", "20", "--write", str(readme)]
    assert main(asked) == 0
    assert "| **panel** of 2 ●" in readme.read_text()
    assert readme.read_text().endswith(f"{END}\nmore\n")
    readme.write_text("# Title\n")
    assert main(asked) == 1
    assert START in capsys.readouterr().err
    assert shipped_small == checkpoint.SHIPPED
