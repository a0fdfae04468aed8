"""The judge: what is held out was not trained on, and eval is not read."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

import trainers.fold_scores
from core.analysis.calibration import fit_calibration
from core.corpus.table import read_corpora
from core.detectors.card import HELD_OUT, Card, Polarity, Training
from core.detectors.checkpoint import read_card, save_checkpoint
from core.detectors.network import NETWORKS
from core.errors import CheckpointError, CorpusError
from tests.trainers.paged import MeanSvm, write_pages
from trainers.calibrate_held_out import calibrate_held_out
from trainers.cli import COMMAND_LINE
from trainers.fit import fit
from trainers.folds import FOLDS, folds_of, judged_corpus, kept_pages
from trainers.judge import Judge, judged_markdown, seen_pages
from trainers.judged import JudgedError, read_judged
from trainers.learning_curve import learning_curve
from trainers.recipe import Phase, Recipe, RecipeError, Sampling

RECIPE = Recipe(name="mean-svm", architecture="mean-svm", summary="For a test.")


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(NETWORKS._entries, "mean-svm", MeanSvm)


@pytest.fixture(scope="module")
def paged(tmp_path_factory) -> Path:
    return write_pages(tmp_path_factory.mktemp("paged"))


@pytest.fixture
def judge(paged, tmp_path) -> Judge:
    return Judge([(paged / "manifest.csv", paged)], work=tmp_path / "work")


def watched(monkeypatch) -> list[tuple]:
    """Return what every fold trained on and held out, filled in as it happens."""
    calls: list[tuple] = []
    real = trainers.fold_scores.fold_scores

    def spy(recipe, material, trained_on, held_out, **more):
        calls.append((material.corpus.frame, trained_on, held_out))
        return real(recipe, material, trained_on, held_out, **more)

    monkeypatch.setattr("trainers.judge.fold_scores", spy)
    return calls


def test_written_folds_part_pages_evenly_and_keep_owners_together():
    table = pd.read_csv(Path(trainers.fold_scores.__file__).parent / "pages" / "folds.csv")
    assert table["page"].is_unique and set(table["fold"]) == set(range(FOLDS)) and len(table) > 200
    assert folds_of(table["page"]).tolist() == table["fold"].tolist()
    owners = table.assign(owner=table["page"].str.split("/").str[0].str.lower()).groupby("owner")["fold"].nunique()
    assert owners.max() == 1


def test_a_page_that_is_not_written_down_has_a_fold_all_the_same():
    pages = [f"nobody/page-{i}" for i in range(500)]
    folds = folds_of(pages)
    assert folds.tolist() == folds_of(pages).tolist() and np.bincount(folds).min() > 70


def test_no_page_is_on_both_sides_and_every_page_is_held_out_once(judge, tmp_path, monkeypatch):
    calls = watched(monkeypatch)
    frame, _ = read_judged(judge.recipe(RECIPE, tmp_path))
    for clips, trained_on, held_out in calls:
        assert not set(clips["page"][trained_on]) & set(clips["page"][held_out])
        assert (trained_on | held_out).all() and (clips["page"][held_out] != "-").all()
    assert sorted(frame.loc[frame["version"] == "as is", "path"]) == sorted(
        judge.corpus.frame.loc[judge.corpus.frame["page"] != "-", "path"]
    )
    assert frame.groupby("page")["fold"].nunique().max() == 1


def test_eval_is_never_read(paged, tmp_path):
    copy = write_pages(tmp_path / "copy")
    for path in copy.glob("eval-*.wav"):
        path.write_bytes(b"no audio")
    judge = Judge([(copy / "manifest.csv", copy)], work=tmp_path / "work")
    frame, _ = read_judged(judge.recipe(RECIPE, tmp_path))
    assert set(judge.corpus.frame["split"]) == {"train", "dev"}
    assert not frame["path"].str.contains("eval").any()


def test_a_recording_of_a_held_out_clip_is_trained_on_under_no_other_name(tmp_path, monkeypatch):
    root = write_pages(tmp_path / "corpus")
    table = pd.read_csv(root / "manifest.csv")
    shared = table.index[table["page"] == "-"][0]
    table.loc[shared, "source"] = table.loc[table["split"] == "train", "source"].iloc[0]
    table.to_csv(root / "manifest.csv", index=False)
    calls = watched(monkeypatch)
    Judge([(root / "manifest.csv", root)], work=tmp_path / "work", versions=("as is",)).recipe(RECIPE, tmp_path)
    left_out = [(~trained_on & ~held_out).sum() for _, trained_on, held_out in calls]
    assert sorted(left_out) == [0] * (len(calls) - 1) + [1]


def test_each_fold_is_calibrated_on_the_others_as_they_are_and_perturbed(judge, tmp_path):
    frame, about = read_judged(judge.recipe(RECIPE, tmp_path))
    fold = frame["fold"].iloc[0]
    others = frame[(frame["fold"] != fold) & frame["version"].isin(["as is", "perturbed"])]
    mine = frame[frame["fold"] == fold]
    expected = fit_calibration(others["raw"], others["label"] == "bonafide").llr(mine["raw"])
    assert mine["llr"].to_numpy() == pytest.approx(expected, rel=1e-3, abs=1e-3)
    assert set(frame["version"]) == {"as is", "perturbed", "telephone"}
    assert about["rows"][0]["name"] == "all" and about["rows"][0]["eer"] < 0.4
    assert "held-out pages" in judged_markdown(tmp_path / "mean-svm.csv")


def test_a_second_run_computes_no_vector_and_a_changed_fit_none_either(judge, tmp_path):
    first = judge.recipe(RECIPE, tmp_path).read_bytes()
    computed = MeanSvm.computed
    assert judge.recipe(RECIPE, tmp_path).read_bytes() == first
    judge.recipe(RECIPE, tmp_path, share=0.5)
    assert MeanSvm.computed == computed > 0


def test_a_share_takes_pages_away_from_training_and_none_from_the_held_out(judge, tmp_path, monkeypatch):
    calls = watched(monkeypatch)
    whole, everything = read_judged(judge.recipe(RECIPE, tmp_path / "all"))
    half, some = read_judged(judge.recipe(RECIPE, tmp_path / "half", share=0.5))
    assert half["path"].tolist() == whole["path"].tolist()
    assert (some["training_pages"], everything["training_pages"]) == (4, 8)
    clips, trained_on, _ = calls[-1]
    assert clips["page"][trained_on].eq("-").sum() == 8


def test_without_pages_of_the_later_corpora_the_first_is_trained_on_alone(paged, tmp_path, monkeypatch):
    more = write_pages(tmp_path / "more", pages=10, first=20, made=0)
    judge = Judge([(paged / "manifest.csv", paged), (more / "manifest.csv", more)], work=tmp_path / "work",
                  versions=("as is",))  # fmt: skip
    calls = watched(monkeypatch)
    judge.recipe(RECIPE, tmp_path, share=0.0)
    for clips, trained_on, _ in calls:
        assert not clips["path"][trained_on].str.contains("more/").any() and trained_on.any()
    assert any(clips["path"][held_out].str.contains("more/").any() for clips, _, held_out in calls)


def test_smaller_shares_are_part_of_larger_ones():
    pages = [f"a/{i}" for i in range(40)]
    assert kept_pages(pages, 0.25) < kept_pages(pages, 0.5) < kept_pages(pages, 1.0) == set(pages)
    assert kept_pages(pages, 0.0) == set() and kept_pages(pages, 0.5, seed=1) != kept_pages(pages, 0.5)


def test_a_corpus_without_pages_is_refused_in_words(corpus):
    with pytest.raises(CorpusError, match="no page can be held out"):
        judged_corpus(read_corpora([(corpus / "manifest.csv", corpus)]))


def saved(folder: Path, pages: list[str] | None, *, digest: str = "-", recipe: dict | None = None) -> Path:
    network = MeanSvm()
    network.fit_statistics(np.zeros((2, 257), np.float32), np.eye(2, 257, 100, dtype=np.float32))
    training = Training(corpus="c", corpus_digest=digest, n_bonafide=1, n_spoof=1, pages=pages, recipe=recipe or {})
    card = Card(name=folder.name, architecture="mean-svm", polarity=Polarity(how="-"), training=training)
    return save_checkpoint(folder, network.eval(), card)


def test_a_checkpoint_is_judged_on_pages_that_it_did_not_see_and_on_no_others(paged, judge, tmp_path):
    pages = sorted(set(judge.corpus.frame["page"]) - {"-"})
    frame, _ = read_judged(judge.checkpoint(saved(tmp_path / "knows-three", pages[:3]), tmp_path))
    assert set(frame["page"]) == set(pages[3:])
    with pytest.raises(CheckpointError, match="trained on all 8 pages"):
        judge.checkpoint(saved(tmp_path / "knows-all", pages), tmp_path)


def test_pages_that_a_card_does_not_name_are_those_of_its_corpus_or_it_is_not_judged(paged, judge, tmp_path):
    pairs = [(paged / "manifest.csv", paged)]
    digest = read_corpora(pairs).digest
    seen = seen_pages(read_card(saved(tmp_path / "old", None, digest=digest)), pairs)
    frame = judge.corpus.frame
    assert seen == set(frame.loc[frame["split"] == "train", "page"]) - {"-"}
    student = read_card(saved(tmp_path / "student", None, digest=digest, recipe={"teachers": ["unknown"]}))
    with pytest.raises(CheckpointError, match="does not name the pages"):
        seen_pages(student, pairs)
    with pytest.raises(CheckpointError, match="does not name the pages"):
        judge.checkpoint(saved(tmp_path / "stray", None), tmp_path)


def test_a_checkpoint_is_calibrated_by_scores_of_its_recipe_alone(judge, tmp_path):
    scores = judge.recipe(RECIPE, tmp_path)
    folder = saved(tmp_path / "final", [])
    calibrate_held_out(folder, scores)
    card, (frame, about) = read_card(folder), read_judged(scores)
    used = frame[frame["version"] != "telephone"]
    real = (used["label"] == "bonafide").to_numpy()
    llr = card.calibration.llr(used["raw"])
    assert card.calibration == fit_calibration(used["raw"], real)
    assert (llr[real] < card.decision.spoof_below).mean() == card.decision.false_alarm_rate <= 0.05
    assert (llr[~real] > card.decision.bonafide_above).mean() == card.decision.miss_rate <= 0.15
    assert "48 clips of 8 published pages as they are and perturbed" in card.decision.basis
    assert card.metrics[HELD_OUT] == about["rows"]
    about["recipe"]["architecture"] = "cnn2d-lfcc"
    scores.with_suffix(".json").write_text(json.dumps(about))
    with pytest.raises(JudgedError, match="is a 'mean-svm'"):
        calibrate_held_out(folder, scores)


def test_one_trained_on_all_pages_has_no_figures_of_its_own_until_its_recipe_is_judged(paged, judge, tmp_path):
    pairs = [(paged / "manifest.csv", paged)]
    folder = fit(RECIPE, corpora=pairs, out=tmp_path / "final", work=tmp_path / "work", with_dev=True)
    card = read_card(folder)
    assert card.training.split == "train and dev" and len(card.training.pages) == 8
    assert set(card.metrics) == {"eval"} and card.decision.basis.endswith("which it was trained on")
    with pytest.raises(CheckpointError, match="trained on all 8 pages"):
        judge.checkpoint(folder, tmp_path)
    calibrate_held_out(folder, judge.recipe(RECIPE, tmp_path))
    assert read_card(folder).decision.basis.startswith("held-out pages: 48 clips of 8 published pages")
    with pytest.raises(RecipeError, match="its best step"):
        steps = RECIPE.model_copy(update={"phases": [Phase(steps=1, learning_rate=0.1)], "architecture": "cnn2d-lfcc"})
        fit(steps, corpora=pairs, out=tmp_path, work=tmp_path / "work", with_dev=True)


@pytest.mark.slow
def test_a_network_that_learns_by_steps_is_trained_for_each_fold(paged, tmp_path, caplog):
    caplog.set_level("INFO", "trainers")
    recipe = Recipe(
        name="tiny", architecture="cnn2d-lfcc", summary="For a test.", crop_s=1.0, batch=8,
        hyperparameters={"channels": [4, 4, 8]}, validate_every=6, precision="32-true",
        phases=[Phase(steps=6, learning_rate=3e-3)],
    )  # fmt: skip
    judge = Judge([(paged / "manifest.csv", paged)], work=tmp_path / "work", versions=("as is",))
    fold = int(judge.corpus.frame["fold"].max())
    frame, about = read_judged(judge.recipe(recipe, tmp_path, only_fold=fold))
    assert set(frame["fold"]) == {fold} and about["folds"] == [fold]
    assert sum("6 steps of 8 x 1 s" in line for line in caplog.messages) == 1
    assert np.isfinite(frame["llr"]).all()


def test_folds_that_are_judged_one_by_one_end_in_the_table_of_all(judge, tmp_path):
    whole = judge.recipe(RECIPE, tmp_path / "whole").read_bytes()
    other = Judge(judge._corpora, work=tmp_path / "other")
    folds = sorted(set(judge.corpus.frame["fold"]) - {-1})
    for done, fold in enumerate(folds, start=1):
        table = other.recipe(RECIPE, tmp_path, only_fold=fold)
        assert read_judged(table)[1]["folds"] == folds[:done]
    assert table.read_bytes() == whole


def test_a_fold_is_judged_again_where_the_recipe_is_another_and_not_where_it_spells_out_a_default(
    judge, tmp_path, monkeypatch
):
    calls = watched(monkeypatch)
    for changes, folds in (({}, 4), ({"seed": 1234, "sampling": Sampling(pairs=0.0)}, 4), ({"seed": 7}, 8)):
        judge.recipe(RECIPE.model_copy(update=changes), tmp_path)
        assert len(calls) == folds


def test_a_teacher_that_saw_a_folds_pages_is_left_out_of_it(judge, paged, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr("trainers.judge.fold_scores", _remembering(calls))
    pages = sorted(set(judge.corpus.frame["page"]) - {"-"})
    teachers = [str(saved(tmp_path / "knows-one", pages[:1])), str(saved(tmp_path / "knows-all", None))]
    path = judge.recipe(RECIPE.model_copy(update={"teachers": teachers}), tmp_path)
    kept = {tuple(sorted(held_out)): recipe.teachers for recipe, held_out in calls}
    assert all(trained_by == ([] if pages[0] in held_out else teachers[:1]) for held_out, trained_by in kept.items())
    assert len(set(map(tuple, kept.values()))) == 2
    assert read_judged(path)[1]["teachers_left_out"] == ["knows-all", "knows-one"]
    assert "on labels in place of knows-all, knows-one" in judged_markdown(path)


def _remembering(calls):
    """Return a judge of folds that notes recipes and held-out pages; bona fide speech scores higher."""

    def scores(recipe, material, trained_on, held_out, **_):
        frame = material.corpus.frame[held_out]
        calls.append((recipe, set(frame["page"])))
        rng = np.random.default_rng(0)
        raw = {name: material.real[held_out] + rng.normal(size=len(frame)) for name in material.versions}
        return raw, torch.nn.Linear(1, 1)

    return scores


def test_first_weights_that_saw_a_folds_pages_are_trained_anew_without_them(judge, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr("trainers.judge.fold_scores", _remembering(calls))
    pages = sorted(set(judge.corpus.frame["page"]) - {"-"})
    knows_one, knows_none = saved(tmp_path / "localiser", pages[:1]), saved(tmp_path / "knows-none", [])
    starts = f"{knows_one}, {knows_none}"
    steps = [Phase(steps=2, learning_rate=0.1)]
    earlier = RECIPE.model_copy(update={"name": "localiser", "phases": steps, "seed": 7})
    recipe = RECIPE.model_copy(update={"initial_weights": starts, "phases": steps})
    path = judge.recipe(recipe, tmp_path, others=[recipe, earlier])
    anew = [(one, held_out) for one, held_out in calls if one.name == "localiser"]
    assert len(anew) == 1 and anew[0][0] == earlier and pages[0] in anew[0][1]
    for one, held_out in calls:
        if one.name == "mean-svm":
            first, second = one.starts_from
            assert second == str(knows_none)
            assert Path(first).name == "network.safetensors" if pages[0] in held_out else first == str(knows_one)
    assert read_judged(path)[1]["started_anew"] == ["localiser"]
    assert "started from localiser trained anew" in judged_markdown(path)
    n = len(calls)
    judge.recipe(earlier, tmp_path)
    assert len(calls) - n == len(set(judge.corpus.frame["fold"]) - {-1}) - 1, "the fold that is there is not made again"


def test_first_weights_that_saw_held_out_pages_and_have_no_recipe_are_refused(judge, tmp_path):
    stray = saved(tmp_path / "stray", None)
    with pytest.raises(RecipeError, match="starts from stray, which was trained on pages"):
        judge.recipe(RECIPE.model_copy(update={"initial_weights": str(stray)}), tmp_path)
    itself = saved(tmp_path / "mean-svm", None)
    with pytest.raises(RecipeError, match="starts from mean-svm"):
        judge.recipe(RECIPE.model_copy(update={"initial_weights": str(itself)}), tmp_path)


def test_the_learning_curve_goes_between_the_marks_of_a_document(judge, tmp_path):
    document = tmp_path / "doc.md"
    document.write_text("before\n<!-- learning-curve:start -->\nold\n<!-- learning-curve:end -->\nafter\n")
    text = learning_curve(judge, [RECIPE], tmp_path, document=document)
    lines = [line for line in text.split("\n") if line.startswith("| `mean-svm`")]
    assert [line.split("|")[3].strip() for line in lines] == ["0", "4", "8"]
    assert text in document.read_text() and "\nold\n" not in document.read_text()


def test_the_command_judges_a_recipe_of_a_file(paged, tmp_path):
    recipe = tmp_path / "mean-svm.toml"
    recipe.write_text('summary = "For a test."\n')
    place = ["--manifest", str(paged / "manifest.csv"), "--root", str(paged), "--work", str(tmp_path / "work")]
    run = CliRunner().invoke(COMMAND_LINE.app, ["judge", str(recipe), *place, "-o", str(tmp_path), "--as-is"])
    assert run.exit_code == 0, run.output
    assert "48 clips of 8 held-out pages" in run.output and (tmp_path / "mean-svm.csv").is_file()
    for nothing in ([], [str(recipe), str(recipe), "--calibrate", "x"]):
        assert CliRunner().invoke(COMMAND_LINE.app, ["judge", *nothing, *place, "-o", str(tmp_path)]).exit_code == 2
    run = CliRunner().invoke(COMMAND_LINE.app, ["learning-curve", str(recipe), *place, "-o", str(tmp_path / "curve")])
    assert run.exit_code == 0, run.output
    assert run.output.count("| `mean-svm` |") == 3 and (tmp_path / "curve" / "share-0.5" / "mean-svm.csv").is_file()


def test_fit_takes_the_vectors_that_the_judge_kept(judge, paged, tmp_path, monkeypatch):
    judge.recipe(RECIPE, tmp_path)

    def again(*_):
        raise AssertionError("computed once more")

    monkeypatch.setattr("trainers.vectors.Vectors._vectors", again)
    folder = fit(RECIPE, corpora=[(paged / "manifest.csv", paged)], out=tmp_path / "out", work=tmp_path / "work")
    card = read_card(folder)
    in_train = read_corpora([(paged / "manifest.csv", paged)]).frame["split"] == "train"
    assert card.training.n_bonafide + card.training.n_spoof == in_train.sum()
    assert card.polarity.dev_auc > 0.8
