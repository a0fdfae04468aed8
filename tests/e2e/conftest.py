"""A real browser, and the page for it: served once, with the detectors that ship, or untrained ones where none does.

Both live as long as the tests of this folder, and so does what the page still computes: others should not wait for it.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.conftest import (
    CHROMIUM_FLAGS,
    CHROMIUM_NAMES,
    LAPTOP,
    PATIENCE_MS,
    SAMPLE_RATE,
    asks_nobody_else,
    raises_nothing,
    served,
)  # fmt: skip

# What a test waits for comes in a second or two: time is only for a machine that does something else besides.
expect.set_options(timeout=PATIENCE_MS)
DEVICE_RATE = 48_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have what fails in the browser tried once more; the summary names it (RERUN), and a second failure counts.

    Of five hundred such tests beside others on two cores one meets a moment that no person would: it must not hide
    what the others found, nor be forgotten.
    """
    for item in items:
        if "browser" in item.keywords:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="package", autouse=True)
def nothing_warmed() -> Iterator[None]:
    """No UMAP of all clips begins because *Map* was opened: it takes longer than most tests here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dashboard.map_tab.warm", lambda *_: None)
        yield


@pytest.fixture(scope="package")
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


@pytest.fixture(scope="package")
def app_url(panel_folders: list[Path] | None) -> Iterator[str]:
    """The address of the page, served by this process for all tests here."""
    with served(names=panel_folders) as url:
        yield url


@pytest.fixture(scope="package")
def voice(speech_source: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the browser's stand-in for a microphone plays, over and over: four seconds of speech."""
    path = tmp_path_factory.mktemp("microphone") / "voice.wav"
    soundfile.write(path, soxr.resample(speech_source, SAMPLE_RATE, DEVICE_RATE), DEVICE_RATE, subtype="PCM_16")
    return path


@pytest.fixture(scope="package")
def browser(voice: Path) -> Iterator[Browser]:
    """A real, headless Chromium; without one the test skips, but on a machine with CI=true it fails."""
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if executable is None:
        reason = f"no browser: none of {', '.join(CHROMIUM_NAMES)} is installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    flags = [*CHROMIUM_FLAGS, *fake, f"--use-file-for-fake-audio-capture={voice}"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=flags)
        yield started
        started.close()


@pytest.fixture(scope="package")
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """One profile for all tests here, so that the browser fetches and compiles the page's scripts once."""
    kept = browser.new_context(accept_downloads=True)
    kept.set_default_timeout(PATIENCE_MS)
    yield kept
    kept.close()


@pytest.fixture(scope="module")
def kept(profile: BrowserContext, app_url: str) -> Iterator[Page]:
    """The page, opened once for the tests of a module, each of which finds it as the one before has left it."""
    with opened_once(profile, app_url) as page:
        yield page


@pytest.fixture(autouse=True)
def begun_anew(request: pytest.FixtureRequest) -> None:
    """Load a kept page anew for a test that is tried once more: its first try has left it midway."""
    if getattr(request.node, "execution_count", 1) > 1 and "kept" in request.fixturenames:
        load(request.getfixturevalue("kept"), request.getfixturevalue("app_url"))


@contextmanager
def opened_once(profile: BrowserContext, url: str) -> Iterator[Page]:
    """Open a page in a tab of its own, to be used by several tests: a load costs more than most of them."""
    page = profile.new_page()
    with asks_nobody_else(profile), raises_nothing(page):
        load(page, url)
        yield page
    page.close()


@pytest.fixture(scope="package")
def tab(profile: BrowserContext) -> Page:
    """The tab of the tests that load the page themselves."""
    return profile.new_page()


@pytest.fixture
def context(profile: BrowserContext, tab: Page) -> Iterator[BrowserContext]:
    """That profile with what a test left there cleared away; a request to anything else fails the test."""
    before = profile.pages
    with asks_nobody_else(profile):
        yield profile
        forget(tab)
    for page in profile.pages:
        if page not in before:
            page.close()
    profile.clear_cookies()
    profile.clear_permissions()


@pytest.fixture
def page(context: BrowserContext, tab: Page) -> Iterator[Page]:
    """A blank page, light and on a laptop's screen; an uncaught error in its scripts fails the test."""
    look_as_on_a_laptop(tab)
    with raises_nothing(tab):
        yield tab


def look_as_on_a_laptop(page: Page) -> None:
    """Give a page a laptop's screen and the light scheme."""
    page.set_viewport_size(LAPTOP)
    page.emulate_media(color_scheme="light")


def forget(page: Page) -> None:
    """Empty what the page keeps of its visitor, and leave it."""
    if page.url.startswith("http"):
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    page.goto("about:blank")


def load(page: Page, url: str) -> None:
    """Open the page on *Analyse*, light and on a laptop's screen, and wait until it can be used."""
    look_as_on_a_laptop(page)
    page.goto(url)
    page.locator("#ss-audio input[type=file]").wait_for(state="attached")
    page.locator("#ss-clip .js-plotly-plot .svg-container").wait_for()


@pytest.fixture
def opened(page: Page, app_url: str) -> Page:
    """The page, loaded for one test alone, open on *Analyse* and ready to be used."""
    load(page, app_url)
    return page
