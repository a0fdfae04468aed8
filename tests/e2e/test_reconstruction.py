from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.gestures import choose, options
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
    another = next(name for name in options(page, "#reconstruction-chosen") if name != worst)
    choose(page, "#reconstruction-chosen", another)
    expect(page.locator("#reconstruction-facts")).not_to_have_text(facts)
    expect(page.locator("#reconstruction-picture .hm")).to_have_count(3)
