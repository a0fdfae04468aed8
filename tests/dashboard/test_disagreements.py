import numpy as np
import pandas as pd
import pytest

from core.analysis.verdict import BONAFIDE, SPOOFED
from core.results.store import Run
from dashboard.components.reference import names
from dashboard.components.vote_table import vote_rows
from dashboard.plots.disagreements import agreement, votes_on_a_clip
from dashboard.plots.scores import overview
from dashboard.views.disagreements import (
    EVERY,
    EVERYONE,
    PANEL_ONLY,
    SPLIT,
    WRONG,
    Ballot,
    count,
    electorate,
    filtered,
    votes_figure,
)  # fmt: skip
from dashboard.views.scores import cut
from tests.dashboard.synthetic_run import CROWD, PANEL, synthetic_run


@pytest.fixture(scope="module")
def ballot(run: Run) -> Ballot:
    return count(run, run.detectors)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("crowd") / "reference", detectors=CROWD, members=PANEL)


def test_the_tally_adds_up(ballot: Ballot) -> None:
    tally = ballot.tally
    assert tally.unanimous + tally.split + tally.hesitant == tally.clips == len(ballot.clips)
    assert tally.unanimous_wrong <= tally.unanimous
    assert 1 <= tally.independent <= tally.voters


def test_votes_are_the_verdicts_of_the_run(run: Run, ballot: Ballot) -> None:
    for name in run.detectors:
        said = run.scores[run.scores["detector"] == name].set_index("path")["verdict"]
        assert ballot.votes[name].eq(said.loc[ballot.votes.index]).all()


def test_split_means_that_detectors_contradict_each_other(run: Run, ballot: Ballot) -> None:
    for path in filtered(ballot, SPLIT, "any", "any")["path"]:
        assert {SPOOFED, BONAFIDE} <= set(ballot.votes.loc[path, run.detectors])


def test_wrong_together_means_that_all_say_the_other_class(run: Run, ballot: Ballot) -> None:
    for _, clip in filtered(ballot, WRONG, "any", "any").iterrows():
        wrong = SPOOFED if clip["label"] == "bonafide" else BONAFIDE
        assert set(ballot.votes.loc[clip["path"], run.detectors]) == {wrong}


def test_filters_narrow_by_truth_and_by_attack(ballot: Ballot) -> None:
    assert set(filtered(ballot, EVERY, "■ bona fide", "any")["label"]) == {"bonafide"}
    assert set(filtered(ballot, EVERY, "any", "lpc")["system"]) == {"lpc"}
    assert filtered(ballot, EVERY, "■ bona fide", "lpc").empty


def test_rows_stand_from_the_most_disputed(ballot: Ballot) -> None:
    clips = filtered(ballot, SPLIT, "any", "any")
    minority = ballot.votes.loc[clips["path"], ["n_spoof", "n_bonafide"]].min(axis=1)
    assert minority.is_monotonic_decreasing


def test_a_row_carries_its_path_and_marks_the_chosen(ballot: Ballot) -> None:
    clips = filtered(ballot, SPLIT, "any", "any")
    path = clips["path"].iloc[1]
    rows = vote_rows(clips, ballot.p_spoof, ballot.votes, chosen=path, most=3)
    assert rows.count("<tr data-value=") == 3
    assert f'<tr data-value="{path}" class="ss-sel">' in rows
    assert f"3 of {len(clips)} clips" in rows
    assert "No clip" in vote_rows(clips.head(0), ballot.p_spoof, ballot.votes)


@pytest.mark.parametrize("dark", [False, True])
def test_the_matrix_shows_each_pair_once(ballot: Ballot, dark: bool) -> None:
    figure = agreement(ballot.share, ballot.kappa, dark=dark)
    assert np.isfinite(np.array(figure.data[0].z, dtype=float)).sum() == 6
    assert len(figure.layout.annotations) == 6


def test_one_detector_cannot_agree_with_another() -> None:
    one = pd.DataFrame([[1.0]], index=["a"], columns=["a"])
    assert "two detectors" in agreement(one, one, dark=False).layout.annotations[0].text


def test_the_votes_on_a_clip_stand_where_the_detectors_put_it(run: Run) -> None:
    path = run.clips["path"].iloc[0]
    figure = votes_figure(run, run.detectors, path, False)
    expected = run.scores[run.scores["path"] == path].set_index("detector").loc[run.detectors, "score"]
    assert np.allclose(figure.data[0].x, expected)
    assert list(figure.layout.yaxis.ticktext) == run.detectors
    assert "Choose a clip" in votes_figure(run, run.detectors, None, False).layout.annotations[0].text


def test_the_truth_is_the_shape_of_the_mark() -> None:
    votes = pd.DataFrame({"detector": ["a"], "score": [1.0], "p_spoof": [0.27], "verdict": [BONAFIDE],
                          "spoof_below": [-0.6], "bonafide_above": [0.6]})  # fmt: skip
    assert votes_on_a_clip(votes, label="bonafide", dark=False).data[0].marker.symbol == "square"
    assert votes_on_a_clip(votes, label="spoof", dark=False).data[0].marker.symbol == "circle"


def test_the_panel_votes_alone_or_with_everyone_else_the_panel_first(run: Run, crowd: Run) -> None:
    assert electorate(crowd, PANEL_ONLY) == [name for name in CROWD if name in PANEL]
    everyone = electorate(crowd, EVERYONE)
    assert everyone[: len(PANEL)] == electorate(crowd, PANEL_ONLY)
    assert sorted(everyone) == sorted(CROWD)
    assert electorate(run, PANEL_ONLY) == electorate(run, EVERYONE) == run.detectors
    assert count(crowd, electorate(crowd, PANEL_ONLY)).tally.voters == len(PANEL)


def test_many_voters_have_narrow_columns_that_name_themselves(crowd: Run) -> None:
    ballot = count(crowd, electorate(crowd, EVERYONE))
    clips = filtered(ballot, EVERY, "any", "any").head(2)
    rows = vote_rows(clips, ballot.p_spoof, ballot.votes)
    assert rows.count('class="ss-voter"') == len(CROWD)
    path = clips["path"].iloc[0]
    said = f"crnn: P(spoof) {ballot.p_spoof.loc[path, 'crnn']:.2f}"
    assert f'title="{said}' in rows


def test_figures_of_many_detectors_stay_on_a_screen(crowd: Run) -> None:
    ballot = count(crowd, electorate(crowd, EVERYONE))
    matrix = agreement(ballot.share, ballot.kappa, dark=False)
    votes = votes_figure(crowd, electorate(crowd, EVERYONE), crowd.clips["path"].iloc[0], False)
    spread = overview({name: cut(crowd, name, "all").pair for name in names(crowd)}, chosen="panel", dark=False)
    for figure in (matrix, votes, spread):
        assert figure.layout.height <= 600
    assert len(spread.data) == 2 * (1 + len(CROWD))
    assert len(matrix.layout.annotations) == len(CROWD) * (len(CROWD) - 1) // 2
