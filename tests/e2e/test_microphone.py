"""Two seconds into the microphone: Chromium's own stand-in for one, which plays a real voice."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from playwright.sync_api import Browser, Page, expect

from tests.conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES, LAPTOP, PATIENCE_MS, SAMPLE_RATE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DEVICE_RATE = 48_000
SECONDS = 2


@pytest.fixture
def microphone(browser: Browser, speech: np.ndarray, tmp_path: Path) -> Iterator[Page]:
    """A page whose microphone hears four seconds of speech, over and over, and which may listen to it."""
    voice = tmp_path / "voice.wav"
    soundfile.write(voice, soxr.resample(speech, SAMPLE_RATE, DEVICE_RATE), DEVICE_RATE, subtype="PCM_16")
    fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    flags = [*CHROMIUM_FLAGS, *fake, f"--use-file-for-fake-audio-capture={voice}"]
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)))
    started = browser.browser_type.launch(executable_path=executable, args=flags)
    page = started.new_context(viewport=LAPTOP, permissions=["microphone"]).new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    started.close()


def test_what_the_microphone_hears_gets_a_verdict(microphone: Page, app_url: str) -> None:
    page, audio = microphone, microphone.locator("#ss-microphone")
    page.goto(app_url)
    page.locator("#ss-clip .js-plotly-plot .svg-container").wait_for()
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
