"""Sixteen detectors on a laptop's screen: the answer without scrolling, and nothing that overflows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.conftest import LAPTOP, served
from tests.dashboard.synthetic_run import CROWD, PANEL
from tests.e2e.conftest import opened_once
from tests.e2e.crowd import lay_out_crowd
from tests.e2e.waiting import expect_none, stand_still

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TABS = {
    "Scores": ("#scores-lead", "the panel gives"),
    "Map": ("#map-clusters", "Purity"),
    "Reconstruction": ("#reconstruction-lead", "better"),
    "Disagreements": ("#disagreements-lead", "contradict each other"),
    "Models & data": ("#models-checks", "believed"),
}
# Frames whose content reaches beyond them, unless it scrolls inside of them.
OVERFLOWING = """() => [...document.querySelectorAll('.ss-card, .ss-pane, .ss-bar-of-controls')]
  .filter((frame) => frame.checkVisibility() && frame.scrollWidth > frame.clientWidth + 1)
  .map((frame) => frame.id || frame.textContent.slice(0, 60))"""


@pytest.fixture(scope="module")
def crowd_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.detectors.checkpoint.SHIPPED", lay_out_crowd(tmp_path_factory.mktemp("crowd")))
        with served() as url:
            yield url


@pytest.fixture(scope="module")
def crowded(profile: BrowserContext, crowd_url: str) -> Iterator[Page]:
    with opened_once(profile, crowd_url) as page:
        yield page


def bottom(page: Page, selector: str) -> float:
    box: Any = page.locator(selector).bounding_box()
    return float(box["y"] + box["height"])


def test_verdict_votes_and_evidence_are_seen_without_scrolling(crowded: Page, recordings: dict[str, Path]) -> None:
    page, rows = crowded, crowded.locator("#ss-panel button.ss-row")
    page.set_input_files("#ss-audio input[type=file]", str(recordings["heath_ledger.mp3"]))
    page.locator(".ss-meta b", has_text="heath_ledger.mp3").wait_for()
    expect(rows).to_have_count(len(PANEL))
    expect(page.locator("#ss-panel")).not_to_contain_text("Not in the panel")
    page.get_by_role("button", name=f"Score the {len(CROWD) - len(PANEL)} others too (about ").click()
    expect(rows).to_have_count(len(CROWD))
    names = [str(row.get_attribute("data-value")) for row in rows.all()]
    assert set(names[: len(PANEL)]) == set(PANEL)
    expect(page.locator("#ss-others")).to_have_text("All others are scored")
    stand_still(page)
    for selector in ("#ss-verdict", "#ss-panel", "#ss-clip", "#ss-controls"):
        assert bottom(page, selector) <= LAPTOP["height"], selector
    expect_none(page, OVERFLOWING)


@pytest.mark.parametrize("tab", TABS)
def test_nothing_overflows(crowded: Page, tab: str) -> None:
    selector, word = TABS[tab]
    crowded.get_by_role("tab", name=tab, exact=True).click()
    expect(crowded.locator(selector)).to_contain_text(word)
    if tab == "Disagreements":
        crowded.locator("#disagreements-who").get_by_text("all detectors").click()
        expect(crowded.locator(selector)).to_contain_text(f"{len(CROWD)} detectors")
        expect(crowded.locator("#disagreements-rows .ss-voter")).to_have_count(len(CROWD))
    stand_still(crowded)
    assert crowded.evaluate("document.documentElement.scrollWidth") <= LAPTOP["width"]
    expect_none(crowded, OVERFLOWING)
