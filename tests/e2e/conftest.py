"""The page for a real browser: served once, with the detectors that ship, or untrained ones where none does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.conftest import LAPTOP, PATIENCE_MS, _free_port, asks_nobody_else, join_work, raises_nothing

# What a test waits for comes in a second or two: time is only for a machine that does something else besides.
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def panel_folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path] | None:
    """Folders of untrained detectors, or None where trained ones ship."""
    from core.detectors import checkpoint

    if checkpoint.shipped():
        return None
    import torch

    from core.analysis.calibration import Calibration
    from core.detectors.card import Card, Polarity
    from core.detectors.network import NETWORKS

    torch.manual_seed(0)
    root = tmp_path_factory.mktemp("checkpoints")
    for name in ("cnn2d-lfcc", "cae-lfcc"):
        card = Card(
            name=name, architecture=name, polarity=Polarity(how="untrained"),
            calibration=Calibration(slope=1.0, intercept=0.0),
        )  # fmt: skip
        checkpoint.save_checkpoint(root / name, NETWORKS.get(name)().eval(), card)
    return sorted(root.iterdir())


@pytest.fixture(scope="session")
def app_url(panel_folders: list[Path] | None) -> Iterator[str]:
    """The address of the page, served by this process for all tests here."""
    from dashboard.app import launch

    url, close = launch("127.0.0.1", _free_port(), prevent_thread_lock=True, names=panel_folders)
    yield url
    close()
    join_work()


@pytest.fixture(scope="session")
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """One profile for all tests here, so that the browser fetches and compiles the page's scripts once."""
    kept = browser.new_context(accept_downloads=True)
    kept.set_default_timeout(PATIENCE_MS)
    yield kept
    kept.close()


@pytest.fixture
def context(profile: BrowserContext) -> Iterator[BrowserContext]:
    """That profile with what a test left there cleared away; a request to anything else fails the test."""
    with asks_nobody_else(profile):
        yield profile
        for page in profile.pages:
            forget(page)
    for page in profile.pages[1:]:
        page.close()
    profile.clear_cookies()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A blank page, light and on a laptop's screen; an uncaught error in its scripts fails the test."""
    blank = context.pages[0] if context.pages else context.new_page()
    blank.set_viewport_size(LAPTOP)
    blank.emulate_media(color_scheme="light")
    with raises_nothing(blank):
        yield blank


def forget(page: Page) -> None:
    """Empty what the page keeps of its visitor, and leave it."""
    if page.url.startswith("http"):
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    page.goto("about:blank")


@pytest.fixture
def opened(page: Page, app_url: str) -> Page:
    """The page, open on *Analyse* and ready to be used."""
    page.goto(app_url)
    page.locator("#ss-audio input[type=file]").wait_for(state="attached")
    page.locator("#ss-clip .js-plotly-plot .svg-container").wait_for()
    return page
