"""The card *In words*: the paragraph of a recording, in the language that is chosen, now and the next time."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_the_paragraph_is_read_in_the_language_that_was_chosen(
    opened: Page, recordings: dict[str, Path], app_url: str
) -> None:
    page = opened
    page.set_input_files("#ss-audio input[type=file]", str(recordings["heath_ledger.mp3"]))
    card = page.locator("#ss-words")
    english, german = (card.locator(f"p[lang={code}]") for code in ("en", "de"))
    expect(english).to_contain_text("“heath_ledger.mp3”, a recording of")
    expect(english).to_contain_text("map")
    expect(german).to_be_hidden()
    card.get_by_label("Language of the paragraph").select_option("de")
    expect(german).to_contain_text("„heath_ledger.mp3“, einer Aufnahme")
    expect(english).to_be_hidden()
    card.get_by_text("Every number, and where it is from").locator("visible=true").click()
    expect(card.locator("code").locator("visible=true").filter(has_text="p_spoof").first).to_be_visible()
    page.reload()
    expect(german).to_be_visible()
    expect(card.get_by_label("Language of the paragraph")).to_have_value("de")
    expect(english).to_be_hidden()
