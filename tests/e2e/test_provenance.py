"""What the file states about itself: its card is filled after the verdict, and stands above the detectors."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from tests.core.provenance.signing import make_chain, sign, write

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_card_of_a_signed_file_stands_above_the_detectors(opened: Page, speech: np.ndarray, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "plain.wav", speech, 16_000)
    data = sign((tmp_path / "plain.wav").read_bytes(), "audio/wav", make_chain())
    opened.set_input_files("#ss-audio input[type=file]", str(write(tmp_path / "signed.wav", data)))
    card = opened.locator("#ss-provenance")
    credentials = card.locator(".ss-topic").first
    expect(credentials.locator("summary")).to_contain_text("valid, signer unknown")
    expect(opened.locator(".ss-badge")).to_be_visible()
    credentials.locator("summary").click()
    expect(credentials.locator(".ss-lines")).to_contain_text("Anybody can make such a signature")
    boxes = [opened.locator(name).bounding_box() for name in ("#ss-provenance", "#ss-panel")]
    assert boxes[0] is not None and boxes[1] is not None
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"] < boxes[0]["y"] + boxes[0]["height"] + 24
