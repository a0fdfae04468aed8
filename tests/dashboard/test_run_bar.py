from pathlib import Path

import pytest

from core.errors import ResultsError
from core.results.library import Entry
from core.results.selection import Is, Picked, Search, Selection
from core.results.store import Run
from dashboard.components.run_bar import run_bar, select_menu
from dashboard.context import Resources
from tests.dashboard.synthetic_run import synthetic_run


def entry(run: Run, **more: str) -> Entry:
    return Entry(run.key, run.folder, "mine", rows=len(run), detectors=tuple(run.detectors), **more)


def test_the_line_names_run_clips_and_detectors_and_no_selection_where_there_is_none(run: Run) -> None:
    line = run_bar([entry(run)], run, "")
    assert "<b>mine</b><span> · 200 clips · 4 detectors</span>" in line
    assert "selected" not in line


def test_a_selection_is_counted_told_and_can_be_cleared(run: Run) -> None:
    n = int((run.column("kind") == "vocoder").sum())
    line = run_bar([], run, (Selection() & Is("kind", ("vocoder",)) & Search("", "src")).text)
    assert f"{n} of 200 selected" in line
    assert "kind is vocoder" in line
    assert 'data-value="without 1"' in line
    assert 'data-value="clear"' in line


def test_a_selection_that_does_not_fit_is_named_and_can_be_cleared(run: Run) -> None:
    line = run_bar([], run, (Selection() & Is("codec", ("<b>",))).text)
    assert "no column &#39;codec&#39;" in line
    assert 'data-value="clear"' in line


def test_what_is_too_long_for_a_link_says_so(run: Run) -> None:
    some = (Selection() & Picked.of(run, range(0, 200, 7))).text
    assert "Too long" not in run_bar([], run, some)
    long = Selection(tuple(Search(str(n), "x" * 90) for n in range(20))).text
    assert "Too long for a link" in run_bar([], run, long)


def test_names_from_a_folder_are_escaped(run: Run, tmp_path: Path) -> None:
    line = run_bar([Entry("", tmp_path, "<img>", problem="<script>")], run, "")
    assert "<img>" not in line
    assert "<script>" not in line


def test_the_menu_offers_the_values_of_columns_that_have_few(run: Run) -> None:
    menu = select_menu(run, filled=True)
    n = int((run.column("kind") == "vocoder").sum())
    assert f'<option value="kind\tvocoder">vocoder ({n})</option>' in menu
    assert '<option value="path">path</option>' in menu
    assert '<optgroup label="path">' not in menu


def test_from_elsewhere_only_folders_below_the_named_ones_are_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPOOFSCOPE_DATA", str(tmp_path / "data"))
    inside, outside = (synthetic_run(tmp_path / name / "run", detectors={"a": 1.0}) for name in ("in", "out"))
    far = Resources(runs=[tmp_path / "in"])
    assert far.open_folder(str(inside.folder)) == inside.key
    for path in (outside.folder, tmp_path / "in" / ".." / "out"):
        with pytest.raises(ResultsError, match="From elsewhere"):
            far.open_folder(str(path))
    near = Resources(local=True)
    assert near.open_folder(f" {outside.folder} ") == outside.key
    with pytest.raises(ResultsError, match="Name the folder"):
        near.open_folder(" ")
