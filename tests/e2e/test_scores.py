import threading
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.analysis.calibration import log_odds, p_spoof
from core.analysis.costs import USES
from core.results.queries import PANEL
from core.usecases import reference_run
from dashboard.glossary import GLOSSARY
from dashboard.views import scores
from tests.e2e.gestures import choose, press, repeat
from tests.e2e.tabs import open_tab
from tests.e2e.waiting import stand_still

pytestmark = pytest.mark.browser


def open_scores(page: Page) -> None:
    open_tab(page, "Scores", wait_for=("#scores-lead", "the panel gives"))


def move_threshold(page: Page, to: str) -> None:
    slider = page.locator("#scores-threshold input[type=number]")

    def typed() -> None:
        slider.fill(to)
        slider.press("Enter")

    repeat(page, typed, lambda: expect(page.locator("#scores-lead")).to_contain_text(f"at P(spoof) {to}"))


def test_moving_the_threshold_changes_the_counts(kept: Page) -> None:
    page = kept
    open_scores(page)
    counts = page.locator("#scores-counts")
    expect(counts).to_contain_text("false alarms")
    before = counts.inner_text()
    move_threshold(page, "0.90")
    expect(counts).not_to_have_text(before)


def test_a_click_in_the_figure_moves_the_threshold(kept: Page) -> None:
    page = kept
    open_scores(page)
    plot = page.locator("#scores-spread .js-plotly-plot .nsewdrag").first
    expect(plot).to_be_visible()
    move_threshold(page, "0.20")

    def click() -> None:
        stand_still(page)
        size = plot.bounding_box()
        assert size is not None
        plot.click(position={"x": 0.85 * size["width"], "y": 0.9 * size["height"]})

    repeat(page, click, lambda: expect(page.locator("#scores-lead")).not_to_contain_text("at P(spoof) 0.20"))


def test_a_mistake_is_shown_with_its_facts(kept: Page) -> None:
    page = kept
    open_scores(page)
    press(page, "#scores-mistakes tr[data-value]", "#scores-facts", "Label")


def test_all_mistakes_can_be_reached(kept: Page) -> None:
    page = kept
    open_scores(page)
    move_threshold(page, "0.01")
    mistakes = page.locator("#scores-mistakes")
    expect(mistakes.locator(".ss-pager")).to_contain_text("1–100 of")
    first = mistakes.locator("tr[data-value]").first.get_attribute("data-value")
    mistakes.get_by_role("button", name="Page 2").click()
    expect(mistakes.locator(".ss-pager")).to_contain_text("101–")
    assert mistakes.locator("tr[data-value]").first.get_attribute("data-value") != first


def test_a_term_shows_its_meaning_to_the_keyboard(kept: Page) -> None:
    page = kept
    open_scores(page)
    term = page.locator("#scores-lead abbr").first
    term.focus()
    assert term.get_attribute("title") == GLOSSARY["threshold"]
    shown = term.evaluate("(element) => getComputedStyle(element, '::after').content")
    assert GLOSSARY["threshold"] in shown
    assert page.locator("#scores-at-eer").get_attribute("title") == GLOSSARY["at EER"]


def test_a_new_filter_greys_the_old_answer_at_once(kept: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page, may_answer = kept, threading.Event()
    open_scores(page)
    view, lead, draw = page.locator("#scores-view"), page.locator("#scores-lead"), scores.draw

    def slow(*given: Any, **more: Any) -> Any:
        may_answer.wait(600)
        return draw(*given, **more)

    monkeypatch.setattr(scores, "draw", slow)
    try:
        page.locator("#scores-slice").get_by_text("published").click()
        expect(view).to_have_attribute("aria-busy", "true")
        expect(page.locator("#scores-view > .ss-panes").first).to_have_css("opacity", "0.4")
        expect(lead).to_contain_text("shown: all")
    finally:
        may_answer.set()
    expect(lead).to_contain_text("shown: published")
    expect(view).not_to_have_attribute("data-awaits", "")


def test_another_detector_and_another_slice_are_shown(kept: Page) -> None:
    page = kept
    open_scores(page)
    page.locator("#scores-slice").get_by_text("published").click()
    expect(page.locator("#scores-lead")).to_contain_text("shown: published")
    choose(page, "#scores-detector", "cnn2d-lfcc")
    expect(page.locator("#scores-lead")).to_contain_text("cnn2d-lfcc gives")
    expect(page.locator("#scores-rates")).to_contain_text("% [")


def test_costs_move_the_threshold_and_a_slice_selects_its_clips_in_all_tabs(opened: Page) -> None:
    page = opened
    open_scores(page)
    page.locator("#scores-costs button").first.click()
    page.locator("#scores-by-cost").click()
    run = reference_run()
    assert run is not None
    least = float(p_spoof(USES[0].costs.threshold + log_odds(run.prior(PANEL))))
    expect(page.locator("#scores-lead")).to_contain_text(f"at P(spoof) {round(200 * least) / 200:.3f}".rstrip("0"))
    page.locator("#scores-curve").get_by_text("reliability").click()
    expect(page.locator("#scores-det")).to_contain_text("bins of 0.1")
    page.locator("#scores-closer").get_by_text("the worst slices").click()
    text = page.locator("#scores-closer-text")
    expect(text).to_contain_text("slices by one column and by two were looked at")
    page.locator("#scores-closer").get_by_text("slices by a column").click()
    expect(text).to_contain_text("Intervals: by speaker and source")
    row = text.locator("tr[data-value]").first
    n = row.locator("td").nth(1).inner_text()
    row.click()
    expect(page.locator("#scores-run .ss-selection")).to_contain_text(f"{n} of ")
    expect(page.locator("#scores-lead")).to_contain_text(f"n = {n}")
