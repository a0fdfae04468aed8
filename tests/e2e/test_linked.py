"""One run and one selection for all tabs: opened, selected, linked, exported."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from core.results.pairs import paired, verdict_on
from core.results.queries import PANEL
from core.results.store import Run
from tests.dashboard.synthetic_run import synthetic_clips, synthetic_run
from tests.e2e.gestures import repeat
from tests.e2e.tabs import open_tab
from tests.e2e.waiting import stand_still

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run in a folder of one's own, with the user's data folder out of the way."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPOOFSCOPE_DATA", str(folder / "data"))
        yield synthetic_run(folder / "my-run")


@pytest.fixture(scope="module")
def other(made_up: Run) -> Run:
    """Another run of the same clips, in the user's data folder, by detectors that err on other clips."""
    return synthetic_run(made_up.folder.parent / "data" / "runs" / "other-run", seed=11, clips=synthetic_clips())


def compare_with(page: Page, control: str, option: str, second: str) -> None:
    """Choose from a menu until the table's second column is named so: a menu that is drawn anew swallows a choice."""
    head, menu = page.locator("#scores-closer-text thead th").nth(2), page.locator(f"{control} input")

    def typed() -> None:
        menu.fill(option)
        menu.press("Enter")

    repeat(page, typed, lambda: expect(head).to_have_text(second))


def saved(page: Page, menu: str, press: str, folder: Path) -> Path:
    """Unfold a menu, press something in it, and return the file that is saved then."""
    files: list[Path] = []

    def save() -> None:
        summary = page.locator(f"{menu} summary").first
        if not summary.evaluate("(one) => one.parentElement.open"):
            summary.click()
        with page.expect_download() as download:
            page.locator(press).first.click()
        files.append(folder / download.value.suggested_filename)
        download.value.save_as(files[-1])

    repeat(page, save, lambda: None)
    return files[-1]


def test_a_run_is_opened_by_its_folder_and_the_tabs_show_it(kept: Page, made_up: Run) -> None:
    open_tab(kept, "Disagreements", wait_for=("#disagreements-run", "reference run"))
    kept.locator("#disagreements-run .ss-runs summary").click()
    kept.locator("#disagreements-run input[name=folder]").fill(str(made_up.folder))
    kept.keyboard.press("Enter")
    expect(kept.locator("#disagreements-run")).to_contain_text(f"my-run · {len(made_up)} clips · 4 detectors")
    expect(kept.locator("#disagreements-lead")).to_contain_text(f"of {len(made_up)} clips")
    expect(kept).to_have_url(re.compile(rf"\?run={made_up.key}#disagreements"))


def test_a_selection_is_followed_by_every_tab_and_by_the_address(kept: Page, made_up: Run) -> None:
    n = int((made_up.column("kind") == "vocoder").sum())
    kept.locator("#disagreements-run .ss-choose summary").click()
    kept.locator("#disagreements-run select[name=slice]").select_option("kind\tvocoder")
    expect(kept.locator("#disagreements-run .ss-selection")).to_contain_text(f"{n} of {len(made_up)} selected")
    expect(kept.locator("#disagreements-lead")).to_contain_text(f"of {n} clips")
    open_tab(kept, "Reconstruction", wait_for=("#reconstruction-run", f"{n} of {len(made_up)} selected"))
    expect(kept.locator("#reconstruction-lead")).to_contain_text(str(n))
    assert "select=" in kept.url


def test_a_page_loaded_anew_shows_run_tab_and_selection_as_before(kept: Page, made_up: Run) -> None:
    n = int((made_up.column("kind") == "vocoder").sum())
    before = kept.url
    kept.reload()
    expect(kept.locator("#reconstruction-run .ss-selection")).to_contain_text(f"{n} of {len(made_up)} selected")
    expect(kept.locator("#reconstruction-lead")).to_contain_text(str(n))
    assert kept.url == before


def test_selected_clips_tables_and_figures_are_saved_and_open(kept: Page, made_up: Run, tmp_path: Path) -> None:
    n = int((made_up.column("kind") == "vocoder").sum())
    exports = "#reconstruction-run .ss-menu:has([data-value='export csv'])"
    clips = pd.read_csv(saved(kept, exports, "#reconstruction-run [data-value='export csv']", tmp_path))
    assert set(clips["kind"]) == {"vocoder"}
    assert len(clips) == n
    open_tab(kept, "Disagreements", wait_for=("#disagreements-rows", "of"))
    figure = ".ss-pane:has(#disagreements-matrix) .ss-export"
    picture = saved(kept, figure, f"{figure} [data-save=svg]", tmp_path)
    assert picture.read_text().startswith("<svg")
    table = "#disagreements-rows .ss-export"
    votes = pd.read_parquet(saved(kept, table, f"{table} [data-save=parquet]", tmp_path))
    assert "aasist" in votes.columns
    assert 0 < len(votes) <= n


