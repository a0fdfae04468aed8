"""What the tests share: real audio, the optional shared material, a real browser and the running page."""

import importlib.util
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

# Before anything imports torch or Gradio: two threads, no network, no display.
os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1")
# Scores to the last digit, and no time spent on exports; the tests of engines ask for others.
os.environ.setdefault("SPOOFSCOPE_ENGINE", "eager")

import numpy as np
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLE_RATE = 16000
SPEECH_SECONDS = 4
PATIENCE_MS = 180_000
LAPTOP = {"width": 1366, "height": 768}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder for what can be made again: never the user's own."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPOOFSCOPE_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared material (corpus, parity, ...): $SPOOFSCOPE_SHARED, or ``shared`` beside the checkout."""
    folder = Path(os.environ.get("SPOOFSCOPE_SHARED") or REPOSITORY.parent / "shared").resolve()
    if not folder.is_dir():
        pytest.skip(f"no shared material at {folder}: set SPOOFSCOPE_SHARED to its folder")
    return folder


@pytest.fixture(scope="session")
def corpus_root(request: pytest.FixtureRequest) -> Path:
    """The corpus' root, with its ``manifest.csv``: $SPOOFSCOPE_CORPUS, or ``corpus`` in ``shared``."""
    named = os.environ.get("SPOOFSCOPE_CORPUS")
    folder = Path(named).resolve() if named else request.getfixturevalue("shared") / "corpus"
    if not (folder / "manifest.csv").is_file():
        pytest.skip(f"no corpus at {folder}: set SPOOFSCOPE_CORPUS to the folder of its manifest.csv")
    return folder


@pytest.fixture(scope="session")
def recordings() -> dict[str, Path]:
    """Real speech recordings by name, as Gradio's own package ships them; its ``recording1.wav`` is no speech."""
    found = importlib.util.find_spec("gradio")
    assert found is not None and found.origin is not None
    folder = Path(found.origin).parent / "media_assets" / "audio"
    names = ("cate_blanch.mp3", "cate_blanch_2.mp3", "heath_ledger.mp3")
    return {name: folder / name for name in names}


@pytest.fixture(scope="session")
def speech_source(recordings: dict[str, Path]) -> np.ndarray:
    """Decode one recording once: float32 [64000] at 16 kHz. Tests take ``speech``, their own copy of it."""
    import soundfile
    import soxr

    waveform, rate = soundfile.read(recordings["cate_blanch.mp3"], dtype="float32", always_2d=True)
    mono = soxr.resample(waveform.mean(axis=1), rate, SAMPLE_RATE).astype(np.float32)
    return mono[SAMPLE_RATE : SAMPLE_RATE * (1 + SPEECH_SECONDS)]


@pytest.fixture
def speech(speech_source: np.ndarray) -> np.ndarray:
    """Four seconds of a real voice: float32 [64000], mono, 16 kHz, the test's to change."""
    return speech_source.copy()


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """A real, headless Chromium; without one the test skips, but on a machine with CI=true it fails."""
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if executable is None:
        reason = f"no browser: none of {', '.join(CHROMIUM_NAMES)} is installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield started
        started.close()


@pytest.fixture
def context(browser: "Browser") -> Iterator["BrowserContext"]:
    """A fresh profile on a laptop's screen; a request to anything outside this machine fails the test."""
    fresh = browser.new_context(viewport=LAPTOP, color_scheme="light", accept_downloads=True)
    fresh.set_default_timeout(PATIENCE_MS)
    outside: list[str] = []
    fresh.on("request", lambda request: outside.append(request.url) if _is_outside(request.url) else None)
    yield fresh
    fresh.close()
    assert not outside, f"the page must work offline, but asked for {outside}"


@pytest.fixture
def page(context: "BrowserContext") -> Iterator["Page"]:
    """A blank page of that browser; an uncaught error in its scripts fails the test."""
    blank = context.new_page()
    errors: list[str] = []
    blank.on("pageerror", lambda error: errors.append(str(error)))
    yield blank
    assert not errors, f"the page's scripts raised {errors}"


def _is_outside(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("127.0.0.1", "localhost")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def app_url() -> Iterator[str]:
    """The address of the page, served by this process for the whole test run."""
    from dashboard.app import launch

    url, close = launch("127.0.0.1", _free_port(), prevent_thread_lock=True)
    yield url
    close()
    join_warm_up()


def join_warm_up() -> None:
    """Wait for a page's warm-up to end: torch aborts a process that ends while a thread computes."""
    for thread in threading.enumerate():
        if thread.name == "warm-up":
            thread.join(timeout=300)
