"""Recordings that come and go: removed, replaced, refused, loaded anew."""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from tests.conftest import SAMPLE_RATE
from tests.e2e.waiting import record, recorded

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FILE = "#ss-audio input[type=file]"
# Every name that ever stood over a verdict, however short.
WATCH = """() => {
  window.seen = [];
  const look = () => {
    const name = document.querySelector('#ss-record .ss-meta b'), badge = document.querySelector('.ss-badge');
    if (badge && badge.checkVisibility()) window.seen.push(name ? name.textContent : '(no name)');
  };
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true});
}"""
DROP = """([names, text]) => {
  const data = new DataTransfer();
  names.forEach((name) => data.items.add(new File([text], name)));
  const target = document.querySelector('#ss-where');
  for (const kind of ['dragover', 'drop']) {
    target.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
  }
}"""


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory, speech_source: np.ndarray) -> Path:
    """Ten minutes of speech."""
    path = tmp_path_factory.mktemp("long") / "ten-minutes.flac"
    soundfile.write(path, np.tile(speech_source, 150), SAMPLE_RATE)
    return path


def test_progress_is_shown_and_a_removed_recording_never(kept: Page, long: Path, recordings: dict[str, Path]) -> None:
    page, verdict = kept, kept.locator("#ss-verdict")
    record(page, "#ss-verdict")
    page.set_input_files(FILE, str(long))
    recorded(page, "#ss-verdict", "Reading ten-minutes.flac")
    recorded(page, "#ss-verdict", r"\d+ of [\d,]+ windows scored, about .* left")
    page.evaluate(WATCH)
    page.get_by_role("button", name="Cancel").click()
    expect(verdict).to_contain_text("The verdict appears here")
    page.set_input_files(FILE, str(recordings["cate_blanch_2.mp3"]))
    expect(page.locator(".ss-meta b")).to_have_text("cate_blanch_2.mp3")
    page.locator(".ss-receipt b").wait_for()
    assert set(page.evaluate("window.seen")) == {"cate_blanch_2.mp3"}


def test_while_something_is_waited_for_the_page_asks_so_that_it_listens(kept: Page) -> None:
    page = kept
    waited = "<div class='ss-loading' id='waited'>Reading…</div>"
    with page.expect_request(lambda sent: "queue/join" in sent.url and '"data":[]' in (sent.post_data or "")):
        page.evaluate("(html) => document.querySelector('#ss-verdict').insertAdjacentHTML('beforeend', html)", waited)
    page.evaluate("() => document.getElementById('waited').remove()")


def test_files_that_are_no_recording_are_refused_in_words(kept: Page, tmp_path: Path) -> None:
    page, note = kept, kept.locator(".ss-drop-note")
    page.set_input_files(FILE, {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"Dear reader"})
    alert = page.locator("#ss-verdict [role=alert]")
    expect(alert).to_contain_text("letter.txt")
    large = tmp_path / "large.wav"
    with large.open("wb") as out:
        out.truncate(257 * 1024 * 1024)
    page.set_input_files(FILE, str(large))
    expect(note).to_contain_text("large.wav has 257 MB and at most 256 MB are taken: cut out")
    page.set_input_files(FILE, {"name": "nothing.wav", "mimeType": "audio/wav", "buffer": b""})
    expect(note).to_contain_text("nothing.wav is empty")


def test_a_drop_anywhere_is_taken(kept: Page) -> None:
    page, address = kept, kept.url
    page.get_by_role("tab", name="Analyse", exact=True).wait_for()
    page.evaluate(DROP, [["one.wav"], "no sound"])
    expect(page.locator("#ss-verdict [role=alert]")).to_contain_text("one.wav")
    assert page.url == address


def test_the_sound_of_a_video_is_analysed(kept: Page, recordings: dict[str, Path], tmp_path: Path) -> None:
    from core.audio.decode import find_ffmpeg

    ffmpeg = find_ffmpeg()
    if ffmpeg is None:
        pytest.skip("no ffmpeg: videos cannot be read")
    made: Any = [ffmpeg, "-y", "-f", "lavfi", "-i", "color=c=gray:s=32x32:d=3", "-i", recordings["heath_ledger.mp3"]]
    subprocess.run([*made, "-shortest", tmp_path / "talk.mp4"], check=True, capture_output=True)
    kept.set_input_files(FILE, str(tmp_path / "talk.mp4"))
    expect(kept.locator(".ss-meta b")).to_have_text("talk.mp4")
    expect(kept.locator(".ss-badge")).to_be_visible()


def test_what_is_on_its_way_of_a_replaced_recording_is_dropped(kept: Page, recordings: dict[str, Path]) -> None:
    page = kept
    page.set_input_files(FILE, str(recordings["cate_blanch_2.mp3"]))
    expect(page.locator(".ss-meta b")).to_have_text("cate_blanch_2.mp3")
    # Its evidence is still on its way when the next one is opened.
    page.evaluate(f"() => {{ window.spoofscope.next(); ({WATCH})(); }}")
    expect(page.locator(".ss-badge")).to_have_count(0)
    late = "<div data-recording='of another'><b class='ss-badge'>Probably spoofed</b></div>"
    page.evaluate("(html) => { document.querySelector('#ss-verdict .prose').innerHTML = html; }", late)
    expect(page.locator(".ss-badge")).to_have_count(0)
    assert page.evaluate("window.seen") == []


def test_a_page_loaded_anew_keeps_its_recording_and_another_visitor_sees_none_of_it(
    opened: Page, recordings: dict[str, Path], app_url: str
) -> None:
    page, name = opened, opened.locator(".ss-meta b")
    page.set_input_files(FILE, str(recordings["heath_ledger.mp3"]))
    expect(name).to_have_text("heath_ledger.mp3")
    badge = page.locator(".ss-badge").inner_text()
    page.reload()
    expect(name).to_have_text("heath_ledger.mp3")
    expect(page.locator(".ss-badge")).to_have_text(badge)
    assert "heath" not in page.url
    other = page.context.new_page()
    other.goto(app_url)
    other.locator(".ss-mark", has_text="Example").wait_for()
    expect(other.locator("body")).not_to_contain_text("heath_ledger.mp3")
    page.get_by_role("button", name="Remove the recording").click()
    expect(page.locator("#ss-verdict")).to_contain_text("The verdict appears here")
    page.reload()
    expect(page.locator("#ss-verdict")).to_contain_text("The verdict appears here")
    expect(page.locator("body")).not_to_contain_text("heath_ledger.mp3")


@pytest.mark.parametrize("link", ["#models", "?tab=models"])
def test_a_link_opens_its_tab_and_back_leads_to_the_one_before(page: Page, app_url: str, link: str) -> None:
    page.goto(app_url + link)
    selected = page.locator("#ss-tabs [role=tab][aria-selected=true]")
    expect(selected).to_have_text("Models & data")
    page.get_by_role("tab", name="Scores", exact=True).click()
    expect(selected).to_have_text("Scores")
    assert page.url.endswith("#scores")
    page.go_back()
    expect(selected).to_have_text("Models & data")
    page.go_forward()
    expect(selected).to_have_text("Scores")
    page.reload()
    expect(selected).to_have_text("Scores")
