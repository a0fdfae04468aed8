"""What a training needs is told, or refused, before it starts."""

import pandas as pd
import pytest

from core.corpus.table import Corpus, Problem
from core.detectors.network import NETWORKS
from core.errors import CorpusError
from trainers import needs as module
from trainers.needs import check_splits, needs
from trainers.recipe_file import load_recipe


def split(tmp_path, *labels, seconds=36.0):
    return Corpus(pd.DataFrame({"label": list(labels), "seconds": [seconds] * len(labels)}), tmp_path)


BOTH = ("bonafide", "spoof")


@pytest.mark.parametrize(
    ("train", "dev", "told"),
    [
        ((), BOTH, "'train' of the manifest has no bona fide"),
        (("bonafide",), BOTH, "'train' of the manifest has no spoofs"),
        (BOTH, ("spoof",), "'dev' of the manifest has no bona fide"),
        (BOTH, ("bonafide",), "'dev' of the manifest has no spoofs"),
    ],
)
def test_a_split_without_a_class_is_refused(tmp_path, train, dev, told):
    splits = {"train": split(tmp_path, *train), "dev": split(tmp_path, *dev)}
    with pytest.raises(CorpusError, match=told):
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


def test_clips_space_steps_and_time_are_told(tmp_path):
    splits = {"train": split(tmp_path, *BOTH, seconds=3600.0), "dev": split(tmp_path, *BOTH), "eval": split(tmp_path)}
    decoded, place = list(splits.values()), tmp_path / "not" / "there"
    told = needs(load_recipe("tinycnn-mfcc"), splits, decoded, place, limit_gb=20, clip_s=0.01)
    clips = "2 clips to train on, 2 clips to validate and calibrate on, 0 clips to measure on"
    assert told.startswith(f"tinycnn-mfcc: {clips}")
    assert "0.23 GB of decoded clips at most" in told and "400 steps of 32 x 3 s" in told
    assert "one trial step" not in told or "2.1 minutes" in told
    assert "0.00 GB" in needs(load_recipe("gmm"), splits, decoded, tmp_path, limit_gb=0, clip_s=0.0)


def test_a_disk_without_room_is_told_before_it_is_full(tmp_path, monkeypatch):
    splits = {name: split(tmp_path, *BOTH) for name in ("train", "dev", "eval")}
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(CorpusError, match="--cache-limit-gb 0"):
        needs(load_recipe("tinycnn-mfcc"), splits, list(splits.values()), tmp_path, limit_gb=20, clip_s=0.01)
    assert needs(load_recipe("tinycnn-mfcc"), splits, list(splits.values()), tmp_path, limit_gb=0, clip_s=0.01)
