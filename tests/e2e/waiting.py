"""Waiting for the page: nothing here asks once what may be true a moment later."""

from typing import Any

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as NotInTime

STILL_MS = 250
GIVE_UP_MS = 30_000

# A layout that goes on moving ends the wait too: what is wrong with it is for the assertions to say.
_STILL = """([still, giveUp]) => new Promise((done) => {
  const start = performance.now();
  let last = null, since = start;
  const look = () => {
    const now = [...document.querySelectorAll('.ss-card, .ss-pane, .main-svg, button, p')]
      .map((element) => element.getBoundingClientRect()).map((box) => [box.x, box.y, box.width, box.height]).join();
    const time = performance.now();
    if (now !== last) [last, since] = [now, time];
    if (time - since >= still || time - start >= giveUp) done(); else setTimeout(look, 40);
  };
  look();
})"""

_RECORD = """(selector) => {
  const texts = (window.passed ??= {})[selector] = [];
  const look = () => document.querySelectorAll(selector).forEach((element) => texts.push(element.innerText));
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true});
  look();
}"""


def stand_still(page: Page) -> None:
    """Wait until nothing has moved for a moment."""
    page.evaluate(_STILL, [STILL_MS, GIVE_UP_MS])


def expect_none(page: Page, script: str) -> None:
    """Wait until the list that a script returns is empty; fail with what stays in it."""
    try:
        page.wait_for_function(f"!({script})().length", timeout=GIVE_UP_MS)
    except NotInTime:
        assert page.evaluate(script) == []
        raise


def awaited(page: Page, script: str, arg: Any = None) -> Any:
    """Wait until a script returns something (neither null nor false nor 0), and return it."""
    return page.wait_for_function(script, arg=arg).json_value()


def record(page: Page, selector: str) -> None:
    """Keep, from now on, every text of the elements of a selector, however short it stands."""
    page.evaluate(_RECORD, selector)


def recorded(page: Page, selector: str, pattern: str) -> None:
    """Wait until one of the texts that were kept matches a pattern."""
    awaited(page, "([of, pattern]) => window.passed[of].some((text) => new RegExp(pattern).test(text))",
            [selector, pattern])  # fmt: skip
