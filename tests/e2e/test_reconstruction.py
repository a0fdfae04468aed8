from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.reference_audio import with_audio
from tests.e2e.tabs import open_tab

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def audio(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_audio(request, tmp_path_factory)


def test_the_worst_rebuilt_clip_is_shown_unasked_and_another_when_chosen(
    opened: Page, audio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened
    monkeypatch.setenv("SPOOFSCOPE_CORPUS", str(audio))
    open_tab(page, "Reconstruction", wait_for=("#reconstruction-lead", "better"))
    expect(page.locator("#reconstruction-facts")).to_contain_text("Label")
    expect(page.locator("#reconstruction-picture .hm")).to_have_count(3)
    expect(page.locator("#reconstruction-picture")).to_contain_text("squared error")
    chosen = page.locator("#reconstruction-chosen input")
    worst = chosen.input_value()
    facts = page.locator("#reconstruction-facts").inner_text()
    chosen.click()
    page.get_by_role("option").nth(1).click()
    expect(chosen).not_to_have_value(worst)
    expect(page.locator("#reconstruction-facts")).not_to_have_text(facts)
    expect(page.locator("#reconstruction-picture .hm")).to_have_count(3)
