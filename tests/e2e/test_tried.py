"""Trying the verdict in a real browser: a box is drawn, the scores move, the picture plays from where it is pressed."""

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.e2e.gestures import PIXELS, draw_box, repeat
from tests.e2e.test_every_tab import AXE, BEYOND, CUT
from tests.e2e.waiting import awaited, expect_none, stand_still

pytestmark = [pytest.mark.browser, pytest.mark.slow]



@pytest.fixture
def scored(opened: Page) -> Page:
    """The page with its example, which was scored when the server began."""
    opened.locator(".ss-mark", has_text="Example").wait_for()
    expect(opened.locator("#ss-tried [data-box=draw]")).to_be_enabled()
    stand_still(opened)
    return opened


def test_a_box_is_scored_again_the_verdict_is_held_up_and_both_go_with_the_recording(
    scored: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.robustness.QUICK", ("telephone", "room"))
    draw_box(scored, (0.5, 5.0), (1.5, 2.0))
    fields = scored.locator(".ss-boxes input")
    expect(fields).to_have_count(4)
    values = [float(field.input_value()) for field in fields.all()]
    assert values == pytest.approx([0.5, 1.5, 2.0, 5.0], abs=0.1)
    scored.locator("#ss-clip .ss-go").click()
    table = scored.locator("#ss-boxes-tried tbody tr")
    expect(table.first).to_contain_text(re.compile(r"Panel.*\d\.\d\d.*\d\.\d\d"))
    members = scored.locator("#ss-panel button.ss-row").count()
    expect(table).to_have_count(1 + members)
    only = scored.locator("[data-play=alone]")
    only.click()
    awaited(scored, "() => document.querySelector('[data-play=alone] audio').currentTime > 0.05")
    hold = scored.get_by_role("button", name="Does it hold?")
    hold.focus()
    scored.keyboard.press("Enter")
    expect(scored.locator("#ss-held tbody tr")).to_have_count(2)
    expect(scored.locator("#ss-held .ss-lead")).to_contain_text(re.compile("It holds|It does not hold"))
    assert scored.evaluate("document.querySelector('[data-play=alone] audio').isConnected")
    if scored.evaluate("typeof axe") == "undefined":
        scored.evaluate(AXE_SCRIPT)
    assert scored.evaluate(AXE) == []
    for width in (360, 390):
        scored.set_viewport_size({"width": width, "height": 844})
        stand_still(scored)
        for fault in (BEYOND, CUT):
            expect_none(scored, fault)
    scored.locator("#ss-examples [data-value]").first.click()
    expect(scored.locator(".ss-boxes li, .ss-box, #ss-boxes-tried table, #ss-held table")).to_have_count(0)


def test_the_picture_plays_from_where_it_is_pressed(scored: Page) -> None:
    sound = "document.querySelector('[data-play=clip] audio')"
    # At its usual pace the clip may be over, on a busy machine, before anybody asks.
    scored.evaluate("document.addEventListener('playing', ({target}) => {"
        " window.began ??= target.currentTime; target.playbackRate = 0.0625; }, true)")
    began = "() => window.began"
    repeat(scored, lambda: scored.mouse.click(*scored.evaluate(PIXELS, [1.0, 3.0])), lambda: awaited(scored, began))
    assert 0.9 <= scored.evaluate(began) <= 2.0
    button = scored.locator("[data-play=clip]")
    button.focus()
    scored.keyboard.press("Enter")
    assert scored.evaluate(f"{sound}.paused")
    before = scored.evaluate(f"{sound}.currentTime")
    scored.keyboard.press("ArrowRight")
    awaited(scored, f"() => {sound}.currentTime > {before + 0.3}")


def test_under_the_keyboard_a_box_is_typed_in_looped_and_removed(scored: Page) -> None:
    add = scored.locator("#ss-tried [data-box=add]")
    add.focus()
    scored.keyboard.press("Enter")
    start = scored.get_by_label("Box A from, in seconds")
    start.fill("0.25")
    start.press("Tab")
    loop = scored.get_by_role("button", name="Loop box A")
    expect(loop).to_have_attribute("data-start", "0.250")
    loop.focus()
    scored.keyboard.press("Enter")
    awaited(scored, "() => window.spoofscope.looping() > 0.25")
    scored.keyboard.press("Escape")
    expect(loop).to_have_attribute("aria-pressed", "false")
    scored.get_by_role("button", name="Remove box A").press("Enter")
    expect(scored.locator(".ss-boxes li")).to_have_count(0)
