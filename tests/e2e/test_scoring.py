"""*Score a folder* in a real browser: a folder of recordings becomes a run that all tabs show."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from tests.conftest import SAMPLE_RATE
from tests.e2e.tabs import open_tab
from tests.e2e.waiting import record, recorded

pytestmark = pytest.mark.browser


@pytest.fixture
def four_clips(tmp_path: Path, speech_source: np.ndarray) -> Path:
    """Folders real/ and fake/ with two clips each."""
    for number in range(4):
        folder = tmp_path / "mine" / ("real" if number % 2 else "fake")
        folder.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / f"clip{number}.flac", np.roll(speech_source, 4000 * number)[:40_000], SAMPLE_RATE)
    return tmp_path / "mine"


def test_a_folder_is_scored_and_its_run_opened(kept: Page, four_clips: Path) -> None:
    open_tab(kept, "Models & data", wait_for=("#score-form", "Score a folder"))
    form, jobs = kept.locator("#score-form"), kept.locator("#score-jobs")
    form.get_by_label("Folder or manifest").fill(str(four_clips / "absent"))
    form.get_by_role("button", name="Score").click()
    expect(jobs.get_by_role("alert")).to_contain_text("There is no file or folder")
    form.get_by_label("Folder or manifest").fill(str(four_clips))
    record(kept, "#score-jobs")
    form.get_by_role("button", name="Score").click()
    recorded(kept, "#score-jobs", rf"{four_clips}[^$]*Cancel")
    expect(jobs).to_contain_text("4 clips scored.")
    jobs.get_by_role("button", name="Open the run").click()
    expect(kept.get_by_role("tab", name="Scores")).to_have_attribute("aria-selected", "true")
    line = kept.locator("#scores-run")
    expect(line).to_contain_text("mine")
    expect(line).to_contain_text("4 clips")
