"""The lab tells a network that knows the planted evidence from one that does not, and the controls stay at chance."""

import numpy as np
import pytest

from core.lab.figures import ALL, SEEN, UNSEEN, crossed_interval, figures, join_figures
from core.lab.planted import KINDS
from core.lab.trials import Scores, baseline_trials, run, timeline_trials
from tests.core.explain.conftest import Band, as_detector

COPIES = ("second", "band", "second-band")


def rows(trials, trained=()):
    return {(row.kind, row.systems): row for row in figures(trials, trained=trained)}


@pytest.fixture(scope="module")
def known(detector, sources):
    return run(Scores(detector), "native", sources, kinds=COPIES, clips=8)


def test_a_network_with_known_cells_scores_near_the_ideal(known):
    found = rows(known)
    for kind in COPIES:
        row = found[kind, ALL]
        assert row.clips == row.hits == row.fell == 8
        assert row.mass.mean > 0.8 and row.eer.mean < 0.1 and row.top3.mean > 0.95
    # The clips last three seconds, so that three times is the most possible.
    assert found["second", ALL].factor.mean > 2.7
    assert found["second-band", ALL].factor.low > 8


def test_one_with_shuffled_weights_does_not(shuffled, sources):
    found = rows(run(Scores(shuffled), "native", sources, kinds=COPIES, clips=8))
    assert found["second", ALL].factor.mean < 1.3
    assert found["second-band", ALL].mass.mean < 0.2


def test_the_place_before_planting_is_at_chance(known):
    for row in rows(known).values():
        assert row.unplanted_factor.mean is None or row.unplanted_factor.mean < 1.5
        assert row.unplanted_hits < row.clips


def test_the_ideal_mask_scores_the_ideal_and_a_random_map_is_at_chance(sources):
    ideal, energy, random = (rows(trials) for trials in baseline_trials(sources, kinds=KINDS.names(), clips=8))
    for key, row in ideal.items():
        assert (row.mass.mean, row.rank.mean, row.pointing.mean, row.top3.mean, row.eer.mean) == (1, 1, 1, 1, 0), key
        assert row.hits == row.clips and row.unplanted_factor.mean is None
    assert ideal["second", ALL].factor.mean == pytest.approx(3, rel=0.02)
    for key, row in random.items():
        assert row.factor.mean == pytest.approx(1, abs=0.25), key
        assert row.factor.mean == row.unplanted_factor.mean
        assert row.control.mean == pytest.approx(1, abs=0.05)
    assert energy["second", ALL].unplanted_factor.mean == pytest.approx(1, abs=0.15)


def test_systems_of_training_and_unseen_ones_stand_apart(known):
    found = rows(known, trained={"system0", "system1"})
    assert [found["second", systems].clips for systems in (SEEN, UNSEEN, ALL)] == [4, 4, 8]


def test_the_same_run_gives_the_same_figures(detector, sources):
    def once():
        return figures(run(Scores(detector), "native", sources[:3], kinds=KINDS.names(), clips=2))

    def without_cost(found):
        return [{**vars(row), "cpu_s": 0} for row in found]

    assert without_cost(once()) == without_cost(once())


def test_a_method_out_of_time_gets_fewer_clips_and_says_so(detector, sources):
    found = rows(run(Scores(detector), "native", sources, kinds=("second", "tones"), clips=8, budget_s=1e-6))
    assert {(kind, row.clips) for (kind, _), row in found.items()} == {("second", 1)}


def test_each_map_is_made_once(detector, sources, monkeypatch):
    made = []
    real = run.__globals__["explain"]
    monkeypatch.setitem(run.__globals__, "explain", lambda *args, **more: made.append(args) or real(*args, **more))
    run(Scores(detector), "native", sources[:2], kinds=("second", "band", "tones"), clips=2)
    # Three with evidence and one without, for each source.
    assert len(made) == 8


def test_joins_are_measured_by_the_timeline_where_there_is_one(detector, sources):
    trials = timeline_trials(detector, sources)
    found = join_figures(trials)
    assert [(row.kind, row.clips) for row in found] == [("deletion", 8), ("same-speaker splice", 8)]
    # A join of noise is no comb.
    assert all(abs(row.excess_ms.mean) <= 20 for row in found)
    assert run(Scores(detector), "native", sources[:1], kinds=(), clips=1).joins == ()


def test_joins_are_measured_by_the_map_elsewhere(sources):
    trials = run(Scores(as_detector(Band())), "gradient-x-input", sources, kinds=(), clips=4)
    assert {trial.kind for trial in trials.joins} == {"deletion", "same-speaker splice"}
    assert len(trials.joins) == 8
    # White noise is evidence everywhere: the join has no more of it, but for the shorter clip.
    assert all(abs(row.excess_ms.mean) < 60 for row in join_figures(trials))


def test_an_interval_over_two_things_is_wider_than_over_clips_alone():
    rng = np.random.default_rng(0)
    speakers, systems = [str(n % 5) for n in range(60)], [str(n // 12) for n in range(60)]
    effects = dict(zip("01234", rng.normal(size=5), strict=True))
    values = np.array([effects[a] + effects[b] for a, b in zip(speakers, systems, strict=True)])
    low, high = crossed_interval(values, speakers, systems)
    clips = crossed_interval(values, [str(n) for n in range(60)], [""] * 60)
    assert low < values.mean() < high
    assert high - low > 1.5 * (clips[1] - clips[0])


def test_nothing_is_known_of_the_spread_of_one_speaker_and_one_system():
    assert crossed_interval([1.0, 2.0], ["a", "a"], ["x", "x"]) == (None, None)
