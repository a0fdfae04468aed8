"""A recording of which a part is marked: seen, looped, and taken away as files."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from core.audio.resynthesis import griffin_lim
from core.audio.splice import splice
from core.timeline import shipped
from core.timeline.track import timeline
from tests.core.timeline.toy import detector, rule
from tests.e2e.waiting import awaited

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAMPLE_RATE = 16000
LOOPED = "window.spoofscope.looping()"


def rttm(page: Page) -> list[list[str]]:
    with page.expect_download() as download:
        page.get_by_role("link", name="RTTM").click()
    assert download.value.suggested_filename.endswith(".rttm")
    return [line.split() for line in Path(download.value.path()).read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def resynthesised(speech: np.ndarray, tmp_path: Path) -> Path:
    """Four seconds of speech, the third of them rebuilt from twenty mel bands; of eighty the localiser misses it."""
    spliced = splice(speech, griffin_lim(speech, n_mels=20), start_s=2.0, end_s=3.0)
    path = tmp_path / "resynthesised.wav"
    soundfile.write(path, spliced.waveform, SAMPLE_RATE, subtype="PCM_16")
    return path


def test_the_localiser_that_ships_marks_a_resynthesised_second(kept: Page, resynthesised: Path) -> None:
    if shipped.shipped_localiser() is None:
        pytest.skip("no checkpoint with a localisation ships")
    kept.set_input_files("#ss-audio input[type=file]", str(resynthesised))
    kept.locator(".ss-loop").first.wait_for()
    spans = [(float(start), float(start) + float(length)) for _, _, _, start, length, *_ in rttm(kept)]
    within = sum(max(0.0, min(end, 3.0) - max(start, 2.0)) for start, end in spans)
    assert within > 0.5
    assert within > 0.5 * sum(end - start for start, end in spans)
    kept.locator(".ss-loop").first.click()
    awaited(kept, f"() => {LOOPED} !== null")


@pytest.fixture(scope="module")
def planted(speech_source: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of speech below zero in their third second, and above it elsewhere."""
    offset = np.where((np.arange(len(speech_source)) // SAMPLE_RATE) == 2, -0.1, 0.1)
    path = tmp_path_factory.mktemp("planted") / "planted one.wav"
    soundfile.write(path, np.clip(0.5 * speech_source + offset, -1, 1), SAMPLE_RATE, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def marked(kept: Page, planted: Path) -> Iterator[Page]:
    """The page with that recording, by a localiser that scores the mean sample."""
    toy = detector(rule(slope=1000.0, mark_below=-5.0, keep_below=-2.0, verdict_below=-5.0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.timeline.shipped.marked_by", lambda panel, waveform, scores: timeline(waveform, toy))
        kept.set_input_files("#ss-audio input[type=file]", str(planted))
        kept.locator(".ss-meta b", has_text=planted.name).wait_for()
        expect(kept.locator(".ss-loop")).to_have_count(1)
        yield kept


def test_a_planted_second_is_the_verdict_and_its_files_hold_it(marked: Page) -> None:
    expect(marked.locator(".ss-badge.ss-partly")).to_contain_text("Probably spoofed in part: 2.0 to 3.0 s")
    expect(marked.locator("#ss-announce")).to_contain_text("Probably spoofed in part: 2.0 to 3.0 s")
    expect(marked.locator(".ss-files")).to_contain_text("saved as planted_one")
    ((kind, name, _, start, length, *_, speaker, _, _),) = rttm(marked)
    assert (kind, name, speaker) == ("SPEAKER", "planted_one", "spoof")
    assert (float(start), float(length)) == pytest.approx((2.0, 1.0), abs=0.1)


def test_a_segment_is_looped_until_it_is_pressed_again_or_escape(marked: Page) -> None:
    button = marked.get_by_role("button", name=re.compile(r"Segment 1: 2\.0 to 3\.0 s, P\(spoof\) 1\.00, loop"))
    start = float(str(button.get_attribute("data-start")))
    button.focus()
    marked.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    awaited(marked, f"() => {LOOPED} > {start + 0.3}")
    awaited(marked, f"() => {LOOPED} >= {start - 0.05} && {LOOPED} < {start + 0.2}")
    expect(marked.locator(".ss-looping")).to_be_attached()
    marked.keyboard.press("Escape")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert marked.evaluate(LOOPED) is None
    button.click()
    awaited(marked, f"() => {LOOPED} !== null")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(marked.locator(".ss-looping")).to_have_count(0)


def test_its_box_in_the_picture_loops_it_and_another_recording_ends_that(marked: Page) -> None:
    row = marked.evaluate("""() => {
      const plot = document.querySelector('#ss-clip .js-plotly-plot'), box = plot.getBoundingClientRect();
      const {xaxis, yaxis2, _size} = plot._fullLayout;
      return [box.left + _size.l + xaxis.l2p(2.5), box.top + yaxis2._offset + yaxis2._length / 2];
    }""")
    marked.mouse.click(*row)
    expect(marked.locator(".ss-loop")).to_have_attribute("aria-pressed", "true")
    awaited(marked, f"() => {LOOPED} > 2")
    marked.locator("[data-act=remove]").first.click()
    expect(marked.locator(".ss-loop")).to_have_count(0)
    awaited(marked, f"() => {LOOPED} === null")
