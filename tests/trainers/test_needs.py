"""What a training needs is stated, or refused, before it starts."""

import pandas as pd
import pytest

from core.corpus.table import Corpus, Problem
from core.detectors.network import NETWORKS
from core.errors import CorpusError
from trainers import needs as module
from trainers.build import Trial
from trainers.needs import check_splits, needs
from trainers.recipe_file import load_recipe


def split(tmp_path, *labels, seconds=36.0):
    return Corpus(pd.DataFrame({"label": list(labels), "seconds": [seconds] * len(labels)}), tmp_path)


BOTH = ("bonafide", "spoof")


@pytest.mark.parametrize(
    ("train", "dev", "stated"),
    [
        ((), BOTH, "'train' of the manifest has no bona fide"),
        (("bonafide",), BOTH, "'train' of the manifest has no spoofs"),
        (BOTH, ("spoof",), "'dev' of the manifest has no bona fide"),
        (BOTH, ("bonafide",), "'dev' of the manifest has no spoofs"),
    ],
)
def test_a_split_without_a_class_is_refused(tmp_path, train, dev, stated):
    splits = {"train": split(tmp_path, *train), "dev": split(tmp_path, *dev)}
    with pytest.raises(CorpusError, match=stated):
        check_splits(splits, load_recipe("tinycnn-mfcc"), NETWORKS.get("tinycnn-mfcc")())


def test_rows_that_were_left_out_are_named_with_the_class_that_is_missing(tmp_path):
    splits = {"train": split(tmp_path, *BOTH), "dev": split(tmp_path)}
    problems = [Problem(3, "a.wav", "there is no such file")]
    with pytest.raises(CorpusError, match=r"1 of its rows were left out, the first \(a.wav\): there is no such file"):
        check_splits(splits, load_recipe("tinycnn-mfcc"), NETWORKS.get("tinycnn-mfcc")(), problems=problems)


@pytest.mark.parametrize(("name", "change"), [("cae-lfcc", "seed=1"), ("tinycnn-mfcc", "sampling.invented=1.0")])
def test_bona_fide_speech_alone_is_enough_where_no_spoof_is_trained_on(tmp_path, name, change):
    splits = {"train": split(tmp_path, "bonafide"), "dev": split(tmp_path, *BOTH)}
    check_splits(splits, load_recipe(name, [change]), NETWORKS.get(load_recipe(name).architecture)())


def test_clips_space_steps_and_time_are_stated(tmp_path):
    splits = {"train": split(tmp_path, *BOTH, seconds=3600.0), "dev": split(tmp_path, *BOTH), "eval": split(tmp_path)}
    decoded, place = list(splits.values()), tmp_path / "not" / "there"
    stated = needs(load_recipe("tinycnn-mfcc"), splits, decoded, place, limit_gb=20, trial=Trial(0.01))
    clips = "2 clips to train on, 2 clips to validate and calibrate on, 0 clips to measure on"
    assert stated.startswith(f"tinycnn-mfcc: {clips}")
    assert "0.23 GB of decoded clips at most" in stated and "400 steps of 32 x 3 s" in stated
    assert "one trial step" not in stated or "2.1 minutes" in stated
    assert "0.00 GB" in needs(load_recipe("gmm"), splits, decoded, tmp_path, limit_gb=0, trial=Trial())


def test_a_disk_without_room_is_refused_before_it_is_full(tmp_path, monkeypatch):
    splits = {name: split(tmp_path, *BOTH) for name in ("train", "dev", "eval")}
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(CorpusError, match="--cache-limit-gb 0"):
        needs(load_recipe("tinycnn-mfcc"), splits, list(splits.values()), tmp_path, limit_gb=20, trial=Trial(0.01))
    assert needs(load_recipe("tinycnn-mfcc"), splits, list(splits.values()), tmp_path, limit_gb=0, trial=Trial(0.01))


def test_the_time_of_frozen_layers_and_of_teachers_is_stated_beside_that_of_steps(tmp_path):
    splits = {name: split(tmp_path, *BOTH) for name in ("train", "dev", "eval")}
    recipe = load_recipe("whisper-frames", ["kept_crops=998"])
    text = needs(recipe, splits, [], tmp_path, limit_gb=20, trial=Trial(0.01, 0.06), frames=10, teachers_s=5400.0)
    assert "and before them roughly 1.0 minutes of frozen layers and 1.5 hours of teachers' scores, less what" in text
    assert "before them" not in needs(recipe, splits, [], tmp_path, limit_gb=20, trial=Trial(0.01, 1e-6))


def test_a_training_that_goes_on_is_not_refused_for_the_room_that_its_own_files_take(tmp_path, monkeypatch):
    splits = {name: split(tmp_path, *BOTH) for name in ("train", "dev", "eval")}
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10}))
    (tmp_path / "frames-a").mkdir()
    (tmp_path / "frames-a" / "frames.npy").write_bytes(bytes(90))
    settings = {"limit_gb": 20, "trial": Trial(0.01)}
    needs(load_recipe("tinycnn-mfcc"), splits, [], tmp_path, frames=100, **settings)
    with pytest.raises(CorpusError, match="frames of frozen layers"):
        needs(load_recipe("tinycnn-mfcc"), splits, [], tmp_path, frames=101, **settings)
