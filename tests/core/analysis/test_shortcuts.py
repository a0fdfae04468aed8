"""A planted shortcut is found, whatever its form; a corpus without one stays quiet."""

import numpy as np
import pytest

from core.analysis.shortcuts import find_shortcuts

N = 600
RNG = np.random.default_rng(0)
REAL = np.arange(N) % 2 == 0
GROUPS = np.arange(N) // 4


def columns(**planted):
    quiet = {name: RNG.normal(size=N) for name in ("level_dbfs", "seconds", "dc")}
    return quiet | {"codec": RNG.choice(["mp3", "flac"], N)} | planted


def found(**planted):
    return {each.name: each for each in find_shortcuts(columns(**planted), REAL, GROUPS)}


def test_a_balanced_corpus_is_quiet():
    assert {each.weight for each in found().values()} == {"quiet"}


def test_planted_silence_is_found_and_named_first():
    silence = np.where(REAL, 0.3, 0.05) + RNG.exponential(0.02, N)
    shortcuts = find_shortcuts(columns(leading_silence_s=silence), REAL, GROUPS)
    assert shortcuts[0].name == "leading_silence_s"
    assert (shortcuts[0].weight, shortcuts[0].how) == ("solved", "higher is bona fide")
    assert shortcuts[0].auc > 0.99 and shortcuts[0].eer < 0.02
    assert {each.weight for each in shortcuts[1:]} == {"quiet"}


def test_the_other_side_is_found_as_well():
    silence = np.where(REAL, 0.05, 0.3) + RNG.exponential(0.02, N)
    assert found(trailing_silence_s=silence)["trailing_silence_s"].how == "higher is spoof"


def test_a_word_that_one_class_has_is_found():
    codec = np.where(REAL, "flac", RNG.choice(["mp3", "opus"], N))
    assert (found(codec=codec)["codec"].weight, found(codec=codec)["codec"].how) == ("solved", "by value")


def test_spoofs_of_one_length_among_speech_of_any_are_found_by_range():
    seconds = np.where(REAL, RNG.uniform(1, 7, N), RNG.normal(4, 0.05, N))
    assert (found(seconds=seconds)["seconds"].weight, found(seconds=seconds)["seconds"].how) == ("solved", "by range")


def test_a_weak_cue_is_noticed():
    weak = RNG.normal(size=N) + np.where(REAL, 0.8, 0)
    assert found(snr_db=weak)["snr_db"].weight == "noticed"


def test_groups_not_clips_are_evidence():
    # Eight speakers a class, each with a level of its own: many clips, and little evidence.
    groups = np.where(REAL, np.arange(N) // 2 % 8, 8 + np.arange(N) // 2 % 8)
    levels = np.random.default_rng(3).normal(size=16)[groups]
    (by_speaker,) = find_shortcuts({"level_dbfs": levels}, REAL, groups)
    (by_clip,) = find_shortcuts({"level_dbfs": levels}, REAL, np.arange(N))
    assert by_speaker.weight == "quiet"
    assert by_speaker.high - by_speaker.low > 4 * (by_clip.high - by_clip.low)


def test_without_two_groups_of_each_class_nothing_is_claimed():
    assert find_shortcuts({"dc": RNG.normal(size=N)}, np.ones(N, bool), GROUPS) == []
    assert find_shortcuts({"dc": RNG.normal(size=N)}, REAL, np.zeros(N)) == []


def test_what_is_the_same_for_all_clips_is_left_out():
    assert find_shortcuts({"sample_rate": np.full(N, 16000.0), "codec": np.full(N, "FLAC")}, REAL, GROUPS) == []


def test_missing_figures_are_no_cue_to_a_threshold_and_one_to_a_range():
    missing = np.where(REAL, RNG.normal(size=N), np.nan)
    assert found(pitch_range_st=missing)["pitch_range_st"].how == "by range"


@pytest.mark.parametrize("auc", [0.5, 0.8])
def test_of_a_large_corpus_some_clips_are_drawn(auc: float):
    n = 40_000
    real = np.arange(n) % 4 == 0
    values = np.random.default_rng(1).normal(size=n) + np.where(real, 1.2 if auc > 0.5 else 0, 0)
    (one,) = find_shortcuts({"level_dbfs": values}, real, np.arange(n))
    assert one.n == 5_000 and one.auc == pytest.approx(auc, abs=0.03)
