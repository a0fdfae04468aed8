"""One run and one selection for all tabs: opened, selected, linked, exported."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from core.results.store import Run
from tests.dashboard.synthetic_run import synthetic_run
from tests.e2e.tabs import open_tab

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run in a folder of one's own, with the user's data folder out of the way."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPOOFSCOPE_DATA", str(folder / "data"))
        yield synthetic_run(folder / "my-run")


def saved(page: Page, press: str, folder: Path) -> Path:
    """Press something, and return the file that is saved then."""
    with page.expect_download() as download:
        page.locator(press).first.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


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
    kept.locator("#reconstruction-run summary", has_text="Export").click()
    clips = pd.read_csv(saved(kept, "#reconstruction-run [data-value='export csv']", tmp_path))
    assert set(clips["kind"]) == {"vocoder"}
    assert len(clips) == n
    open_tab(kept, "Disagreements", wait_for=("#disagreements-rows", "of"))
    figure = ".ss-pane:has(#disagreements-matrix) .ss-export"
    kept.locator(f"{figure} summary").first.click()
    picture = saved(kept, f"{figure} [data-save=svg]", tmp_path)
    assert picture.read_text().startswith("<svg")
    table = "#disagreements-rows .ss-export"
    kept.locator(f"{table} summary").first.click()
    votes = pd.read_parquet(saved(kept, f"{table} [data-save=parquet]", tmp_path))
    assert "aasist" in votes.columns
    assert 0 < len(votes) <= n


def test_one_press_clears_the_selection(kept: Page, made_up: Run) -> None:
    kept.locator("#disagreements-run [data-value=clear]").click()
    expect(kept.locator("#disagreements-run .ss-selection")).to_have_count(0)
    expect(kept.locator("#disagreements-lead")).to_contain_text(f"of {len(made_up)} clips")
    assert "select=" not in kept.url


def test_a_link_to_a_run_that_is_not_here_says_so(kept: Page, app_url: str) -> None:
    kept.goto(f"{app_url}?run=ffffffffffff#map")
    expect(kept.locator(".ss-missing:visible").first).to_contain_text("There is no run 'ffffffffffff' on this machine")
