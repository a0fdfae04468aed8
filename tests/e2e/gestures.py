"""What a person does with keys and pointer, done again where a redraw of the page has swallowed it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Error, Page, expect

from tests.conftest import PATIENCE_MS

TRIES = 6
FIRST_TRY_MS = 4_000

PLOT = "document.querySelector('#ss-clip .js-plotly-plot')"
#: Where a time and a frequency of the spectrogram on *Analyse* lie on the screen.
PIXELS = f"""([seconds, khz]) => {{
  const plot = {PLOT}, box = plot.getBoundingClientRect(), {{xaxis, yaxis3, _size}} = plot._fullLayout;
  return [box.left + _size.l + xaxis.l2p(seconds), box.top + yaxis3._offset + yaxis3.l2p(khz)];
}}"""


def repeat(page: Page, gesture: Callable[[], object], outcome: Callable[[], object]) -> None:
    """Make a gesture until its outcome is there, with more patience each time; fail as the last try has failed."""
    for again in range(TRIES):
        try:
            with _patience(page, FIRST_TRY_MS * 2**again):
                gesture()
                outcome()
            return
        except (AssertionError, Error):
            if again == TRIES - 1:
                raise


@contextmanager
def _patience(page: Page, milliseconds: int) -> Iterator[None]:
    page.set_default_timeout(milliseconds)
    expect.set_options(timeout=milliseconds)
    try:
        yield
    finally:
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)


def press(page: Page, selector: str, shown: str, holds: str) -> None:
    """Click the first element of a selector until another holds a text; a second click must do no harm."""
    repeat(
        page, lambda: page.locator(selector).first.click(), lambda: expect(page.locator(shown)).to_contain_text(holds)
    )


def choose(page: Page, control: str, name: str) -> None:
    """Choose an option of a list by the keyboard: under the pointer the list may close, or move away."""
    field = page.locator(f"{control} input")

    def typed() -> None:
        field.fill(name)
        field.press("Enter")
        # What was only typed, and not chosen, is gone with the focus.
        field.blur()

    repeat(page, typed, lambda: expect(field).to_have_value(name))


def options(page: Page, control: str) -> list[str]:
    """Return the names that a list offers."""
    names: list[str] = []

    def read() -> None:
        page.locator(f"{control} input").click()
        page.get_by_role("option").first.wait_for()
        names[:] = [str(one.get_attribute("aria-label")) for one in page.get_by_role("option").all()]
        page.keyboard.press("Escape")

    repeat(page, read, lambda: None)
    return names


def draw_box(page: Page, corner: tuple[float, float], opposite: tuple[float, float]) -> None:
    """Draw a box on the spectrogram between two corners, in seconds and kilohertz; it is the only one."""
    drawn, pen = page.locator(".ss-boxes li"), page.locator("#ss-clip .ss-pen")

    def drag() -> None:
        if drawn.count():
            return
        if pen.get_attribute("aria-pressed") != "true":
            pen.click()
        page.mouse.move(*page.evaluate(PIXELS, corner))
        page.mouse.down()
        page.mouse.move(*page.evaluate(PIXELS, opposite), steps=3)
        page.mouse.up()

    repeat(page, drag, lambda: expect(drawn).to_have_count(1))
