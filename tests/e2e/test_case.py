"""A recording is kept as a case, opened again from before, and forgotten, here and on the server."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from core.case import verify_case

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FILE = "#ss-audio input[type=file]"


def test_a_case_is_downloaded_and_verified_and_a_recording_opened_again_and_forgotten(
    opened: Page, recordings: dict[str, Path], speech: np.ndarray, tmp_path: Path
) -> None:
    page, name = opened, opened.locator("#ss-record .ss-meta b")
    # Of a recording that another visitor has too, the sounds stay.
    first, second = tmp_path / "unlike.wav", recordings["cate_blanch_2.mp3"]
    soundfile.write(first, 0.7 * speech, 16_000)
    page.set_input_files(FILE, str(first))
    expect(name).to_have_text(first.name)
    page.locator(".ss-receipt b, .ss-receipt .ss-unmapped").first.wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the case").click()
    case = tmp_path / download.value.suggested_filename
    assert case.name == "unlike-case.zip"
    download.value.save_as(case)
    found = verify_case(case)
    assert found.holds
    assert {check.what for check in found.checks if check.state == "matches"} == {
        "archive", "files", "report", "01/scores.json",
    }  # fmt: skip
    data = bytearray(case.read_bytes())
    data[len(data) // 3] ^= 1
    case.write_bytes(data)
    assert not verify_case(case).holds

    page.set_input_files(FILE, str(second))
    expect(name).to_have_text(second.name)
    expect(page.locator("#ss-kept .ss-file")).to_have_count(0)
    again = page.get_by_role("button", name=f"Open {first.name} again")
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
