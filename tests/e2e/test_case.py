"""A recording is opened again from before, and forgotten, here and on the server."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from tests.e2e.waiting import expect_none

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FILE = "#ss-audio input[type=file]"


def test_a_recording_is_opened_again_and_forgotten(
    opened: Page, recordings: dict[str, Path], speech: np.ndarray, tmp_path: Path
) -> None:
    page, name = opened, opened.locator("#ss-record .ss-meta b")
    # Of a recording that another visitor has too, the sounds stay.
    first, second = tmp_path / "unlike.wav", recordings["cate_blanch_2.mp3"]
    soundfile.write(first, 0.7 * speech, 16_000)
    page.set_input_files(FILE, str(first))
    expect(name).to_have_text(first.name)
    page.set_input_files(FILE, str(second))
    expect(name).to_have_text(second.name)
    expect(page.locator("#ss-kept .ss-file")).to_have_count(0)
    again = page.get_by_role("button", name=f"Open {first.name} again")
    # A verdict's words end where what follows them begins.
    cut = "[...document.querySelectorAll('.ss-w')].filter((word) => word.scrollWidth > word.clientWidth + 1)"
    expect_none(page, f"() => {cut}.map((word) => word.textContent)")
    again.click()
    expect(name).to_have_text(first.name)
    expect(again).to_have_count(0)
    expect(page.get_by_role("button", name=f"Open {second.name} again")).to_be_visible()
    sound = page.locator("#ss-where [data-play=clip] audio").get_attribute("src")
    assert sound is not None and page.request.get(page.url.split("#")[0] + sound).ok
    page.get_by_role("button", name="Forget this recording").click()
    expect(page.locator("#ss-verdict")).to_contain_text("The verdict appears here")
    assert not page.request.get(page.url.split("#")[0] + sound).ok
    page.get_by_role("button", name=f"Forget {second.name}").click()
    expect(page.locator(".ss-past")).to_have_count(0)
    page.reload()
    expect(page.locator("#ss-verdict")).to_contain_text("The verdict appears here")
    expect(page.locator("body")).not_to_contain_text(first.name)
    expect(page.locator("body")).not_to_contain_text(second.name)
