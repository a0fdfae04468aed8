"""Disputed clips of imported predictions: sorted, played, judged blind, and found again in a real browser."""

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from core.usecases import reference_run
from tests.e2e.gestures import choose
from tests.e2e.reference_audio import with_audio
from tests.e2e.tabs import open_tab

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def audio(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_audio(request, tmp_path_factory)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two files of predictions for the clips of the reference run, with labels."""
    run, folder = reference_run(), tmp_path_factory.mktemp("predictions")
    about = {"id": run.column("path").astype(str), "label": run.column("label").astype(str)}
    for name, sign in zip(run.members, (1, -1), strict=False):
        pd.DataFrame({**about, "score": sign * run.llr(name)}).to_csv(folder / f"{name}.csv", index=False)
    return sorted(folder.iterdir())


def bring(page: Page, files: list[Path]) -> None:
    """Import the files, and wait for their disputes."""
    open_tab(page, "Disagreements", wait_for=("#disagreements-lead", "contradict each other"))
    page.get_by_role("button", name="Anyone’s predictions").click()
    page.locator("#imports-files input[type=file]").set_input_files(files)
    expect(page.locator("#imports-lead")).to_contain_text("contradict each other")


def begin(page: Page) -> None:
    page.locator("#review-way-in").get_by_role("button", name="Judge them by ear").click()
    expect(page.locator("#review-clip")).to_contain_text("judged")


def test_a_disputed_clip_is_played_judged_blind_by_a_key_and_still_judged_after_a_reload(
    kept: Page, audio: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page, card, votes = kept, kept.locator("#review-clip"), kept.locator("#review-votes")
    monkeypatch.setenv("SPOOFSCOPE_CORPUS", str(audio))
    monkeypatch.setenv("SPOOFSCOPE_DATA", str(tmp_path))
    bring(page, files)
    choose(page, "#imports-order", "smallest margin first")
    expect(page.locator("#imports-rows")).to_contain_text("smallest margin first")
    begin(page)
    expect(page.locator("#imports-rows")).to_be_hidden()
    name = page.locator("#review-name").get_by_role("textbox")
    name.fill("Ada 2")
    expect(card).to_contain_text("0 of")
    name.press("Escape")
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('#review-clip audio').currentTime > 0")
    expect(votes).to_have_text("")
    page.keyboard.press("1")
    expect(card).to_contain_text("you judged it ■ bona fide, blind")
    expect(votes).to_contain_text("above is bona fide")
    page.keyboard.press("j")
    expect(card).to_contain_text("clip 2 of the queue · not judged yet")
    expect(votes).to_have_text("")
    page.keyboard.press("n")
    page.keyboard.type("3 2 1")
    page.keyboard.press("Enter")
    expect(page.locator("#review-foot")).to_contain_text("The note is kept")

    page.reload()
    bring(page, files)
    begin(page)
    expect(name).to_have_value("Ada 2")
    expect(card).to_contain_text(re.compile("1 of .* judged · clip 2 of the queue · not judged yet"))
    expect(page.locator("#review-note").get_by_role("textbox")).to_have_value("3 2 1")
    page.keyboard.press("k")
    expect(card).to_contain_text("you judged it ■ bona fide, blind")
    with page.expect_download() as download:
        page.locator("#review-foot").get_by_role("button", name="CSV").click()
    table = pd.read_csv(download.value.path())
    assert table["answer"].dropna().tolist() == ["bonafide"]
    assert table["note"].dropna().tolist() == ["3 2 1"]
    assert set(table["reviewer"]) == {"Ada 2"}