def test_a_table_in_pages_is_saved_with_the_rows_of_all_pages(kept: Page, made_up: Run, tmp_path: Path) -> None:
    n = int((made_up.column("kind") == "vocoder").sum())
    kept.locator("#disagreements-show").get_by_text("all clips").click()
    expect(kept.locator("#disagreements-rows .ss-pager")).to_contain_text(f"of {n} clips")
    votes = saved(kept, "#disagreements-rows .ss-export", "#disagreements-rows [data-save=csv]", tmp_path)
    assert len(pd.read_csv(votes)) == n


def test_one_press_clears_the_selection(kept: Page, made_up: Run) -> None:
    kept.locator("#disagreements-run [data-value=clear]").click()
    expect(kept.locator("#disagreements-run .ss-selection")).to_have_count(0)
    expect(kept.locator("#disagreements-lead")).to_contain_text(f"of {len(made_up)} clips")
    assert "select=" not in kept.url


def test_two_detectors_and_two_runs_are_compared_by_speaker_and_system(kept: Page, made_up: Run, other: Run) -> None:
    open_tab(kept, "Scores", wait_for=("#scores-run", f"my-run · {len(made_up)} clips"))
    text = kept.locator("#scores-closer-text")
    expect(text).to_contain_text("Intervals: by speaker and source")
    kept.locator("#scores-closer").get_by_text("two detectors or runs").click()
    expect(text).to_contain_text(f"The same {len(made_up)} labelled clips for both")
    compare_with(kept, "#scores-against", "cae-lfcc", "cae-lfcc")
    expect(text).to_contain_text("the first errs less")
    compare_with(kept, "#scores-other", f"other-run · {len(other)} clips", "cae-lfcc, other-run")
    compare_with(kept, "#scores-against", "panel", "the panel, other-run")
    by_hand = paired(made_up, PANEL, other, PANEL, 0.0, 0.0)
    verdicts = text.locator("tbody tr td:last-child")
    expect(verdicts).to_have_text([verdict_on(one) for one in by_hand.differences])


def test_what_is_of_another_run_is_greyed_until_the_answer_is_there(kept: Page) -> None:
    marked = """() => {
      const {asked, answered} = window.spoofscope, seen = [], id = 'scores-lead', lead = document.getElementById(id);
      const see = () => seen.push(lead.hasAttribute('data-awaits'));
      answered([id]); asked([id], 'a'); answered([id]);
      asked([id], 'a'); see();
      answered([id]); asked([id], 'b'); see(); answered([id]); see();
      asked([id], null); see(); answered([id]); see();
      return seen;
    }"""
    open_tab(kept, "Scores", wait_for=("#scores-lead", "With the threshold"))
    assert kept.evaluate(marked) == [False, True, False, True, False]


def test_a_link_to_a_run_that_is_not_here_says_so(kept: Page, app_url: str) -> None:
    kept.goto(f"{app_url}?run=ffffffffffff#map")
    expect(kept.locator(".ss-missing:visible").first).to_contain_text("There is no run 'ffffffffffff' on this machine")


def test_one_press_of_the_scheme_is_told_to_python_once(kept: Page) -> None:
    dark = kept.locator("#ss-dark input")
    was = dark.is_checked()
    dark.evaluate("(box) => { box.told = []; box.addEventListener('change', () => box.told.push(box.checked)); }")
    for now in (not was, was):
        kept.locator("[data-scheme]").click()
        expect(dark).to_be_checked(checked=now)
    stand_still(kept)
    assert dark.evaluate("(box) => box.told") == [not was, was]


def test_figures_follow_the_systems_scheme_while_the_page_is_open(kept: Page) -> None:
    # A reader's own choice, which another test may have made, counts for more.
    kept.evaluate("localStorage.removeItem('spoofscope-scheme')")
    dark = kept.locator("#ss-dark input")
    kept.emulate_media(color_scheme="dark")
    expect(dark).to_be_checked()
    kept.emulate_media(color_scheme="light")
    expect(dark).not_to_be_checked()
