"""Targets: labels, in part replaced by what teachers score."""

import numpy as np
import pandas as pd
import pytest

from core.analysis.calibration import Calibration
from core.corpus.table import Corpus
from trainers import distillation
from trainers.distillation import training_targets
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
    monkeypatch.setattr(distillation, "score_split", lambda detector, waves: RAW[detector.name])

    def targets(**more):
        return training_targets(Recipe(name="t", architecture="a", summary="", **more), train, None)

    return targets


def test_without_teachers_the_target_is_the_label(targets):
    assert targets().tolist() == [1.0, 1.0, 0.0]


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_share_of_the_label_is_the_teachers_mean_log_odds_as_a_probability(targets, share):
    llr = 2 * (RAW["one"] + RAW["two"]) / 2
    expected = (1 - share) * np.array([1.0, 1.0, 0.0]) + share / (1 + np.exp(-llr))
    np.testing.assert_allclose(targets(teachers=["one", "two"], distillation=share), expected, rtol=1e-6)


def test_a_teacher_in_doubt_leaves_the_target_in_doubt(targets):
    assert targets(teachers=["two"], distillation=1.0)[:2].tolist() == [0.5, 0.5]
