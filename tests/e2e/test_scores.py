import pytest
from playwright.sync_api import Page, expect

from tests.e2e.tabs import open_tab

pytestmark = pytest.mark.browser


def open_scores(page: Page) -> None:
    open_tab(page, "Scores", wait_for=("#scores-lead", "the panel gives"))


def test_moving_the_threshold_changes_the_counts(opened: Page) -> None:
    page = opened
    open_scores(opened)
    counts = page.locator("#scores-counts")
    expect(counts).to_contain_text("false alarms")
    before = counts.inner_text()
    slider = page.locator("#scores-threshold input[type=number]")
    slider.fill("0.9")
    slider.press("Enter")
    expect(page.locator("#scores-lead")).to_contain_text("at P(spoof) 0.90")
    expect(counts).not_to_have_text(before)


def test_a_click_in_the_figure_moves_the_threshold(opened: Page) -> None:
    page = opened
    open_scores(opened)
    plot = page.locator("#scores-spread .js-plotly-plot .nsewdrag").first
    expect(plot).to_be_visible()
    size = plot.bounding_box()
    assert size is not None
    plot.click(position={"x": 0.85 * size["width"], "y": 0.9 * size["height"]})
    expect(page.locator("#scores-lead")).not_to_contain_text("at P(spoof) 0.50")


def test_another_detector_and_another_slice_are_shown(opened: Page) -> None:
    page = opened
    open_scores(opened)
    page.locator("#scores-slice").get_by_text("published").click()
    expect(page.locator("#scores-lead")).to_contain_text("shown: published")
    page.locator("#scores-detector input").click()
    page.get_by_role("option", name="cnn2d-lfcc").click()
    expect(page.locator("#scores-lead")).to_contain_text("cnn2d-lfcc gives")
    expect(page.locator("#scores-rates")).to_contain_text("% [")


def test_a_mistake_is_shown_with_its_facts(opened: Page) -> None:
    page = opened
    open_scores(opened)
    page.locator("#scores-mistakes tr[data-value]").first.click()
    expect(page.locator("#scores-facts")).to_contain_text("Label")
