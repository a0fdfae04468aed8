"""A person's way through several recordings, in a real browser."""

from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.conftest import LAPTOP
from tests.e2e.test_every_tab import AXE, BEYOND, CUT, FIGURES
from tests.e2e.waiting import awaited, expect_none, stand_still

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = "document.querySelector('#ss-pair .js-plotly-plot')?._fullLayout?.meta?.summary"


def test_a_second_recording_is_added_listed_opened_and_compared(kept: Page, recordings: dict[str, Path]) -> None:
    page, first, second = kept, recordings["heath_ledger.mp3"], recordings["cate_blanch_2.mp3"]
    page.set_input_files("#ss-audio input[type=file]", str(first))
    expect(page.locator(".ss-meta b")).to_have_text(first.name)
    page.locator("#ss-verdict .ss-badge").wait_for()
    expect(page.locator("#ss-back")).to_be_hidden()
    letter = {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"Dear reader"}
    page.set_input_files("#ss-compare input[type=file]", str(second))
    rows = page.locator(".ss-list tbody tr")
    expect(page.locator("#ss-list [role=status]")).to_have_text("2 of 2 scored")
    expect(rows).to_have_count(2)
    expect(page.locator("#ss-answer")).to_be_hidden()
    assert awaited(page, NAMES).endswith(f"{first.name}, {second.name}")

    # What cannot be read stands there with the reason, and last in whatever order.
    page.set_input_files("#ss-compare input[type=file]", letter)
    expect(rows.last).to_contain_text("Not scored: “letter.txt” is not audio")
    page.locator("#ss-list").get_by_role("button", name="Recording", exact=True).click()
    expect(page.locator(".ss-open").first).to_have_text(second.name)

    page.get_by_role("button", name=first.name, exact=True).click()
    expect(page.locator(".ss-meta b")).to_have_text(first.name)
    expect(page.locator("#ss-verdict .ss-badge")).to_be_visible()
    page.get_by_role("button", name="Back to the list").click()
    expect(page.locator("#ss-answer")).to_be_hidden()

    page.get_by_role("checkbox", name=f"Compare {second.name}").uncheck()
    expect(page.locator("#ss-pair .js-plotly-plot")).to_have_count(0)
    page.get_by_role("checkbox", name=f"Compare {second.name}").check()
    assert awaited(page, NAMES).endswith(f"{first.name}, {second.name}")
    stand_still(page)
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(AXE) == []
    page.set_viewport_size({"width": 390, "height": 844})
    stand_still(page)
    for fault in (BEYOND, CUT, FIGURES):
        expect_none(page, fault)
    page.get_by_role("button", name="Forget all").click()
    page.set_viewport_size(LAPTOP)


def test_what_is_dropped_at_once_becomes_a_list_that_outlives_a_reload(kept: Page) -> None:
    from tests.e2e.test_recordings import DROP

    page, address = kept, kept.url
    page.evaluate(DROP, [["one.wav", "two.wav"], "no sound"])
    rows = page.locator(".ss-list tbody tr")
    expect(rows.nth(1)).to_contain_text("Not scored: “two.wav” is not audio")
    assert page.url == address
    page.reload()
    expect(rows.first).to_contain_text("one.wav")
    page.get_by_role("button", name="Forget one.wav").click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Forget all").click()
    expect(page.locator("#ss-compare")).to_contain_text("Drop several recordings at once")
    expect(page.locator("#ss-answer")).to_be_visible()
