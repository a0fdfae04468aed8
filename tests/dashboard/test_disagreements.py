import re

import numpy as np
import pandas as pd
import pytest

from core.analysis.verdict import BONAFIDE
from core.results.ballots import EVERY, SPLIT, Ballot, count, filtered
from core.results.queries import members, names
from core.results.rates import overview
from core.results.store import Run
from dashboard.components.pager import PAGE_ROWS
from dashboard.components.vote_table import vote_rows
from dashboard.plots import scores as plots
from dashboard.plots.disagreements import agreement, votes_on_a_clip
from dashboard.views.disagreements import EVERYONE, PANEL_ONLY, electorate, listed, votes_figure
from tests.dashboard.synthetic_run import CROWD, PANEL, synthetic_run


@pytest.fixture(scope="module")
def ballot(run: Run) -> Ballot:
    return count(run, run.detectors)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("crowd") / "reference", detectors=CROWD, members=PANEL)


def test_a_row_carries_its_path_and_marks_the_chosen(ballot: Ballot) -> None:
    found = ballot.rows(filtered(ballot, SPLIT)[:3])
    path = found.clips["path"].iloc[1]
    rows = vote_rows(found, total=3, chosen=path)
    assert rows.count("<tr data-value=") == 3
    assert f'<tr data-value="{path}" class="ss-sel">' in rows
    assert "1–3 of 3 clips" in rows
    assert "No clip" in vote_rows(ballot.rows(np.arange(0)), total=0)


def test_every_clip_can_be_reached_page_by_page(run: Run, ballot: Ballot) -> None:
    assert len(run) > PAGE_ROWS
    shown = [listed(ballot, EVERY, "any", "any", who="x", page=page, chosen="") for page in (1, 2)]
    paths = [path for page in shown for path in re.findall(r'<tr data-value="([^"]+)"', page)]
    assert paths == run.clips["path"].iloc[ballot.order].tolist()


def test_the_spread_falls_from_row_to_row(ballot: Ballot) -> None:
    rows = listed(ballot, EVERY, "any", "any", who="x", page=1, chosen="")
    spreads = [float(text) for text in re.findall(r"<td>(\d\.\d\d)</td></tr>", rows)]
    assert len(spreads) == PAGE_ROWS
    assert spreads == sorted(spreads, reverse=True)


@pytest.mark.parametrize("system", ["lpc", "no such attack"])
def test_the_rows_name_the_filter_that_they_answer(ballot: Ballot, system: str) -> None:
    rows = listed(ballot, SPLIT, "● spoof", system, who=PANEL_ONLY, page=1, chosen="")
    assert f"Votes of the panel; split votes; label ● spoof; attack {system}" in rows


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
    assert electorate(crowd, PANEL_ONLY) == members(crowd)
    everyone = electorate(crowd, EVERYONE)
    assert everyone[: len(PANEL)] == electorate(crowd, PANEL_ONLY)
    assert sorted(everyone) == sorted(CROWD)
    assert sorted(electorate(run, PANEL_ONLY)) == sorted(electorate(run, EVERYONE)) == sorted(run.detectors)
    assert count(crowd, electorate(crowd, PANEL_ONLY)).tally.voters == len(PANEL)


def test_many_voters_have_narrow_columns_that_name_themselves(crowd: Run) -> None:
    ballot = count(crowd, electorate(crowd, EVERYONE))
    found = ballot.rows(filtered(ballot, EVERY)[:2])
    rows = vote_rows(found, total=2)
    assert rows.count('class="ss-voter"') == len(CROWD)
    assert f'title="crnn: P(spoof) {found.p_spoof[0, found.names.index("crnn")]:.2f}' in rows


def test_figures_of_many_detectors_stay_on_a_screen(crowd: Run) -> None:
    ballot = count(crowd, electorate(crowd, EVERYONE))
    matrix = agreement(ballot.share, ballot.kappa, dark=False)
    votes = votes_figure(crowd, electorate(crowd, EVERYONE), crowd.clips["path"].iloc[0], False)
    spread = plots.overview(overview(crowd, "all", names(crowd)), chosen="panel", dark=False)
    for figure in (matrix, votes, spread):
        assert figure.layout.height <= 600
    assert len(spread.data) == 2 * (1 + len(CROWD)) + 1
    assert len(matrix.layout.annotations) == len(CROWD) * (len(CROWD) - 1) // 2


def test_a_matrix_of_39_detectors_has_no_text_to_overprint_and_every_name() -> None:
    labels = [f"detector-{number}" for number in range(39)]
    half = pd.DataFrame(0.5, index=labels, columns=labels)
    figure = agreement(half, half, dark=False)
    assert not figure.layout.annotations
    assert figure.layout.xaxis.dtick == figure.layout.yaxis.dtick == 1
    assert figure.layout.height < 900
