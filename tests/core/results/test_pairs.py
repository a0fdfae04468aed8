"""Two detectors, and two runs, on the clips that both scored."""

import json

import pytest

from core.cli import main
from core.errors import ResultsError
from core.results.pairs import paired
from core.results.queries import cut
from core.results.selected import selected
from core.results.selection import Is, Selection
from core.results.store import Run
from tests.dashboard.synthetic_run import synthetic_clips, synthetic_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("run") / "reference")


def test_two_detectors_of_a_run_are_compared_on_all_its_clips(run: Run) -> None:
    found = paired(run, "aasist", run, "cae-lfcc", 0.0, 0.0)
    assert (found.n, found.left_out) == (len(run), 0)
    eer, alarms, misses = found.differences
    assert (eer.first, eer.second) == (cut(run, "aasist").eer, cut(run, "cae-lfcc").eer)
    assert (alarms.first, misses.first) == cut(run, "aasist").rates_at(0.0)
    assert eer.low < eer.difference < eer.high


def test_runs_that_share_some_clips_are_compared_on_those(run: Run, tmp_path: object) -> None:
    fewer = synthetic_clips().iloc[50::2].sample(frac=1, random_state=0).reset_index(drop=True)
    other = synthetic_run(tmp_path / "other", fewer)  # type: ignore[operator]
    found = paired(run, "aasist", other, "aasist", 0.0, 0.0)
    assert (found.n, found.left_out) == (len(fewer), len(run) - len(fewer))
    shared = selected(run, "")
    assert shared is run
    assert found.differences[0].second == cut(other, "aasist").eer


def test_clips_of_one_class_cannot_be_compared(run: Run) -> None:
    only = selected(run, Selection((Is("label", ("spoof",)),)).text)
    with pytest.raises(ResultsError, match="not of both classes"):
        paired(only, "aasist", only, "cae-lfcc", 0.0, 0.0)


def test_the_command_reports_each_figure_and_what_it_shows(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["compare-runs", str(run.folder), "--by", "aasist", "--against", "cae-lfcc"]
    assert main([*given, "--json"]) == 0
    reported = json.loads(capsys.readouterr().out)
    assert [one["figure"] for one in reported["differences"]] == ["equal error rate", "false alarm rate", "miss rate"]
    assert main(given) == 0
    text = capsys.readouterr().out
    assert "by speaker and system" in text
    assert f"{len(run)} clips, 0 left out" in text
