"""Opening a tab the way a person does: wait until the page is there, then click."""

from playwright.sync_api import Page, expect

from tests.e2e.gestures import repeat


def open_tab(page: Page, name: str, *, wait_for: tuple[str, str]) -> None:
    """Open a tab of an open page and wait until an element (selector) holds a word."""
    tab = page.get_by_role("tab", name=name, exact=True)
    repeat(page, tab.click, lambda: expect(tab).to_have_attribute("aria-selected", "true"))
    selector, word = wait_for
    expect(page.locator(selector)).to_contain_text(word)
