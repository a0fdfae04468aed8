"""Two seconds into the microphone: Chromium's own stand-in for one, which plays a real voice."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECONDS = 2


def test_what_the_microphone_hears_gets_a_verdict(opened: Page) -> None:
    page, audio = opened, opened.locator("#ss-microphone")
    page.context.grant_permissions(["microphone"])
    audio.get_by_role("button", name="Record", exact=True).click()
    stop = audio.get_by_role("button", name="Stop", exact=True)
    stop.wait_for()
    frame = page.locator("#ss-input").bounding_box()
    box = stop.bounding_box()
    assert frame is not None
    assert box is not None
    assert frame["y"] <= box["y"] <= box["y"] + box["height"] <= frame["y"] + frame["height"], "nobody could stop it"
    expect(audio.locator("time.duration")).to_have_text(re.compile(f"0:0[{SECONDS}-9]|0:[1-5]"))
    stop.click()
    told = page.locator(".ss-meta")
    expect(told).to_contain_text("what was recorded")
    expect(page.locator(".ss-badge")).to_have_text(re.compile("Probably spoofed|Probably bona fide|Not sure"))
    heard = re.search(r"([\d.]+) s of ([\d.]+) s scored", told.inner_text())
    assert heard is not None
    assert float(heard[1]) >= SECONDS - 0.5
