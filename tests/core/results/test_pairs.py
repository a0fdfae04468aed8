"""Two detectors, and two runs, on the clips that both scored."""

import json
from pathlib import Path

import pytest

from core.cli import main
from core.errors import ResultsError
from core.results.pairs import Difference, paired, verdict_on
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


def test_a_clip_that_is_left_out_counts_once(tmp_path: Path) -> None:
    clips = synthetic_clips()
    clips.loc[:9, "label"] = "-"
    run = synthetic_run(tmp_path / "run", clips)
    assert paired(run, "aasist", run, "cae-lfcc", 0.0, 0.0).left_out == 10
    other = synthetic_run(tmp_path / "other", clips.iloc[5:-3].reset_index(drop=True))
    found = paired(run, "aasist", other, "aasist", 0.0, 0.0)
    assert (found.n, found.left_out) == (len(clips) - 10 - 3, 10 + 3)


def test_one_speaker_shows_nothing_whatever_single_clips_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = synthetic_run(tmp_path / "run", synthetic_clips().assign(speaker="one"))
    found = paired(run, "aasist", run, "aasist", 0.0, 1.0).differences[1]
    assert found.trials_high < 0
    assert not found.only_trials
    assert verdict_on(found) == "none: too few speakers to know"
    assert main(["compare-runs", str(run.folder), "--by", "aasist", "--against", "cae-lfcc"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("equal error rate"))
    assert " – " in line
    assert "nan" not in line


@pytest.mark.parametrize(("ends", "words"), [
    ((-0.2, -0.1), "the first errs less"), ((0.1, 0.2), "the second errs less"),
    ((-0.2, 0.1), "none: only single clips would show one"),
])  # fmt: skip
def test_a_verdict_goes_by_the_interval_over_speakers(ends: tuple[float, float], words: str) -> None:
    assert verdict_on(Difference("miss rate", 0.1, 0.2, *ends, -0.12, -0.08)) == words


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
