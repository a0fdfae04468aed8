"""A person's way through *Analyse*, in a real browser."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.explain.cues import CUES
from core.usecases import load_panel
from tests.e2e.waiting import awaited, stand_still

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FRAMES = ("#ss-input", "#ss-verdict", "#ss-where", "#ss-clip", "#ss-panel", "#ss-tried")
TRACE = "document.querySelector('#ss-clip .js-plotly-plot')?.data?.find((trace) => trace.name === name)"

# Counts from now on how often each figure in sight is drawn: those that stand there, and each that comes.
COUNT_DRAWINGS = """() => {
  window.drawings = [];
  const {Plotly} = window, {react} = Plotly;
  const count = (plot, one) => plot.on('plotly_afterplot', () => { one.times += 1; });
  for (const plot of document.querySelectorAll('.js-plotly-plot')) {
    window.drawings.push({isNew: false, times: 0});
    count(plot, window.drawings.at(-1));
  }
  Plotly.react = async (plot, ...given) => {
    const isNew = !plot._fullLayout, made = await react(plot, ...given);
    if (!isNew || !plot.clientHeight) return made;
    const one = {isNew, times: 1};
    window.drawings.push(one);
    count(plot, one);
    return made;
  };
}"""


def analyse(page: Page, path: Path) -> None:
    page.set_input_files("#ss-audio input[type=file]", str(path))
    page.locator(".ss-meta b", has_text=path.name).wait_for()


def await_check(page: Page) -> None:
    """Wait until the explanation and its faithfulness check are there."""
    page.locator(".ss-receipt b").wait_for()


def await_example(page: Page) -> None:
    """Wait for the example on the first screen; its map passes its check."""
    page.locator(".ss-mark", has_text="Example").wait_for()
    page.locator("[data-play=evidence]:not([disabled])").wait_for()


def boxes(page: Page) -> dict[str, Any]:
    return {frame: page.locator(frame).bounding_box() for frame in FRAMES}


def trace(page: Page, name: str, key: str) -> Any:
    return awaited(page, f"([name, key]) => {TRACE}?.[key]", [name, key])


def test_the_first_screen_says_what_this_is_and_shows_an_example_analysed(kept: Page) -> None:
    await_example(kept)
    expect(kept.locator("h1")).to_have_text("Spoofscope")
    expect(kept.locator(".ss-about")).to_contain_text("scores a recording of speech")
    expect(kept.locator(".ss-drop")).to_contain_text("at most 256 MB")
    stand_still(kept)
    zone: Any = kept.locator(".ss-drop-zone").bounding_box()
    assert min(zone["width"], 2 * zone["height"]) >= 200
    cards = kept.locator(".ss-example")
    expect(cards.nth(1)).to_be_visible()
    assert [card.locator("b").inner_text() for card in cards.all()][:2] == ["A real voice", "A spoof"]
    for card in cards.all():
        told = card.inner_text()
        right = ("■ real" in told) == ("Panel: probably bona fide" in told)
        assert right is ("gets wrong" not in told)
    rows = [row.get_attribute("data-value") for row in kept.locator("#ss-panel button.ss-row").all()]
    assert sorted(map(str, rows)) == sorted(load_panel().members)
    others = kept.locator("#ss-others")
    expect(others).to_contain_text("others too (about ")
    panel, below = kept.locator("#ss-panel .ss-card").bounding_box(), others.bounding_box()
    assert panel is not None
    assert below is not None
    assert below["y"] >= panel["y"] + panel["height"]
    fold = kept.get_by_role("button", name="More detail")
    for card in ("#ss-nearest", "#ss-cues", "#ss-error"):
        expect(kept.locator(card)).to_be_hidden()
    fold.focus()
    kept.keyboard.press("Enter")
    expect(kept.locator("#ss-nearest")).to_be_visible()
    expect(kept.locator("#ss-error-map")).not_to_be_visible()
    kept.get_by_role("button", name="Rebuild this clip").click()
    expect(kept.locator("#ss-error-map .js-plotly-plot .main-svg").first).to_be_visible()


def test_the_evidence_is_heard_with_a_cursor(kept: Page) -> None:
    await_example(kept)
    kept.locator("[data-play=evidence]").click()
    sound = "document.querySelector('[data-play=evidence] audio')"
    kept.wait_for_function(f"{sound}?.currentTime > 0.1")
    expect(kept.locator(".ss-cursor")).to_be_attached()
    kept.locator("[data-play=rest]").click()
    kept.wait_for_function(f"{sound}?.paused")


def test_the_kinds_of_place_are_taken_out_when_asked_and_each_is_heard(kept: Page) -> None:
    await_example(kept)
    if (fold := kept.get_by_role("button", name="More detail")).get_attribute("aria-expanded") == "false":
        fold.click()
    ask = kept.locator("#ss-ask-cues")
    ask.click()
    rows = kept.locator("#ss-cues tbody tr")
    expect(rows).to_have_count(len(CUES))
    read = [[cell.strip() for cell in row.locator("td").all_inner_texts()] for row in rows.all()]
    assert [row[1] for row in read] == list(CUES.values())
    for _, _, clip, evidence, without, random in read:
        assert re.fullmatch(r"\d+ %", clip)
        assert re.fullmatch(r"\d+ %", evidence)
        assert re.fullmatch(r"[+-]\d+\.\d\d", without) or (without, random) == ("none in the clip", "–")
    expect(ask).not_to_be_visible()
    kept.locator("#ss-cues [data-play=low]").click()
    kept.wait_for_function("document.querySelector('#ss-cues [data-play=low] audio')?.currentTime > 0")


def test_the_evidence_fades_and_the_page_turns_dark(kept: Page) -> None:
    await_example(kept)
    assert trace(kept, "evidence", "opacity") == pytest.approx(0.8)
    kept.locator("#ss-opacity input[type=range]").fill("0.3")
    awaited(kept, f"(name) => {TRACE}?.opacity === 0.3", "evidence")
    light = trace(kept, "level", "marker")["color"]
    kept.locator("[data-scheme]").click()
    expect(kept.locator("body")).to_have_class(re.compile(r"\bdark\b"))
    awaited(kept, f"([name, light]) => ![undefined, light].includes({TRACE}?.marker.color)", ["level", light])
    kept.locator("[data-scheme]").click()
    awaited(kept, f"([name, light]) => {TRACE}?.marker.color === light", ["level", light])


@pytest.mark.parametrize("width", [1280, 1440])
def test_the_page_fits_a_laptop(kept: Page, width: int) -> None:
    kept.set_viewport_size({"width": width, "height": 800})
    stand_still(kept)
    assert kept.evaluate("document.documentElement.scrollWidth") <= width
    for frame in FRAMES:
        box = kept.locator(frame).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_an_example_is_one_press_away(kept: Page) -> None:
    example = kept.locator("#ss-examples [data-value]").first
    example.wait_for()
    name = example.get_attribute("data-value")
    example.click()
    expect(kept.locator(".ss-meta")).to_contain_text(str(name))
    expect(kept.locator(".ss-meta")).to_contain_text("Label: ")
    expect(kept.locator(".ss-mark")).to_have_count(0)


def test_a_file_that_is_no_sound_is_refused_in_words(kept: Page, tmp_path: Path) -> None:
    (tmp_path / "letter.wav").write_text("Dear reader")
    kept.set_input_files("#ss-audio input[type=file]", str(tmp_path / "letter.wav"))
    alert = kept.locator("#ss-verdict [role=alert]")
    alert.wait_for()
    expect(alert).to_contain_text("letter.wav")


def test_a_recording_is_scored_and_explained(kept: Page, recordings: dict[str, Path]) -> None:
    analyse(kept, recordings["heath_ledger.mp3"])
    expect(kept.locator(".ss-badge")).to_have_text(re.compile("Probably spoofed|Probably bona fide|Not sure"))
    expect(kept.locator(".ss-meta")).to_contain_text("16 kHz mono")
    expect(kept.locator("#ss-announce")).to_contain_text("heath_ledger.mp3")
    before = boxes(kept)
    await_check(kept)
    stand_still(kept)
    assert boxes(kept)["#ss-input"] == before["#ss-input"], "the recording's frame moved when the evidence arrived"


def test_a_figure_of_a_new_recording_is_drawn_once_and_the_one_before_no_more(
    kept: Page, recordings: dict[str, Path]
) -> None:
    await_check(kept)
    stand_still(kept)
    kept.evaluate(COUNT_DRAWINGS)
    analyse(kept, recordings["cate_blanch_2.mp3"])
    await_check(kept)
    stand_still(kept)
    drawings = kept.evaluate("window.drawings")
    assert {one["times"] for one in drawings if one["isNew"]} == {1}, drawings
    assert {one["times"] for one in drawings if not one["isNew"]} == {0}, drawings


def test_another_detector_is_asked_by_pressing_its_row(kept: Page) -> None:
    await_check(kept)
    other = kept.locator("#ss-panel button.ss-row:not(.ss-sel)").first
    name = other.get_attribute("data-value")
    other.click()
    expect(kept.locator(f"#ss-panel button.ss-sel[data-value='{name}']")).to_be_visible()
    # Its map, or that it has none that the lab found to be worth showing.
    expect(kept.locator(".ss-say, .ss-unmapped").filter(has_text=str(name)).first).to_be_visible()


def test_a_map_that_failed_its_check_is_not_shown_as_evidence(kept: Page, recordings: dict[str, Path]) -> None:
    for name in ("cate_blanch_2.mp3", "heath_ledger.mp3"):
        analyse(kept, recordings[name])
        await_check(kept)
        faithful = "Not faithful" not in kept.locator(".ss-receipt").inner_text()
        expect(kept.locator("[data-play=evidence]")).to_have_count(1 if faithful else 0)
        if not faithful:
            expect(kept.locator("#ss-clip .annotation-text").filter(has_text="%")).to_have_count(0)
        expect(kept.locator(".ss-say")).to_contain_text(re.compile(r"\.\s.*: " if faithful else "Not faithful: "))


def test_a_program_gets_the_commands_object(app_url: str, recordings: dict[str, Path]) -> None:
    from gradio_client import Client, handle_file

    answer = Client(app_url, verbose=False).predict(handle_file(recordings["heath_ledger.mp3"]), api_name="/analyse")
    assert answer["error"] is None
    assert answer["name"] == "heath_ledger.mp3"
    assert 0 <= answer["p_spoof"] <= 1
    assert answer["decode"]["sample_rate_hz"] == 32_000
    windows = [window for detector in answer["detectors"].values() for window in detector["windows"]]
    assert windows
    assert all({"start_s", "end_s", "score"} <= window.keys() for window in windows)
