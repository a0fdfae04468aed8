from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.reference_audio import with_audio
from tests.e2e.tabs import open_tab

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def audio(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_audio(request, tmp_path_factory)


# Visible panes whose lower half holds nothing.
HALF_EMPTY = """() => [...document.querySelectorAll('.ss-pane')].filter((pane) => {
  if (!pane.checkVisibility()) return false;
  const box = pane.getBoundingClientRect();
  const ends = [...pane.querySelectorAll('*')].filter((e) => e.checkVisibility() && e.childElementCount === 0)
    .map((e) => e.getBoundingClientRect().bottom).filter((end) => end <= box.bottom + 1);
  return Math.max(...ends) < box.y + box.height / 2;
}).map((pane) => pane.textContent.slice(0, 60))"""


def open_disagreements(page: Page) -> None:
    open_tab(page, "Disagreements", wait_for=("#disagreements-lead", "contradict each other"))


def test_a_disputed_clip_plays_and_opens_in_analyse(kept: Page, audio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = kept
    monkeypatch.setenv("SPOOFSCOPE_CORPUS", str(audio))
    open_disagreements(page)
    row = page.locator("#disagreements-rows tr[data-value]").first
    path = row.get_attribute("data-value")
    assert path
    row.get_by_role("button").click()
    expect(page.locator("#disagreements-facts")).to_contain_text("Label")
    expect(page.locator("#disagreements-audio")).to_be_visible()
    page.locator("#disagreements-open").click()
    expect(page.get_by_role("tab", name="Analyse")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".ss-meta")).to_contain_text(path)
    expect(page.locator(".ss-badge")).to_be_visible()


def test_the_same_clip_opens_again_after_another_recording(
    kept: Page, audio: Path, recordings: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    page, heard = kept, kept.locator(".ss-meta")
    monkeypatch.setenv("SPOOFSCOPE_CORPUS", str(audio))
    open_disagreements(page)
    row = page.locator("#disagreements-rows tr[data-value]").nth(1)
    path = str(row.get_attribute("data-value"))
    row.get_by_role("button").click()
    # Another test may have chosen a clip before.
    expect(page.locator("#disagreements-path textarea, #disagreements-path input").first).to_have_value(path)
    page.locator("#disagreements-open").click()
    expect(heard).to_contain_text(path)
    # The whole answer is here, its picture and sentence too, before another recording is dropped in.
    expect(page.locator("#ss-clip .js-plotly-plot").first).to_be_visible()
    expect(page.locator("#ss-verdict .ss-say .ss-soft")).to_have_count(0)
    page.set_input_files("#ss-audio input[type=file]", str(recordings["heath_ledger.mp3"]))
    expect(heard).to_contain_text("heath_ledger.mp3")
    page.get_by_role("tab", name="Disagreements", exact=True).click()
    page.locator("#disagreements-open").click()
    expect(heard).to_contain_text(path)


def test_all_clips_can_be_reached(kept: Page) -> None:
    page = kept
    open_disagreements(page)
    page.locator("#disagreements-show").get_by_text("all clips").click()
    rows = page.locator("#disagreements-rows")
    expect(rows).to_contain_text("all clips; label any; attack any")
    last = rows.locator(".ss-pager button").last
    last.click()
    expect(rows.locator(".ss-pager button[aria-current]")).to_have_text(str(last.text_content()))
    total = rows.locator(".ss-pager span").inner_text().split(" of ")[1].split()[0]
    expect(rows.locator(".ss-pager span")).to_contain_text(f"–{total} of {total} clips")


def test_the_filter_keeps_one_class(kept: Page) -> None:
    page = kept
    open_disagreements(page)
    page.locator("#disagreements-show").get_by_text("all clips").click()
    page.locator("#disagreements-label").get_by_text("■ bona fide").click()
    rows = page.locator("#disagreements-rows tbody")
    expect(rows).not_to_contain_text("● spoof")
    expect(rows).to_contain_text("■ bona fide")
