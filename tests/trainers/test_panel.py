"""Choosing and fusing detectors by out-of-fold scores, or by development clips."""

import json
import math

import numpy as np
import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

from core.analysis.calibration import EVEN, MOST_BELOW_ZERO, fit_calibration
from core.analysis.fusion import worth_keeping
from core.detectors.card import Card, Polarity
from core.detectors.checkpoint import load_detector, save_checkpoint
from core.detectors.network import NETWORKS
from core.fusion import Fusion
from core.panel import Panel
from tests.trainers.paged import MeanSvm, write_pages
from trainers.calibrate_held_out import calibrate_held_out
from trainers.cli import COMMAND_LINE
from trainers.fit import fit
from trainers.judge import Judge
from trainers.judged import JudgedError, calibrated, write_judged
from trainers.panel import PanelError, fit_panel
from trainers.panel_report import panel_markdown
from trainers.recipe import Phase, Recipe

PAGES, CLIPS = 25, 20
#: Of three families: a magnitude spectrum, a phase, a waveform.
ARCHITECTURES = {"cnn2d-lfcc": "good", "cnn2d-mel": "copy", "patchcnn-phase": "other", "aasist-l": "noise"}


def pages_table() -> pd.DataFrame:
    """Twenty-five pages of twenty clips, as they are, perturbed and over a telephone."""
    i = np.arange(PAGES * CLIPS)
    real = i % 2 == 0
    one = pd.DataFrame({
        "path": [f"{n}.wav" for n in i], "page": [f"own/p{n // CLIPS}" for n in i], "fold": i // CLIPS % 5,
        "label": np.where(real, "bonafide", "spoof"), "system": np.where(real, "-", "x"),
        "kind": np.where(real, "calm-read", "tts"), "language": "en",
    })  # fmt: skip
    return pd.concat([one.assign(version=v) for v in ("as is", "perturbed", "telephone")], ignore_index=True)


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Out-of-fold scores of four detectors: a good one, its near copy of the same family, another, and noise."""
    place = tmp_path_factory.mktemp("judged")
    rng, table = np.random.default_rng(0), pages_table()
    truth = np.where(table["label"] == "bonafide", 1.0, -1.0)
    good = truth + rng.normal(0, 1.2, len(table))
    raw = {
        "good": good, "copy": good + rng.normal(0, 0.1, len(table)), "other": truth + rng.normal(0, 1.4, len(table)),
        "noise": rng.normal(0, 1, len(table)),
    }  # fmt: skip
    for architecture, kind in ARCHITECTURES.items():
        frame = calibrated(table.assign(raw=raw[kind]))
        write_judged(place / "scores", architecture, frame, {"recipe": {"architecture": architecture}})
        card = Card(name=architecture, architecture=architecture, polarity=Polarity(how="-"),
                    calibration=fit_calibration(raw[kind], truth > 0))  # fmt: skip
        save_checkpoint(place / architecture, NETWORKS.get(architecture)(), card)
    return place


@pytest.fixture(scope="module")
def panel(judged):
    return json.loads(fit_panel([], out=judged, judged=judged / "scores").read_text())


def test_no_two_members_are_of_a_family_and_noise_is_none(panel):
    assert len(panel["members"]) == 2 and "patchcnn-phase" in panel["members"]
    assert sum(panel["members"].values()) == pytest.approx(1)
    families = [about["family"] for about in panel["figures"]["members"].values()]
    assert sorted(families) == ["magnitude spectrum", "phase"]
    assert panel["figures"]["candidates"]["aasist-l"]["eer"] > 0.4


def test_thresholds_are_set_on_held_out_pages_as_they_are_and_perturbed(judged, panel):
    fusion = Fusion.from_json(panel)
    tables = {name: pd.read_csv(judged / "scores" / f"{name}.csv") for name in fusion.members}
    one = next(iter(tables.values()))
    used = (one["version"] != "telephone").to_numpy()
    cards = {name: load_detector(judged / name).card for name in tables}
    own = {name: cards[name].calibration.llr(table["raw"][used]) for name, table in tables.items()}
    score = fusion.score(own)
    real = (one["label"] == "bonafide").to_numpy()[used]
    assert 0 < fusion.prior < EVEN and panel["prior"] == fusion.prior
    assert (score[real] < 0).mean() <= MOST_BELOW_ZERO < (fusion.llr(own)[real] < 0).mean()
    assert (score[real] < fusion.decision.spoof_below).mean() == fusion.decision.false_alarm_rate <= 0.05
    assert (score[~real] > fusion.decision.bonafide_above).mean() == fusion.decision.miss_rate <= 0.15
    assert fusion.basis == "held-out pages: 500 clips of 25 published pages as they are and perturbed"


def test_each_member_says_what_the_panel_loses_without_it(judged, panel):
    fusion = Fusion.from_json(panel)
    loss = Panel({name: load_detector(judged / name) for name in fusion.members}, fusion).loss_without("patchcnn-phase")
    about = panel["figures"]["members"]["patchcnn-phase"]
    assert loss is not None and loss.low < loss.loss < loss.high and loss.loss > 0.02
    rows = {(row["group"], row["name"]): row for row in panel["figures"]["rows"]}
    assert loss.eer_without - loss.loss == pytest.approx(rows["all", "all"]["eer"], abs=1e-6)
    assert about["eer"] > rows["all", "all"]["eer"]
    assert fusion.loss_without("aasist-l") is None
    assert {"telephone", "perturbed"} <= {name for group, name in rows if group == "version"}


def test_a_copied_member_brings_nothing_and_goes():
    rng = np.random.default_rng(0)
    real = np.arange(600) % 2 == 0
    truth = np.where(real, 1.0, -1.0)
    good = truth + rng.normal(0, 1.0, 600)
    scores = pd.DataFrame({"good": good, "copy": good, "other": truth + rng.normal(0, 1.0, 600)})
    kept = worth_keeping(scores, real, np.full(600, "as is", dtype=object), dict.fromkeys(scores, 1.0))
    assert len(kept) == 2 and "other" in kept and sum(kept.values()) == pytest.approx(1)


def test_a_member_that_brings_less_than_its_computing_goes():
    rng = np.random.default_rng(0)
    real = np.arange(2000) % 2 == 0
    truth = np.where(real, 1.0, -1.0)
    scores = pd.DataFrame({"good": truth + rng.normal(0, 0.8, 2000), "weak": 0.1 * truth + rng.normal(0, 0.5, 2000)})
    parts, weights = np.full(2000, "as is", dtype=object), {"good": 0.85, "weak": 0.15}
    kept = {least: list(worth_keeping(scores, real, parts, weights, least=least)) for least in (0.0, 0.2)}
    assert kept == {0.0: ["good", "weak"], 0.2: ["good"]}


def test_without_a_limit_all_candidates_are_members_and_a_copy_is_no_loss(judged, tmp_path):
    names = [str(judged / name) for name in ("cnn2d-lfcc", "cnn2d-mel")]
    panel = json.loads(fit_panel(names, out=tmp_path, judged=judged / "scores", most=0).read_text())
    assert panel["members"] == {"cnn2d-lfcc": 0.5, "cnn2d-mel": 0.5}
    for about in panel["figures"]["members"].values():
        assert abs(about["loss"]) < 0.02 and about["loss_low"] <= 0 <= about["loss_high"]


@pytest.mark.parametrize("method", ["logistic", "rank-mean"])
def test_fitted_combinations_are_evaluated_on_folds_that_did_not_fit_them(judged, tmp_path, method):
    panel = json.loads(fit_panel([], out=judged, judged=judged / "scores", method=method).read_text())
    assert panel["figures"]["method"] == method
    rows = {(row["group"], row["name"]): row for row in panel["figures"]["rows"]}
    assert rows["all", "all"]["eer"] == pytest.approx(panel["figures"]["cross_validated"][method]["eer"], abs=1e-6)


def test_scores_that_are_missing_are_refused_in_words(tmp_path):
    with pytest.raises(JudgedError, match="python -m trainers judge"):
        fit_panel([], out=tmp_path, judged=tmp_path)


def test_each_candidate_that_is_no_member_has_its_reason(panel):
    refused, members = panel["figures"]["refused"], panel["members"]
    assert set(refused) | set(members) == set(ARCHITECTURES.keys()) and not set(refused) & set(members)
    relative = next(name for name in ("cnn2d-lfcc", "cnn2d-mel") if name in members)
    other = next(name for name in ("cnn2d-lfcc", "cnn2d-mel") if name not in members)
    assert refused[other] == f"of one family (magnitude spectrum) with {relative}, which is chosen more often"
    assert "resampled pages" in refused["aasist-l"] or "worse by 0.01 at most" in refused["aasist-l"]


def test_one_that_was_judged_on_fewer_pages_or_versions_takes_none_away_from_the_others(judged, tmp_path):
    for path in (judged / "scores").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    few = pd.read_csv(tmp_path / "patchcnn-phase.csv")
    few[few["fold"] == 0].to_csv(tmp_path / "patchcnn-phase.csv", index=False)
    plain = pd.read_csv(tmp_path / "cnn2d-mel.csv")
    plain[plain["version"] == "as is"].to_csv(tmp_path / "cnn2d-mel.csv", index=False)
    (tmp_path / "never-kept.csv").write_bytes((tmp_path / "cnn2d-lfcc.csv").read_bytes())
    panel = json.loads(fit_panel([], out=judged, judged=tmp_path).read_text())
    refused = panel["figures"]["refused"]
    assert refused["patchcnn-phase"].startswith("not judged on 1,200 of 1,500 scores (as is, perturbed, telephone")
    assert refused["cnn2d-mel"].startswith("not judged on 1,000 of 1,500 scores (perturbed, telephone; 25 pages)")
    assert refused["never-kept"].startswith("there is no checkpoint of this name")
    assert list(panel["members"]) == ["cnn2d-lfcc"] and panel["basis"].startswith("held-out pages: 500 clips of 25")


@pytest.mark.slow
def test_a_panel_of_judged_recipes_is_set_on_all_pages_of_train_and_dev(tmp_path, monkeypatch):
    """The whole way: five folds of two recipes, checkpoints on all pages, their calibrations, then the panel."""
    place = write_pages(tmp_path / "corpus", pages=20)
    pairs = [(place / "manifest.csv", place)]
    other = type("LoudSvm", (MeanSvm,), {"family": "loudness", "statistics": _spread})
    names = {"mean-svm": MeanSvm, "loud-svm": other}
    judge = Judge(pairs, work=tmp_path / "work")
    for name, network in names.items():
        monkeypatch.setitem(NETWORKS._entries, name, network)
        recipe = Recipe(name=name, architecture=name, summary="For a test.")
        folder = fit(recipe, corpora=pairs, out=tmp_path / "out", work=tmp_path / "work", with_dev=True)
        calibrate_held_out(folder, judge.recipe(recipe, tmp_path / "judged"))
    written = fit_panel([], out=tmp_path / "out", judged=tmp_path / "judged", most=0)
    panel = json.loads(written.read_text())
    assert panel["basis"] == "held-out pages: 96 clips of 16 published pages as they are and perturbed"
    assert panel["figures"]["rows"][0]["n_pages"] == 16
    assert set(pd.read_csv(tmp_path / "judged" / "mean-svm.csv")["fold"]) == set(judge.corpus.frame["fold"]) - {-1}
    assert all(about["loss"] is not None for about in panel["figures"]["members"].values())
    text = panel_markdown(written)
    assert "| `loud-svm` | loudness | 0.50 |" in text and "held-out pages: 96 clips of 16" in text


def _spread(self: MeanSvm, features: torch.Tensor) -> torch.Tensor:
    return features.std(-1)


def test_the_command_takes_out_of_fold_scores_or_a_corpus(judged, tmp_path):
    arguments = ["--checkpoint", str(judged / "cnn2d-lfcc"), "-o", str(tmp_path)]
    run = CliRunner().invoke(COMMAND_LINE.app, ["panel", "--judged", str(judged / "scores"), *arguments])
    assert run.exit_code == 0, run.output
    panel = json.loads((tmp_path / "panel.json").read_text())
    about = panel["figures"]["members"]["cnn2d-lfcc"]
    assert list(panel["members"]) == ["cnn2d-lfcc"] and about["cpu_ms"] > 0
    assert f"| {about['cpu_ms']:.0f} |" in run.output
    assert CliRunner().invoke(COMMAND_LINE.app, ["panel", *arguments]).exit_code == 2


@pytest.fixture(scope="module")
def trained(corpus, tmp_path_factory):
    """Folders of two detectors that detect the tone, and the place where they were made."""
    place = tmp_path_factory.mktemp("panel")
    folders = []
    for seed in (1, 2):
        recipe = Recipe(
            name=f"tiny-{seed}", architecture="cnn2d-lfcc", summary="For a test.", crop_s=1.0, batch=8, seed=seed,
            hyperparameters={"channels": [4, 4, 8]}, validate_every=12, precision="32-true",
            phases=[Phase(steps=12, learning_rate=3e-3)],
        )  # fmt: skip
        folders.append(fit(recipe, corpora=[(corpus / "manifest.csv", corpus)], out=place, work=place / "work"))
    return folders, place


def dev_panel(trained, corpus, out, **more):
    folders, place = trained
    names = [str(folder) for folder in folders]
    return fit_panel(names, corpora=[(corpus / "manifest.csv", corpus)], out=out, work=place / "work", **more)


@pytest.mark.slow
def test_without_out_of_fold_scores_dev_is_scored_as_it_is_and_perturbed(trained, corpus, tmp_path):
    panel = json.loads(dev_panel(trained, corpus, tmp_path, most=0).read_text())
    assert panel["members"] == {"tiny-1": 0.5, "tiny-2": 0.5}
    assert panel["limit"] == pytest.approx(math.log(8))
    assert panel["calibration"]["slope"] > 0 and "16 clips as they are and perturbed" in panel["basis"]
    rows = {row["name"]: row for row in panel["figures"]["rows"]}
    assert rows["all"]["eer"] < 0.3 and "perturbed" in rows and "telephone" not in rows


@pytest.mark.slow
def test_two_of_a_family_make_a_panel_of_one(trained, corpus, tmp_path):
    panel = json.loads(dev_panel(trained, corpus, tmp_path).read_text())
    shares = panel["figures"]["chosen_shares"]
    assert len(panel["members"]) == 1 and shares[next(iter(panel["members"]))] == max(shares.values())


def test_what_cannot_be_combined_is_refused_in_words(judged, tmp_path):
    with pytest.raises(PanelError, match="no combination 'vote'"):
        fit_panel([], out=judged, judged=judged / "scores", method="vote")
    with pytest.raises(PanelError, match="bona fide speech alone"):
        fit_panel([], out=judged, judged=judged / "scores", method="hybrid")
