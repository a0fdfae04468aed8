"""Training from a recipe to a checkpoint, on a corpus so easy that it can be learnt in seconds."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import soundfile
import torch

from core.detectors.checkpoint import load_detector
from core.detectors.network import NETWORKS
from core.errors import PolarityError
from tests.core.detectors import published_encoder
from tests.trainers.paged import write_pages
from trainers import distillation
from trainers import fit as module
from trainers.compare import compare_markdown
from trainers.fit import fit
from trainers.judge import Judge
from trainers.phases import run_phase
from trainers.recipe import Augmentation, Phase, Recipe, RecipeError
from trainers.recipe_file import load_recipe

pytestmark = pytest.mark.slow


def recipe(**more) -> Recipe:
    settings = {
        "name": "tiny", "architecture": "cnn2d-lfcc", "summary": "For a test.", "crop_s": 1.0, "batch": 8,
        "hyperparameters": {"channels": [4, 4, 8]}, "validate_every": 6, "precision": "32-true", "ema_decay": 0.5,
        "phases": [Phase(steps=12, learning_rate=3e-3)],
    }  # fmt: skip
    return Recipe(**{**settings, **more})


def run(corpus, tmp_path, settings, **more):
    return fit(
        settings, corpora=[(corpus / "manifest.csv", corpus)], out=tmp_path / "out", work=tmp_path / "work", **more
    )


@pytest.fixture(scope="module")
def plain(corpus, tmp_path_factory):
    """The folder of a detector trained by the plain recipe."""
    return run(corpus, tmp_path_factory.mktemp("plain"), recipe())


def test_a_recipe_becomes_a_calibrated_checkpoint_with_its_card(plain):
    folder = plain
    detector = load_detector(folder)
    card = detector.card
    assert card.training is not None
    assert (card.training.n_bonafide, card.training.n_spoof, card.training.steps) == (12, 12, 12)
    assert card.training.systems == ["tone"] and card.calibration is not None and card.calibration.slope > 0
    assert card.polarity.dev_auc is not None and card.polarity.dev_auc > 0.5
    assert {row["slice"] for row in card.metrics["eval"]} >= {"all"}
    curves = pd.read_csv(folder / "curves.csv")
    assert "dev_mse" not in curves
    assert curves["step"].tolist() == [6, 12] and curves["dev_eer"].notna().all() and curves["train_loss"].notna().all()
    assert not any(p.suffix in {".ckpt", ".pt", ".pkl"} for p in folder.iterdir())


def test_a_card_is_about_the_corpus_that_was_trained_on(plain):
    card = load_detector(plain).card
    assert card.training is not None
    assert (card.training.corpus, card.training.datasets) == ("made up", {"made up": 24})
    assert card.training.hours == pytest.approx(24 * 1.5 / 3600, abs=1e-4)
    assert card.licence == "Trained on recordings under these licences: none (24 clips)."
    assert card.decision.basis == "the dev split of made up, 16 clips"
    assert card.limits[0].startswith("Trained on 36 seconds of speech:")


def test_the_same_seed_gives_the_same_weights(corpus, tmp_path, plain):
    again = run(corpus, tmp_path, recipe())
    assert load_detector(again).card.sha256 == load_detector(plain).card.sha256


def test_a_network_that_has_learnt_nothing_is_refused_for_that_and_not_as_reversed(corpus, tmp_path, monkeypatch):
    network = NETWORKS.get("cnn2d-lfcc")
    classify = network.classify

    def same(self, features):
        output = classify(self, features)
        return output._replace(raw=torch.zeros_like(output.raw), logits=0 * output.logits)

    monkeypatch.setattr(network, "classify", same)
    with pytest.raises(PolarityError, match="learnt nothing") as refused:
        run(corpus, tmp_path, recipe(phases=[Phase(steps=1, learning_rate=1e-3)]))
    assert "reversed" not in str(refused.value) and not (tmp_path / "out" / "tiny").exists()


def test_an_autoencoder_learns_its_polarity(corpus, tmp_path):
    settings = recipe(name="cae", architecture="cae-lfcc", hyperparameters={"n_lfcc": 20}, batch=4)
    folder = run(corpus, tmp_path, settings)
    card = load_detector(folder).card
    assert card.polarity.sign in {1, -1} and "learnt on dev" in card.polarity.how
    curves = pd.read_csv(folder / "curves.csv")
    assert (curves[["dev_mse", "dev_mse_spoof"]] > 0).all(axis=None) and curves["dev_eer"].notna().all()
    assert card.training is not None and card.training.n_spoof == 0


def test_a_head_phase_leaves_the_rest_alone(corpus, tmp_path):
    torch.manual_seed(0)
    phases = [Phase(steps=6, learning_rate=0.1, learns="head", schedule="constant")]
    settings = recipe(phases=phases, ema_decay=0.0)
    network = load_detector(run(corpus, tmp_path, settings)).network
    assert {float(b.running_mean.abs().max()) for b in network.modules() if isinstance(b, torch.nn.BatchNorm2d)} == {
        0.0
    }
    assert float(network.head.weight.detach().abs().max()) > 0.05


def test_a_phase_that_trains_all_after_one_that_did_not_trains_all(corpus, tmp_path):
    phases = [{"steps": 6, "learning_rate": 1e-3, "learns": "head"}, {"steps": 6, "learning_rate": 1e-3}]
    network = load_detector(run(corpus, tmp_path, recipe(phases=phases))).network
    norms = [b for b in network.modules() if isinstance(b, torch.nn.BatchNorm2d)]
    assert norms and all(float(b.running_mean.abs().max()) > 0 for b in norms)


def test_a_killed_training_resumes_and_ends_as_if_undisturbed(corpus, tmp_path):
    settings = recipe(phases=[{"steps": 24, "learning_rate": 3e-3}], validate_every=6)
    toml = tmp_path / "tiny.toml"
    toml.write_text(_toml(settings))
    whole = load_detector(run(corpus, tmp_path / "whole", settings)).card
    # As many threads as here: how many share a sum decides its last digit.
    command = [sys.executable, "-m", "trainers", "fit", str(toml), "--manifest", str(corpus / "manifest.csv"),
               "--root", str(corpus), "-o", str(tmp_path / "out"), "--work", str(tmp_path / "work")]  # fmt: skip
    environment = os.environ | {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    last = tmp_path / "work" / "runs" / "tiny" / "phase-0" / "last.ckpt"
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, start_new_session=True
    )
    deadline = time.monotonic() + 900
    while not last.exists() and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    assert last.exists(), "the training was not killed in its midst"
    resumed = load_detector(run(corpus, tmp_path, settings, resume=True)).card
    assert resumed.training is not None and resumed.training.steps == 24
    assert resumed.sha256 == whole.sha256
    # The best step may lie before the kill: the last one was drawn after it.
    kept = last.relative_to(tmp_path)
    weights = [torch.load(place / kept, weights_only=True)["state_dict"] for place in (tmp_path, tmp_path / "whole")]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_a_resumed_training_takes_nothing_of_an_earlier_one_of_its_name(corpus, tmp_path, two_phases, monkeypatch):
    run(corpus, tmp_path, two_phases)
    other = two_phases.model_copy(update={"seed": 77})
    with pytest.raises(RecipeError, match="another recipe or other clips"):
        run(corpus, tmp_path, other, resume=True)

    def killed_in_the_second_phase(recipe, number, *given, **more):
        if number:
            raise KeyboardInterrupt
        return run_phase(recipe, number, *given, **more)

    with monkeypatch.context() as changed:
        changed.setattr(module, "run_phase", killed_in_the_second_phase)
        with pytest.raises(KeyboardInterrupt):
            run(corpus, tmp_path, other)
    resumed = load_detector(run(corpus, tmp_path, other, resume=True)).card
    whole = load_detector(run(corpus, tmp_path / "whole", other)).card
    assert resumed.sha256 == whole.sha256


@pytest.fixture(scope="module")
def two_phases():
    return recipe(phases=[{"steps": 6, "learning_rate": 3e-3, "learns": "head"}, {"steps": 6, "learning_rate": 3e-3}])


@pytest.fixture(scope="module")
def alone(corpus, tmp_path_factory, two_phases):
    """What one process learns in two phases."""
    return load_detector(run(corpus, tmp_path_factory.mktemp("alone"), two_phases)).card


@pytest.mark.parametrize("together", ["devices", pytest.param("nodes", marks=pytest.mark.exhaustive)])
def test_two_processes_train_together_and_the_first_finishes(corpus, tmp_path, two_phases, alone, together):
    toml = tmp_path / "tiny.toml"
    toml.write_text(_toml(two_phases))
    command = [sys.executable, "-m", "trainers", "fit", str(toml), "--manifest", str(corpus / "manifest.csv"),
               "--root", str(corpus), "-o", str(tmp_path / "out"), "--work", str(tmp_path / "work")]  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    places = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "CUDA_VISIBLE_DEVICES": ""}
    started = [
        subprocess.Popen(
            [*command, f"--{together}", "2"], env=os.environ | places | {"NODE_RANK": str(node)}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        for node in range(2 if together == "nodes" else 1)
    ]  # fmt: skip
    try:
        said = [process.communicate(timeout=900)[0] for process in started]
    finally:
        for process in started:
            process.kill()
    assert [process.returncode for process in started] == [0] * len(started), "\n".join(said)[-3000:]
    assert "Starting with 2 processes" in said[0]
    assert sum(text.count("trained, calibrated and written") for text in said) == 1
    card = load_detector(tmp_path / "out" / "tiny").card
    assert card.training is not None and card.training.steps == 12
    # Each draws batches of its own: what two have learnt together is not what one learns alone.
    assert card.sha256 != alone.sha256


def _toml(settings: Recipe) -> str:
    values = json.loads(settings.model_dump_json(exclude_none=True))
    lines = [f"{k} = {json.dumps(v)}" for k, v in values.items() if not isinstance(v, dict) and k != "phases"]
    for phase in values["phases"]:
        lines += ["[[phases]]", *[f"{k} = {json.dumps(v)}" for k, v in phase.items()]]
    for name, table in values.items():
        if isinstance(table, dict):
            lines += [f"[{name}]", *[f"{k} = {json.dumps(v)}" for k, v in table.items()]]
    return "\n".join(lines)


def test_an_unknown_key_is_named(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text('name = "x"\narchitecture = "a"\nsummary = ""\nphases = []\nlearning = 3\n')
    with pytest.raises(RecipeError, match="learning"):
        load_recipe(str(path))


@pytest.mark.parametrize(
    "more",
    [
        {"loss": "focal"},
        {"loss": "am-softmax", "architecture": "conv1d-statspool", "hyperparameters": {"head": "cosine"}},
        {"loss": "oc-softmax", "architecture": "conv1d-statspool", "hyperparameters": {"head": "one-class"}},
        {"mixup": 0.3},
        {"swa_from": 0.5},
        {"sharpness_radius": 0.05},
        {"phases": [Phase(steps=12, learning_rate=3e-3, schedule="cyclic")]},
    ],
    ids=lambda more: next(iter(more)) + "-" + str(next(iter(more.values())))[:12],
)
def test_every_option_of_a_recipe_learns_the_easy_corpus(corpus, tmp_path, plain, more):
    card = load_detector(run(corpus, tmp_path, recipe(**more))).card
    assert card.training is not None and card.training.steps == 12
    assert card.polarity.dev_auc is not None and card.polarity.dev_auc > 0.95
    # Of 16 clips that nothing was tuned on at most two are on the wrong side.
    assert next(row["eer"] for row in card.metrics["eval"] if row["slice"] == "all") <= 0.125
    # The option was not ignored.
    assert card.sha256 != load_detector(plain).card.sha256


@pytest.mark.parametrize(("name", "frozen"), [("ssl-mean", True), ("ssl-mean", False), ("ssl-aasist", False)])
def test_a_published_speech_encoder_is_trained_by_its_recipe(corpus, tmp_path, name, frozen):
    encoder = published_encoder.xlsr(tmp_path / "tiny-xls-r")
    settings = load_recipe(name, [f"hyperparameters.model={encoder}", f"hyperparameters.frozen={str(frozen).lower()}"])
    quick = {"crop_s": 1.0, "batch": 8, "precision": "32-true", "phases": [Phase(steps=12, learning_rate=5e-3)]}
    quick |= {"validate_every": 12, "ema_decay": 0.0, "augmentation": Augmentation()}
    settings = settings.model_copy(update=quick)
    card = load_detector(run(corpus, tmp_path, settings)).card
    assert card.training is not None and card.training.initial_weights == "tiny-xls-r" and card.training.steps == 12
    assert card.calibration is not None and card.metrics["eval"]


def test_a_student_takes_over_its_teachers_doubts(corpus, tmp_path, plain, monkeypatch):
    """A teacher that ranks well and is sure of nothing: P(bona fide) 0.4 for spoofs, 0.6 for bona fide speech."""
    table = pd.read_csv(corpus / "manifest.csv")
    labels = table.loc[table["split"] == "train", "label"].to_numpy()
    asked = []

    def doubting(name, waves):
        asked.append(name)
        return np.where(labels == "bonafide", 0.4, -0.4)

    monkeypatch.setattr(distillation, "_teacher_score", doubting)
    # Only the last step is a candidate: an earlier one may rank as well and know nothing of the doubts.
    settings = recipe(
        teachers=[str(plain)], distillation=1.0, label_smoothing=0.0, validate_every=40,
        phases=[Phase(steps=40, learning_rate=3e-3)],
    )  # fmt: skip
    student = load_detector(run(corpus, tmp_path, settings))
    # As the clips are, and perturbed.
    assert asked == [str(plain)] * 2
    assert student.card.training is not None and student.card.training.recipe["teachers"] == ["tiny"]
    paths = table.loc[table["split"] == "train", "path"]
    scores = np.array([student.score(soundfile.read(corpus / path, dtype="float32")[0]).raw for path in paths])
    # Logits of P(bona fide): the classes lie as far apart as the teacher has them; by labels they would part for good.
    apart = scores[labels == "bonafide"].mean() - scores[labels == "spoof"].mean()
    assert apart == pytest.approx(0.8, abs=0.3)
    assert student.card.polarity.dev_auc is not None and student.card.polarity.dev_auc > 0.9


def test_the_clips_of_both_splits_are_decoded_once_and_where_the_judge_finds_them(tmp_path):
    place = write_pages(tmp_path / "corpus")
    pairs = [(place / "manifest.csv", place)]
    settings = recipe(architecture="lfcc-gmm", hyperparameters={"n_components": 2}, phases=[])
    fit(settings, corpora=pairs, out=tmp_path, work=tmp_path / "work")
    decoded = sorted((tmp_path / "work" / "cache").glob("waveforms-*.i16"))
    Judge(pairs, work=tmp_path / "work")
    assert sorted((tmp_path / "work" / "cache").glob("waveforms-*.i16")) == decoded
    assert len(decoded) == 2, "train and dev together, and eval"


def test_trainings_are_compared_by_what_was_changed(corpus, tmp_path, plain):
    one = plain
    other = run(corpus, tmp_path, recipe(name="gentle", phases=[Phase(steps=12, learning_rate=1e-3)]))
    lines = compare_markdown([one, other]).splitlines()
    assert lines[2].startswith("| `tiny` | – |") and "`--set phases.0.learning_rate=0.001`" in lines[3]
    figures = {row["slice"]: row for row in load_detector(other).card.metrics["eval"]}
    assert f"{100 * figures['all']['eer']:.1f} % [" in lines[3]


def test_what_is_fitted_in_one_pass_sees_each_clip_changed_as_well(corpus, tmp_path, monkeypatch):
    """Two Gaussians a class: without augmentation each training clip is used once, with it twice."""
    from core.detectors.zoo.lfcc_gmm import LfccGmm

    used = []
    prepare = LfccGmm.prepare

    def count(network, bonafide, spoof):
        clips = [list(bonafide), list(spoof)]
        used.append([len(some) for some in clips])
        prepare(network, *clips)

    monkeypatch.setattr(LfccGmm, "prepare", count)
    settings = recipe(architecture="lfcc-gmm", hyperparameters={"n_components": 2}, phases=[])
    plain = load_detector(run(corpus, tmp_path, settings))
    noisy = settings.model_copy(update={"augmentation": Augmentation(noise=1.0)})
    changed = load_detector(run(corpus, tmp_path, noisy))
    assert used == [[12, 12], [24, 24]]
    assert plain.card.sha256 != changed.card.sha256
