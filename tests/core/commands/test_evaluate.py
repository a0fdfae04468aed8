"""``evaluate``: the run that is kept, the figures that are printed, and the reason where there are none."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from core.cli import main
from core.scoring.executors.process import Processes


def test_evaluate_prints_one_table_of_all_detectors_and_keeps_the_run(shipped_small, manifest, tmp_path, capsys):
    from core.results.store import read_run

    assert main(["evaluate", *manifest, "-o", str(tmp_path / "run"), "--resamples", "20"]) == 0
    output = capsys.readouterr()
    head, *rows = output.out.split("\n\n")[0].splitlines()
    for word in ("detector", "all", "seen attacks", "unseen attacks", "published"):
        assert word in head
    assert sorted(row.split()[0] for row in rows) == ["panel", "small-cae", "small-cnn"]
    for counts in ("all 6 bona fide and 6 spoofed", "seen attacks 6 bona fide and 3 spoofed", "published 3 bona fide"):
        assert counts in output.out
    assert "The panel on all clips: AUC" in output.out
    assert "scored 12 clips with 2 detectors; 0 scores were there already" in output.err
    assert "12 clips scored, 0 not. Run:" in output.out
    kept = read_run(tmp_path / "run")
    assert len(kept.clips) == 12
    assert kept.manifest["corpus"]["split"] == "eval"
    # "Test" is another word for this split, and no other run.
    again = [*manifest[:-1], "Test", "-o", str(tmp_path / "run"), "--resamples", "20", "--executor", "local"]
    assert main(["evaluate", *again, "--full"]) == 0
    output = capsys.readouterr()
    assert "scored 0 clips with 0 detectors; 24 scores were there already" in output.err
    blocks = output.out.split("\n\n")
    assert [block.split("\n")[0] for block in blocks[:3]] == ["small-cae", "small-cnn", "panel"]
    assert all("min_dcf" in block for block in blocks[:3])


def test_evaluate_prints_json_of_the_same_figures_and_scores_once(
    shipped_small, manifest, tmp_path, monkeypatch, capsys
):
    from sklearn.metrics import roc_auc_score

    from core.detectors.detector import Detector
    from core.results.store import read_run

    monkeypatch.setenv("SPOOFSCOPE_DATA", str(tmp_path / "data"))
    asked = ["evaluate", *manifest, "--json", "--resamples", "20", "--executor", "local"]
    assert main(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert Path(told["run"]).parent == tmp_path / "data/runs"
    kept = read_run(told["run"])
    assert set(told["figures"]) == {"small-cae", "small-cnn", "panel"}
    rows = {row["slice"]: row for row in told["figures"]["panel"]}
    assert list(rows) == ["all", "seen attacks", "unseen attacks", "published"]
    assert (rows["all"]["n_bonafide"], rows["all"]["n_spoof"]) == (6, 6)
    assert (rows["seen attacks"]["n_spoof"], rows["unseen attacks"]["n_spoof"]) == (3, 3)
    assert (rows["published"]["n_bonafide"], rows["published"]["n_spoof"]) == (3, 3)
    auc = roc_auc_score(kept.panel["label"] == "bonafide", kept.panel["score"])
    assert rows["all"]["auc"] == pytest.approx(auc)
    assert {"eer", "eer_low", "eer_high", "min_dcf", "act_dcf", "cllr"} <= set(rows["all"])
    monkeypatch.setattr(Detector, "score", lambda *_: 1 / 0)
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out) == told


def evaluated(small_corpus, rows, folder, *options):
    """Evaluate some rows of the small corpus, with the rest in another split and its files away."""
    table = pd.read_csv(small_corpus / "manifest.csv")
    table.loc[~table.index.isin(rows), ["split", "path"]] = ["train", "away.flac"]
    table.to_csv(folder / "some.csv", index=False)
    asked = ["--manifest", str(folder / "some.csv"), "--root", str(small_corpus), "--split", "eval"]
    options = ("--executor", "local", *options)
    return main(["evaluate", *asked, "-o", str(folder / "run"), "--checkpoint", "small-cnn", *options])


def test_evaluate_reads_and_counts_its_split_alone(shipped_small, small_corpus, tmp_path, capsys):
    assert evaluated(small_corpus, range(6), tmp_path, "--resamples", "0") == 0
    output = capsys.readouterr()
    assert "6 clips scored, 0 not" in output.out
    needs, scored = output.err.splitlines()
    assert needs.startswith("6 clips, 5 s of sound, 1 detector: roughly ") and needs.endswith(" GB are free.")
    assert scored == "scored 6 clips with 1 detector; 0 scores were there already"


@pytest.mark.parametrize(("rows", "counts"), [([0, 2, 4], "3 bona fide and 0 spoofed"), ([1], "0 bona fide and 1 sp")])
def test_evaluate_gives_the_reason_for_a_row_of_dashes(rows, counts, shipped_small, small_corpus, tmp_path, capsys):
    assert evaluated(small_corpus, rows, tmp_path, "--resamples", "10") == 0
    output = capsys.readouterr().out
    assert "No error rate can be given: it takes at least two clips of each class" in output
    assert counts in output
    assert f"{len(rows)} clip{'s' * (len(rows) > 1)} scored, 0 not" in output


def test_evaluate_takes_any_folder_and_counts_verdicts_where_there_are_no_labels(
    shipped_small, small_corpus, tmp_path, capsys
):
    folder = tmp_path / "talks"
    folder.mkdir()
    for number in range(3):
        shutil.copy(small_corpus / f"clip-0{number}.flac", folder)
    asked = ["evaluate", str(folder), "-o", str(tmp_path / "run"), "--checkpoint", "small-cnn", "--resamples", "0"]
    assert main([*asked, "--executor", "local"]) == 0
    out, err = capsys.readouterr()
    assert "These clips have no labels" in out and "The panel's verdicts: " in out
    assert "0 bona fide and 0 spoofed" in out and "3 clips scored, 0 not." in out
    assert "3 clips, " in err and "are free" in err
    assert main([*asked, "--manifest", "m.csv", "--root", "."]) == 1
    assert "Name one of both" in capsys.readouterr().err


def test_evaluate_scores_several_corpora_as_one(shipped_small, small_corpus, tmp_path, capsys):
    asked = ["--split", "eval", "-o", str(tmp_path / "run"), "--checkpoint", "small-cnn", "--json", "--resamples", "0"]
    asked += ["--executor", "local"]
    for number, rows in enumerate((slice(0, 5), slice(3, 8))):
        root = tmp_path / f"corpus-{number}"
        shutil.copytree(small_corpus, root)
        pd.read_csv(root / "manifest.csv")[rows].to_csv(root / "manifest.csv", index=False)
        asked += ["--manifest", str(root / "manifest.csv"), "--root", str(root)]
    assert main(["evaluate", *asked]) == 0
    output = json.loads(capsys.readouterr().out)
    paths = pd.read_parquet(next((tmp_path / "run").rglob("clips.parquet")))["path"].tolist()
    # Rows 3 and 4 stand in both corpora and are scored once.
    assert paths == [f"corpus-0/clip-{n:02d}.flac" for n in range(5)] + [
        f"corpus-1/clip-{n:02d}.flac" for n in range(5, 8)
    ]
    assert output["figures"]


def test_evaluate_refuses_a_split_that_is_empty(shipped_small, manifest, tmp_path, capsys):
    assert main(["evaluate", *manifest[:-1], "hidden", "-o", str(tmp_path / "run"), "--executor", "local"]) == 1
    assert "no row in the split 'hidden': choose one of eval (12 rows)" in capsys.readouterr().err


def test_workers_that_were_started_for_an_evaluation_that_is_refused_end(shipped_small, manifest, tmp_path, capsys):
    before = Processes.pids()
    assert main(["evaluate", *manifest[:-1], "hidden", "-o", str(tmp_path / "run"), "-j", "2"]) == 1
    assert Processes.pids() == before
