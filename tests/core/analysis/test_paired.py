"""A difference between two detectors is one where speakers and systems bear it out, not where only clips do."""

import numpy as np
import pytest

from core.analysis import paired
from core.analysis.det import equal_error_point
from core.analysis.paired import Scored, compare


def corpus(seed: int, n: int = 2_000, speakers: int = 40, systems: int = 12):
    rng = np.random.default_rng(seed)
    real = rng.random(n) < 0.5
    return rng, real, rng.integers(speakers, size=n), rng.integers(systems, size=n)


def scores(rng, real, *, apart: float = 1.5) -> np.ndarray:
    return np.where(real, apart, -apart) + rng.normal(size=len(real))


def test_a_detector_that_is_better_everywhere_is_found_to_be() -> None:
    rng, real, speaker, system = corpus(0)
    hard = rng.normal(size=len(real))
    one, other = (Scored(scores(rng, real, apart=apart) + hard, 0.0) for apart in (1.8, 1.2))
    for found in compare(one, other, real, speaker, system, resamples=400):
        assert found.difference < 0
        assert found.low < found.difference < found.high < 0, found
        assert found.borne_out
        assert not found.only_trials


def test_figures_are_those_of_each_detector() -> None:
    rng, real, speaker, system = corpus(1, 300)
    one, other = Scored(scores(rng, real), 0.2), Scored(scores(rng, real), -0.1)
    eer, alarms, misses = compare(one, other, real, speaker, system, resamples=50)
    assert eer.first == pytest.approx(equal_error_point(one.llr[real], one.llr[~real])[0])
    assert alarms.second == (other.llr[real] < -0.1).mean()
    assert misses.first == (one.llr[~real] >= 0.2).mean()


def test_a_difference_that_a_few_speakers_make_is_none() -> None:
    shown = 0
    for seed in range(8):
        rng, real, speaker, system = corpus(seed, 3_000, speakers=10)
        # Each detector has speakers of its own that it fails on: neither is better.
        offsets = rng.normal(size=(2, 10))
        one, other = (Scored(scores(rng, real) + 1.2 * offset[speaker], 0.0) for offset in offsets)
        alarms = compare(one, other, real, speaker, system, resamples=300)[1]
        shown += alarms.only_trials
        assert alarms.high - alarms.low > 1.5 * (alarms.trials_high - alarms.trials_low)
        assert not alarms.borne_out or abs(alarms.difference) > 0.05
    assert shown >= 3, "single clips would have shown differences that speakers do not"


def test_a_difference_that_one_system_makes_is_none() -> None:
    rng, real, speaker, system = corpus(3, 3_000, systems=8)
    base = scores(rng, real)
    worse = base + np.where(~real & (system == 2), 3.0, 0.0)
    misses = compare(Scored(worse, 0.0), Scored(base, 0.0), real, speaker, system, resamples=400)[2]
    assert misses.difference > 0.05
    assert misses.only_trials
    assert misses.low <= 0.0


def test_the_interval_covers_no_difference_as_often_as_it_states() -> None:
    covered = 0
    for seed in range(30):
        rng, real, speaker, system = corpus(seed, 800)
        hard = rng.normal(size=(2, 40))
        one, other = (Scored(scores(rng, real) + 0.5 * offset[speaker], 0.0) for offset in hard)
        covered += not compare(one, other, real, speaker, system, resamples=200)[0].borne_out
    assert covered >= 27


@pytest.mark.parametrize("decimals", [0, 12], ids=["many ties", "no tie"])
def test_many_clips_are_counted_in_bins_alike(monkeypatch: pytest.MonkeyPatch, decimals: int) -> None:
    rng, real, speaker, system = corpus(5, 4_000)
    one, other = Scored(scores(rng, real, apart=1.7).round(decimals), 0.0), Scored(scores(rng, real), 0.0)
    exact = compare(one, other, real, speaker, system, resamples=400)[0]
    monkeypatch.setattr(paired, "EXACT", 1_000)
    binned = compare(one, other, real, speaker, system, resamples=400)[0]
    width = exact.high - exact.low
    assert (binned.low, binned.high) == pytest.approx((exact.low, exact.high), abs=0.12 * width)
    assert binned.first == exact.first


def test_one_detector_does_not_differ_from_itself_and_one_speaker_shows_nothing() -> None:
    rng, real, speaker, system = corpus(6, 200)
    same = Scored(scores(rng, real), 0.0)
    assert all((found.low, found.high) == (0, 0) for found in compare(same, same, real, speaker, system, resamples=50))
    found = compare(same, Scored(-same.llr, 0.0), real, np.zeros(200, int), system, resamples=50)[0]
    assert np.isnan(found.low)
    assert not found.borne_out
    with pytest.raises(ValueError, match="both classes"):
        compare(same, same, np.ones(200, bool), speaker, system)
