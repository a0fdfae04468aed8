"""Scores of a split are kept as they are made."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from trainers import scoring
from trainers.scoring import score_split


class Detector:
    """Scores a clip by its number; ends the work at the clip ``at``."""

    name, window, network = "one", 4, torch.nn.Linear(1, 1)

    def __init__(self, at=None):
        self.at, self.scored = at, []

    def score(self, wave):
        if wave == self.at:
            raise KeyboardInterrupt
        self.scored.append(int(wave))
        return SimpleNamespace(raw=10.0 * wave)


class Waves:
    key = "clips"

    def __init__(self, cache):
        self.cache = cache

    def __len__(self):
        return 7

    def __getitem__(self, row):
        return row


@pytest.fixture(autouse=True)
def two_at_once(monkeypatch):
    monkeypatch.setattr(scoring, "_AT_ONCE", 2)
    monkeypatch.setattr(scoring, "side_by_side", lambda fn, rows: [fn(row) for row in rows])


def test_an_interrupted_scoring_goes_on_with_the_next_clips(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        score_split(Detector(at=5), Waves(tmp_path))
    later = Detector()
    assert score_split(later, Waves(tmp_path)).tolist() == [0, 10, 20, 30, 40, 50, 60]
    assert later.scored == [4, 5, 6]


def test_what_was_scored_is_not_scored_again_and_nothing_unfinished_is_left(tmp_path):
    first = score_split(Detector(), Waves(tmp_path))
    again = Detector()
    assert np.array_equal(score_split(again, Waves(tmp_path)), first) and not again.scored
    assert [file.suffix for file in tmp_path.iterdir()] == [".npy"]


def test_a_second_process_that_scored_the_same_reads_what_the_first_left(tmp_path):
    class Slower(Detector):
        def score(self, wave):
            if wave == 6:
                score_split(Detector(), Waves(tmp_path))
            return super().score(wave)

    assert score_split(Slower(), Waves(tmp_path)).tolist() == [0, 10, 20, 30, 40, 50, 60]
