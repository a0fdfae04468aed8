"""One recording's whole way in a real browser: opened, tried, compared, kept, verified, and a flipped byte found."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from core.case import verify_case
from core.case.archive import unpack
from tests.e2e.gestures import draw_box
from tests.e2e.waiting import awaited, stand_still

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COMPARED = "document.querySelector('#ss-pair .js-plotly-plot')?._fullLayout?.meta?.summary"

# What lies between the margins of a page, in CSS pixels.
A4 = {"width": 680, "height": 1000}
CUT_OFF = """() => [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > 681)
  .map((one) => one.tagName + ' ' + one.textContent.slice(0, 40))"""


def test_a_recording_is_tried_compared_and_kept_as_a_case_in_which_a_flipped_byte_is_found(
    opened: Page, speech: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, first, second = opened, tmp_path / "call.wav", tmp_path / "other-call.wav"
    monkeypatch.setattr("core.robustness.QUICK", ("telephone",))
    for path, waveform in ((first, 0.6 * speech), (second, 0.6 * speech[::-1])):
        soundfile.write(path, waveform, 16_000)
    page.set_input_files("#ss-audio input[type=file]", str(first))
    expect(page.locator("#ss-record .ss-meta b")).to_have_text(first.name)
    page.locator(".ss-receipt b, .ss-receipt .ss-unmapped").first.wait_for()

    stand_still(page)
    draw_box(page, (0.5, 5.0), (3.5, 0.5))
    page.locator("#ss-clip .ss-go").click()
    moved = page.locator("#ss-boxes-tried tbody tr", has_text="Panel").locator("td")
    expect(moved.first).to_contain_text(re.compile(r"0\.\d\d"))
    p_spoof = [float(found[0]) for cell in moved.all_inner_texts() if (found := re.findall(r"[01]\.\d\d", cell))]
    assert len(set(p_spoof)) > 1, p_spoof

    page.get_by_role("button", name="Does it hold?").click()
    held = page.locator("#ss-held .ss-lead")
    expect(held).to_contain_text(re.compile("It holds|It does not hold"))

    page.set_input_files("#ss-compare input[type=file]", str(second))
    expect(page.locator("#ss-list [role=status]")).to_have_text("2 of 2 scored")
    assert awaited(page, COMPARED).endswith(f"{first.name}, {second.name}")
    page.get_by_role("button", name=first.name, exact=True).click()
    expect(page.locator("#ss-record .ss-meta b")).to_have_text(first.name)
    expect(held, "what was tried is still there").to_contain_text("P(spoof)")

    with page.expect_download() as download:
        page.get_by_role("button", name="Download the case").click()
    case = tmp_path / download.value.suggested_filename
    download.value.save_as(case)
    found = verify_case(case, first)
    assert {check.state for check in found.checks} == {"matches"}, found
    assert {check.what for check in found.checks} > {"archive", "files", "report", "01/map.npz", "01/held.json"}
    assert_prints(page.context.new_page(), unpack(case.read_bytes()))
    data = bytearray(case.read_bytes())
    data[len(data) // 3] ^= 1
    case.write_bytes(data)
    assert not verify_case(case, first).holds


def assert_prints(page: Page, entries: dict[str, bytes]) -> None:
    """Check that a report printed on A4 holds verdict, digest and limits, and that nothing of it is cut off."""
    page.set_viewport_size(A4)
    page.emulate_media(media="print")
    page.set_content(entries["case/report.html"].decode())
    text = page.locator("body").inner_text()
    about, scores = (json.loads(entries[f"case/01/{name}.json"]) for name in ("recording", "scores"))
    for stated in (about["sha256"], scores["verdict"].capitalize(), f"{scores['p_spoof']:.2f}", "Limits", "not proof"):
        assert stated in text
    assert page.evaluate(CUT_OFF) == []
    pages = re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))
    assert 3 <= len(pages) <= 6
    page.close()
