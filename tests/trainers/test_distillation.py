"""Targets: labels, in part replaced by what teachers score."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analysis.calibration import Calibration
from core.corpus.table import Corpus
from trainers import distillation
from trainers.distillation import seconds_of_teachers, training_material
from trainers.recipe import Recipe


class Teacher:
    calibration = Calibration(2.0, 0.0)


RAW = {"one": np.array([0.0, 1.0, -1.0]), "two": np.array([0.0, 0.0, 1.0])}


@pytest.fixture
def targets(tmp_path, monkeypatch):
    train = Corpus(pd.DataFrame({"label": ["bonafide", "bonafide", "spoof"]}), tmp_path)

    class Named(Teacher):
        def __init__(self, name):
            self.name = name

    monkeypatch.setattr(distillation, "load_detector", Named)
    monkeypatch.setattr(distillation, "score_split", lambda detector, waves: waves.sign * RAW[detector.name])

    def targets(**more):
        recipe = Recipe(name="t", architecture="a", summary="", **more)
        corpus, waves, targets = training_material(recipe, train, Waves())
        assert len(corpus.frame) == len(waves) == len(targets)
        return targets

    monkeypatch.setattr(distillation, "versions_of", lambda waves, names: {"as is": waves, "perturbed": Waves(sign=-1)})
    return targets


class Waves:
    """Three clips; of perturbed ones all teachers think the contrary."""

    cache, key = Path(), "-"

    def __init__(self, sign=1):
        self.sign = sign

    def __len__(self):
        return 3


def test_without_teachers_the_target_is_the_label(targets):
    assert targets().tolist() == [1.0, 1.0, 0.0]


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_share_of_the_label_is_the_teachers_mean_log_odds_as_a_probability(targets, share):
    llr = 2 * (RAW["one"] + RAW["two"]) / 2
    llr = np.concatenate([llr, -llr])
    expected = (1 - share) * np.array([1.0, 1.0, 0.0] * 2) + share / (1 + np.exp(-llr))
    np.testing.assert_allclose(targets(teachers=["one", "two"], distillation=share), expected, rtol=1e-6)


def test_a_teacher_in_doubt_leaves_the_target_in_doubt(targets):
    assert targets(teachers=["two"], distillation=1.0)[:2].tolist() == [0.5, 0.5]


def test_what_teachers_will_take_is_known_by_a_trial_of_one_window(monkeypatch):
    class Timed:
        window, hop = 64000, 32000

        def score(self, waveform):
            assert waveform.shape == (64000,)
            clock[0] += 0.5

    clock = [0.0]
    monkeypatch.setattr(distillation.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(distillation, "load_detector", lambda name: Timed())
    # One, two and three windows, and one of unknown length; each clip has a perturbed copy.
    assert seconds_of_teachers(["one", "two"], [3.0, 5.0, 8.0, float("nan")]) == 2 * 2 * 0.5 * (1 + 2 + 3 + 1)
    assert seconds_of_teachers([], [3.0]) == 0
