"""Votes of a run's detectors, counted and filtered."""

import numpy as np
import pandas as pd
import pytest

from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED
from core.results.ballots import EVERY, SPLIT, WRONG, Ballot, count, filtered, systems
from core.results.selected import selected
from core.results.selection import Is, Selection
from core.results.store import Run
from tests.dashboard.synthetic_run import synthetic_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("run") / "reference")


@pytest.fixture(scope="module")
def ballot(run: Run) -> Ballot:
    return count(run, run.detectors)


@pytest.fixture(scope="module")
def words(run: Run) -> pd.DataFrame:
    """The verdicts of all detectors, as whole tables have them."""
    return run.scores.pivot(index="path", columns="detector", values="verdict").loc[run.clips["path"], run.detectors]


def test_the_tally_adds_up(ballot: Ballot) -> None:
    tally = ballot.tally
    assert tally.unanimous + tally.split + tally.hesitant == tally.clips == len(ballot.votes)
    assert 0 < tally.unanimous_wrong <= tally.unanimous
    assert 1 <= tally.independent <= tally.voters


def test_the_tally_is_that_of_whole_tables(run: Run, ballot: Ballot, words: pd.DataFrame) -> None:
    spoof, real = (words == SPOOFED).all(axis=1), (words == BONAFIDE).all(axis=1)
    torn = (words == SPOOFED).any(axis=1) & (words == BONAFIDE).any(axis=1)
    labels = run.clips["label"].to_numpy()
    wrong = spoof & (labels == "bonafide") | real & (labels == "spoof")
    assert ballot.tally.unanimous == int(spoof.sum() + real.sum())
    assert ballot.tally.unanimous_wrong == int(wrong.sum())
    assert filtered(ballot, SPLIT).size == ballot.tally.split == int(torn.sum())
    assert set(filtered(ballot, WRONG)) == set(np.flatnonzero(wrong))
    for a in run.detectors:
        for b in run.detectors:
            assert ballot.share.loc[a, b] == pytest.approx((words[a] == words[b]).mean())


def test_rows_are_the_verdicts_of_the_run(run: Run, ballot: Ballot, words: pd.DataFrame) -> None:
    rows = ballot.rows(filtered(ballot, EVERY)[5:15])
    paths = rows.clips["path"]
    assert rows.names == tuple(run.detectors)
    assert (rows.verdicts == words.loc[paths].to_numpy()).all()
    assert {NOT_SURE} <= set(words.to_numpy().ravel())
    chance = run.wide("p_spoof").loc[paths]
    np.testing.assert_array_equal(rows.p_spoof, chance.to_numpy())
    np.testing.assert_array_equal(rows.spread, (chance.max(axis=1) - chance.min(axis=1)).to_numpy())
    facts = run.clips.set_index("path", drop=False).loc[paths, rows.clips.columns]
    assert rows.clips.astype(object).to_numpy().tolist() == facts.astype(object).to_numpy().tolist()


def test_filters_narrow_by_label_and_by_attack(run: Run, ballot: Ballot) -> None:
    assert len(filtered(ballot, EVERY)) == len(run)
    assert set(filtered(ballot, EVERY, label="bonafide")) == set(np.flatnonzero(run.real))
    by_attack = filtered(ballot, SPLIT, label="spoof", system="lpc")
    assert set(run.clips["system"].iloc[by_attack]) == {"lpc"}
    assert ballot.split[by_attack].all()
    assert not len(filtered(ballot, EVERY, label="bonafide", system="lpc"))
    # What is filtered of a ballot leaves it as it was.
    assert int(ballot.split.sum()) == ballot.tally.split


@pytest.mark.parametrize("show", [SPLIT, EVERY])
def test_the_spread_that_is_shown_falls_from_row_to_row(ballot: Ballot, show: str) -> None:
    assert (np.diff(ballot.rows(filtered(ballot, show)).spread) <= 0).all()


def test_votes_are_counted_once(run: Run, ballot: Ballot) -> None:
    assert count(run, run.detectors) is ballot


def test_some_clips_of_a_run_are_counted_by_themselves(run: Run, ballot: Ballot) -> None:
    few = selected(run, Selection((Is("system", ("lpc",)),)).text)
    assert systems(few) == ["lpc"] != systems(run)
    assert "-" not in systems(run)
    own = count(few, run.detectors)
    everywhere = filtered(ballot, EVERY, system="lpc")
    assert own.rows(filtered(own, EVERY)).clips["path"].tolist() == ballot.rows(everywhere).clips["path"].tolist()
