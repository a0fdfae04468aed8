"""A detector at chance is told from one that separates the classes, by groups and not by clips."""

import numpy as np

from core.analysis.competence import competence

RNG = np.random.default_rng(0)
N = 400
REAL = np.arange(N) % 2 == 0
GROUPS = np.arange(N) // 4


def test_a_detector_that_separates_the_classes_is_competent():
    found = competence(RNG.normal(size=N) + REAL, REAL, ~REAL, GROUPS)
    assert found.is_known and not found.is_at_chance and 0.6 < found.low < found.auc < found.high


def test_noise_is_at_chance():
    assert competence(RNG.normal(size=N), REAL, ~REAL, GROUPS).is_at_chance


def test_a_detector_that_is_turned_round_is_no_better():
    assert competence(RNG.normal(size=N) - 2 * REAL, REAL, ~REAL, GROUPS).is_at_chance


def test_many_clips_of_few_speakers_are_little_evidence():
    groups = np.where(REAL, np.arange(N) // 2 % 3, 3 + np.arange(N) // 2 % 3)
    lucky = np.array([1.0, 1.2, -2.0, 0.0, -0.5, 0.5])[groups] + RNG.normal(0, 0.1, N)
    assert competence(lucky, REAL, ~REAL, groups).is_at_chance
    assert not competence(lucky, REAL, ~REAL, np.arange(N)).is_at_chance


def test_without_labels_of_both_classes_it_is_not_known():
    nobody = np.zeros(N, bool)
    for real, fake in ((REAL, nobody), (nobody, nobody)):
        found = competence(RNG.normal(size=N), real, fake, GROUPS)
        assert not found.is_known and not found.is_at_chance


def test_one_speaker_a_class_proves_nothing():
    assert not competence(RNG.normal(size=N) + REAL, REAL, ~REAL, REAL).is_known


def test_unlabelled_clips_do_not_count():
    few = np.arange(N) < 100
    found = competence(RNG.normal(size=N) + REAL, REAL & few, ~REAL & few, GROUPS)
    assert (found.n_bonafide, found.n_spoof) == (50, 50)


def test_of_a_million_clips_some_are_drawn():
    real = np.arange(200_000) % 2 == 0
    found = competence(np.random.default_rng(1).normal(size=len(real)) + real, real, ~real, np.arange(len(real)))
    assert found.n_bonafide + found.n_spoof == 4_000 and not found.is_at_chance
