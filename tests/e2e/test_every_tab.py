"""What holds for every tab: it fits its screen, wide, narrow and zoomed; and whoever cannot see or point can use it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.e2e.waiting import awaited, expect_none, stand_still

pytestmark = pytest.mark.browser

#: Tab to an element that is filled when the tab is there, and a word in it.
TABS = {
    "Analyse": ("#ss-verdict", "Not sure"),
    "Scores": ("#scores-lead", "P(spoof)"),
    "Map": ("#map-clusters", "Purity"),
    "Reconstruction": ("#reconstruction-lead", "better"),
    "Disagreements": ("#disagreements-lead", "contradict each other"),
    "Models & data": ("#models-checks", "believed"),
}
#: A small phone, a laptop at 200 %, a projector: width and height in CSS pixels.
SCREENS = ((360, 740), (640, 360), (1280, 720))
SMALL, ZOOMED, PROJECTOR = SCREENS

# What lies beyond the screen's edges, unless a frame of its own scrolls to it.
BEYOND = """() => {
  const scrolls = (element) => element && element !== document.body
    && (['auto', 'scroll'].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
  const kinds = 'button, input, summary, select, h1, h2, p, .ss-card, .ss-pane, .js-plotly-plot';
  return [...document.querySelectorAll(kinds)]
    .filter((element) => element.checkVisibility({opacityProperty: true, visibilityProperty: true})
      && !element.closest('.ss-unseen, [hidden], svg') && !scrolls(element.parentElement))
    .map((element) => [element, element.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && box.height > 1 && (box.left < -1 || box.right > innerWidth + 1))
    .map(([element, box]) => `${element.tagName} ${element.id || element.textContent.slice(0, 40)}: ${box.right}`);
}"""
# Frames whose content reaches beyond them, unless it scrolls inside of them.
CUT = """() => [...document.querySelectorAll('.ss-card, .ss-pane, .ss-bar-of-controls, #ss-tabs [role=tab]')]
  .filter((frame) => frame.checkVisibility() && frame.scrollWidth > frame.clientWidth + 1)
  .map((frame) => frame.id || frame.textContent.slice(0, 60))"""
# Legends over the data, and figures of another size than their frame.
FIGURES = """() => [...document.querySelectorAll('.js-plotly-plot')].filter((plot) => plot.checkVisibility())
  .flatMap((plot) => {
    const box = (element) => element.getBoundingClientRect(), where = plot.closest('[id]')?.id, wrong = [];
    const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
    const legends = [...plot.querySelectorAll('.legend')], areas = [...plot.querySelectorAll('.nsewdrag')];
    if (legends.some((legend) => areas.some((area) => over(box(legend), box(area))))) wrong.push(`${where}: legend`);
    if (!plot.querySelector('.main-svg')) return [`${where}: not drawn`];
    const svg = box(plot.querySelector('.main-svg')), frame = box(plot);
    if (Math.abs(svg.width - frame.width) > 2 || Math.abs(svg.height - frame.height) > 2)
      wrong.push(`${where}: ${svg.width} x ${svg.height} in ${frame.width} x ${frame.height}`);
    if (!plot.querySelector('svg[role=img]')?.getAttribute('aria-label')) wrong.push(`${where}: no label`);
    return wrong;
  })"""
# Pixels that stay empty at the foot of each pane beside a neighbour.
EMPTY = """() => [...document.querySelectorAll('.ss-panes .ss-pane')].filter((pane) => pane.checkVisibility())
  .map((pane) => [pane, Math.max(...[...pane.children].filter((child) => child.checkVisibility())
    .map((child) => child.getBoundingClientRect().bottom))])
  .filter(([pane, bottom]) => pane.getBoundingClientRect().bottom - bottom > 60)
  .map(([pane]) => pane.textContent.trim().slice(0, 60))"""
# Visible panes whose lower half holds nothing.
HALF_EMPTY = """() => [...document.querySelectorAll('.ss-pane')].filter((pane) => {
  if (!pane.checkVisibility()) return false;
  const box = pane.getBoundingClientRect();
  const ends = [...pane.querySelectorAll('*')].filter((e) => e.checkVisibility() && e.childElementCount === 0)
    .map((e) => e.getBoundingClientRect().bottom).filter((end) => end <= box.bottom + 1);
  return Math.max(...ends) < box.y + box.height / 2;
}).map((pane) => pane.textContent.slice(0, 60))"""
# What breaks WCAG's level AA, or one of the rules that are given.
AXE = """(rules) => axe.run({
    runOnly: rules ?? ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations']})
  .then(({violations}) => violations.flatMap(({id, nodes}) => nodes.map(({target, failureSummary}) =>
    `${id}: ${target}: ${failureSummary}`)))"""


@pytest.fixture(scope="module")
def analysed(kept: Page, recordings: dict[str, Path]) -> Page:
    """The page with a recording analysed."""
    kept.set_input_files("#ss-audio input[type=file]", str(recordings["heath_ledger.mp3"]))
    expect(kept.locator("#ss-record .ss-meta")).to_contain_text("heath_ledger.mp3")
    kept.locator("#ss-verdict .ss-badge").wait_for()
    kept.locator(".ss-receipt b").wait_for()
    return kept


@pytest.fixture(scope="module")
def darkened(analysed: Page) -> Iterator[Page]:
    """The same page by night: what holds for its layout holds there too, but not what holds for its colours."""
    analysed.locator("[data-scheme]").click()
    expect(analysed.locator("body")).to_have_class(re.compile(r"\bdark\b"))
    yield analysed
    analysed.locator("[data-scheme]").click()
    expect(analysed.locator("body")).not_to_have_class(re.compile(r"\bdark\b"))


def show(page: Page, tab: str, screen: tuple[int, int] | None = None) -> None:
    """Open a tab on a screen, and wait until it stands still."""
    if screen is not None:
        page.set_viewport_size({"width": screen[0], "height": screen[1]})
    page.get_by_role("tab", name=tab, exact=True).click()
    selector, word = TABS[tab]
    expect(page.locator(selector)).to_contain_text(word)
    stand_still(page)


def box(page: Page, selector: str) -> dict[str, Any]:
    """Return where an element lies, in pixels."""
    found = page.locator(selector).bounding_box()
    assert found is not None, selector
    return dict(found)


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_fits_every_screen_and_no_pane_is_half_empty(analysed: Page, tab: str) -> None:
    for screen in SCREENS:
        show(analysed, tab, screen)
        assert analysed.evaluate("document.documentElement.scrollWidth") <= screen[0], screen
        for fault in (BEYOND, CUT, FIGURES):
            expect_none(analysed, fault)
    assert screen == PROJECTOR
    for fault in (EMPTY, HALF_EMPTY):
        expect_none(analysed, fault)


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_meets_wcag_level_aa(analysed: Page, tab: str) -> None:
    show(analysed, tab, PROJECTOR)
    assert violations(analysed) == []
    assert analysed.locator("h1").count() == 1


def violations(page: Page, rules: list[str] | None = None) -> Any:
    """Return what axe finds against level AA, or against some of its rules."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(AXE, rules)


def test_a_projector_shows_verdict_note_and_picture_without_scrolling(analysed: Page) -> None:
    show(analysed, "Analyse", PROJECTOR)
    for selector in ("#ss-verdict .ss-doubt", "#ss-clip .js-plotly-plot"):
        place = box(analysed, selector)
        assert place["y"] >= 0
        assert place["y"] + place["height"] <= PROJECTOR[1], selector
    assert box(analysed, "#ss-clip .js-plotly-plot")["height"] >= 200


@pytest.mark.parametrize("screen", [(640, 360), (390, 844)])
def test_a_small_screen_begins_with_verdict_note_and_picture(analysed: Page, screen: tuple[int, int]) -> None:
    show(analysed, "Analyse", screen)
    analysed.evaluate("window.scrollTo(0, 0)")
    for selector in ("#ss-verdict .ss-badge", "#ss-verdict .ss-say", "#ss-verdict .ss-doubt"):
        place = box(analysed, selector)
        assert place["y"] >= 0, selector
        assert place["y"] + place["height"] <= screen[1], selector
    assert box(analysed, "#ss-clip .js-plotly-plot")["y"] <= screen[1] - 24


@pytest.mark.parametrize("screen", [(360, 844), (390, 844)])
def test_a_phone_shows_verdict_note_and_the_whole_picture(analysed: Page, screen: tuple[int, int]) -> None:
    show(analysed, "Analyse", screen)
    analysed.evaluate("window.scrollTo(0, 0)")
    for selector in ("#ss-verdict", "#ss-clip .js-plotly-plot"):
        place = box(analysed, selector)
        assert place["y"] >= 0, selector
        assert place["y"] + place["height"] <= screen[1], selector


def test_a_laptop_at_200_percent_shows_verdict_note_and_the_whole_picture(analysed: Page) -> None:
    width, height = ZOOMED
    show(analysed, "Analyse", ZOOMED)
    analysed.evaluate("window.scrollTo(0, 0)")
    picture, verdict = box(analysed, "#ss-clip .js-plotly-plot"), box(analysed, "#ss-verdict")
    for place in (picture, verdict):
        assert place["y"] >= 0
        assert place["y"] + place["height"] <= height
    assert picture["height"] >= 140
    assert picture["width"] >= 0.4 * width
    assert verdict["x"] + verdict["width"] <= picture["x"]


def test_a_phone_stacks_the_columns_and_cuts_no_sentence(analysed: Page) -> None:
    show(analysed, "Analyse", SMALL)
    verdict = box(analysed, "#ss-verdict")
    assert verdict["width"] > 0.85 * SMALL[0]
    assert box(analysed, "#ss-input")["y"] + box(analysed, "#ss-input")["height"] <= verdict["y"] + 1
    whole = analysed.locator("#ss-verdict .ss-card").first.evaluate("(card) => card.scrollHeight")
    assert whole <= verdict["height"] + 1
    assert box(analysed, "#ss-clip .nsewdrag >> nth=0")["width"] > 0.6 * SMALL[0]


def test_arrow_keys_go_from_tab_to_tab(analysed: Page) -> None:
    show(analysed, "Analyse", PROJECTOR)
    for key, tab in (("ArrowRight", "Scores"), ("ArrowLeft", "Analyse"), ("End", "Models & data"), ("Home", "Analyse")):
        analysed.keyboard.press(key)
        chosen = analysed.get_by_role("tab", name=tab, exact=True)
        expect(chosen).to_have_attribute("aria-selected", "true")
        expect(chosen).to_be_focused()


def test_the_verdict_is_announced(analysed: Page) -> None:
    region = analysed.locator("#ss-announce")
    expect(region).to_have_attribute("aria-live", "polite")
    badge = analysed.locator("#ss-verdict .ss-badge").inner_text()
    expect(region).to_contain_text("heath_ledger.mp3")
    expect(region).to_contain_text(badge.split(maxsplit=1)[1])


@pytest.mark.parametrize("tab", TABS)
def test_the_colours_of_a_tab_meet_wcag_level_aa_by_night(darkened: Page, tab: str) -> None:
    show(darkened, tab, PROJECTOR)
    assert violations(darkened, ["color-contrast", "link-in-text-block"]) == []


def test_a_projector_shows_the_example_whole_on_the_first_screen(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": PROJECTOR[0], "height": PROJECTOR[1]})
    page.goto(app_url)
    page.locator("#ss-verdict .ss-mark").wait_for()
    page.locator("#ss-examples .ss-example >> nth=0").wait_for()
    stand_still(page)
    for selector in (".ss-drop-zone", "#ss-verdict .ss-doubt", "#ss-clip .js-plotly-plot"):
        place = box(page, selector)
        assert place["y"] >= 0
        assert place["y"] + place["height"] <= PROJECTOR[1], selector


def test_the_example_is_drawn_in_the_pages_own_scheme(page: Page, app_url: str) -> None:
    from dashboard.theme import DARK

    page.emulate_media(color_scheme="dark")
    page.goto(app_url)
    page.locator("#ss-verdict .ss-badge").wait_for()
    level = "document.querySelector('#ss-clip .js-plotly-plot')?.data?.find((trace) => trace.name === 'level')"
    assert awaited(page, f"{level}?.marker.color") == DARK.soft
