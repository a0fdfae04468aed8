"""Votes of a run's detectors, counted and filtered."""

import pytest

from core.analysis.verdict import BONAFIDE, SPOOFED
from core.results.ballots import EVERY, SPLIT, WRONG, Ballot, count, filtered
from core.results.store import Run
from tests.dashboard.synthetic_run import synthetic_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("run") / "reference")


@pytest.fixture(scope="module")
def ballot(run: Run) -> Ballot:
    return count(run, run.detectors)


def test_the_tally_adds_up(ballot: Ballot) -> None:
    tally = ballot.tally
    assert tally.unanimous + tally.split + tally.hesitant == tally.clips == len(ballot.clips)
    assert tally.unanimous_wrong <= tally.unanimous
    assert 1 <= tally.independent <= tally.voters


def test_votes_are_the_verdicts_of_the_run(run: Run, ballot: Ballot) -> None:
    for name in run.detectors:
        verdicts = run.scores[run.scores["detector"] == name].set_index("path")["verdict"]
        assert ballot.votes[name].eq(verdicts.loc[ballot.votes.index]).all()


def test_split_means_that_detectors_contradict_each_other(run: Run, ballot: Ballot) -> None:
    clips = filtered(ballot, SPLIT)
    assert len(clips) == ballot.tally.split
    for path in clips["path"]:
        assert {SPOOFED, BONAFIDE} <= set(ballot.votes.loc[path, run.detectors])


def test_wrong_together_means_that_all_give_the_other_class(run: Run, ballot: Ballot) -> None:
    clips = filtered(ballot, WRONG)
    assert len(clips) == ballot.tally.unanimous_wrong
    for _, clip in clips.iterrows():
        wrong = SPOOFED if clip["label"] == "bonafide" else BONAFIDE
        assert set(ballot.votes.loc[clip["path"], run.detectors]) == {wrong}


def test_filters_narrow_by_label_and_by_attack(ballot: Ballot) -> None:
    assert len(filtered(ballot, EVERY)) == len(ballot.clips)
    assert set(filtered(ballot, EVERY, label="bonafide")["label"]) == {"bonafide"}
    assert set(filtered(ballot, EVERY, system="lpc")["system"]) == {"lpc"}
    assert filtered(ballot, EVERY, label="bonafide", system="lpc").empty


@pytest.mark.parametrize("show", [SPLIT, EVERY])
def test_the_spread_that_is_shown_falls_from_row_to_row(ballot: Ballot, show: str) -> None:
    assert ballot.votes.loc[filtered(ballot, show)["path"], "spread"].is_monotonic_decreasing


def test_votes_are_counted_once(run: Run, ballot: Ballot) -> None:
    assert count(run, run.detectors) is ballot
