"""A run cut by its columns: counts are those of the clips, a slice selects its own, and the command tells the worst."""

import json

import numpy as np
import pytest

from core.cli import main
from core.results import slicing
from core.results.queries import cut
from core.results.selected import selected
from core.results.selection import Is, Selection
from core.results.store import Run
from tests.dashboard.synthetic_run import synthetic_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("run") / "reference")


def test_every_column_but_the_names_of_clips_can_be_cut_by(run: Run) -> None:
    assert set(slicing.sliceable(run)) == set(run.columns) - {"path", "label"}


@pytest.mark.parametrize("column", ["kind", "seconds", "speaker", "dataset"])
def test_parts_of_a_column_hold_its_clips_and_their_errors(run: Run, column: str) -> None:
    here = cut(run, "aasist")
    table = slicing.rates_by(here, column, 0.3, fewest=1).table
    assert table["n"].sum() == len(run)
    for _, row in table.iterrows():
        mask = slicing.selecting(((column, row["level"]),)).mask(run)
        assert mask.sum() == row["n"], "selecting the part selects the clips that were counted"
        alarms = mask & run.real & (run.llr("aasist") < 0.3)
        misses = mask & run.fake & (run.llr("aasist") >= 0.3)
        assert (row["alarms"], row["misses"]) == (alarms.sum(), misses.sum())
        assert row["n_real"] + row["n_fake"] == row["n"]


def test_small_parts_are_hidden_unless_they_are_asked_for(run: Run) -> None:
    here = cut(run, "aasist")
    every, most = (slicing.rates_by(here, "speaker", 0.0, fewest=fewest) for fewest in (1, 9))
    assert every.hidden == 0
    assert (most.table["n"] >= 9).all()
    assert most.hidden == len(every.table) - len(most.table) > 0


def test_the_worst_slices_are_found_and_the_command_reports_them(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["slices", str(run.folder), "--by", "aasist", "--threshold", "0.5", "--json"]) == 0
    reported = json.loads(capsys.readouterr().out)
    found = slicing.worst(run, "aasist", "all", 0.0)
    assert [one["slice"] for one in reported["slices"]] == [one.words for one in found.slices]
    assert reported["looked_at"] == found.looked_at > 0
    for one in found.slices:
        mask = slicing.selecting(one.where).mask(run)
        mask &= run.real if one.label == "bonafide" else run.fake
        assert mask.sum() == one.n
        assert ((run.llr("aasist") < 0) == run.real)[mask].sum() == one.wrong


def test_the_command_puts_into_words_what_chance_gives(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["slices", str(run.folder)]) == 0
    text = capsys.readouterr().out
    assert "slices were looked at" in text
    assert "after correction" in text
    assert main(["slices", str(run.folder), "--by", "nobody"]) == 1
    assert "nobody is not scored yet" in capsys.readouterr().err


def test_a_column_of_one_value_has_one_part(run: Run) -> None:
    table = slicing.rates_by(cut(run, "aasist"), "dataset", 0.0).table
    assert len(table) == 1
    assert np.isfinite(table["alarm_low"].iloc[0])


def test_the_column_to_begin_with_has_two_parts_that_are_shown(run: Run) -> None:
    column = slicing.first_sliced(run)
    assert column is not None
    assert len(slicing.rates_by(cut(run, "aasist"), column, 0.0).table) >= 2
    few = selected(run, Selection((Is("speaker", (str(run.column("speaker")[0]),)),)).text)
    assert len(few) < 2 * slicing.FEWEST
    assert slicing.first_sliced(few) == slicing.sliceable(few)[0]
