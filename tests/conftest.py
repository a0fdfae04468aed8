"""What the tests share: real audio, the optional shared material, and how the page is served and watched."""

import importlib.util
import os
import resource
import socket
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

# Before anything imports torch or Gradio: no network, no display, and one thread, since tests run side by side: of
# several that share too few cores, most of the time goes into waiting busily for the others.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Loops that are compiled for each process and run on a handful of clips: compiling them well costs more than it saves.
os.environ.setdefault("NUMBA_OPT", "0")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1")
# Scores to the last digit, and no time spent on exports; the tests of engines ask for others.
os.environ.setdefault("SPOOFSCOPE_ENGINE", "eager")

import numpy as np
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Error, Page, Request

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLE_RATE = 16000
SPEECH_SECONDS = 4
PATIENCE_MS = 180_000
LAPTOP = {"width": 1366, "height": 768}
# What takes longest starts first, so that processes side by side end together; the rest follows as it is found.
BROWSER_TESTS = "tests/e2e"
# Where the second half of them begins, by name: two processes share them, since together they outlast all others.
SECOND_HALF = "tests/e2e/test_m"
LONGEST = (
    BROWSER_TESTS,
    "tests/trainers/test_fit.py",
    "tests/core/detectors/test_contract.py",
    "tests/core/runtime/test_engines.py",
    "tests/dashboard/test_analyse_handlers.py",
    "tests/core/explain/test_methods.py",
    "tests/core/audio/test_hostile.py",
    "tests/core/analysis/test_projections.py",
    "tests/test_contributing.py",
    "tests/trainers/spoofing/test_folder.py",
    "tests/trainers/test_judge.py",
    "tests/trainers/test_panel.py",
)
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    return next((place for place, path in enumerate(LONGEST) if nodeid.startswith(path)), len(LONGEST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a process one file after the other; of the browser tests, which share a page, one half or the other."""
    return schedule()(config, log) if config.getvalue("dist") == "loadfile" else None


def schedule() -> Any:
    """Return the class that gives out tests, made here since xdist need not be installed."""
    from xdist.scheduler import LoadFileScheduling

    class Schedule(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith(BROWSER_TESTS):
                return f"{BROWSER_TESTS}: {'second' if nodeid >= SECOND_HALF else 'first'} half"
            return super()._split_scope(nodeid)

        def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
            # A process that was dropped goes on reporting for a while; its tests are another's by then.
            if node in self.assigned_work:
                super().mark_test_complete(node, item_index, duration)

    return Schedule


@pytest.hookimpl(tryfirst=True)
def pytest_warning_recorded(warning_message: warnings.WarningMessage) -> None:
    """Hand a warning on as a built-in one that names its class.

    The process that collects the reports imports a warning's class, and with it all of torch, in one thread for each
    process that tests: when one such import fails, it drops a process that works and ends the whole run.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        category = warning_message.category
        built_in = next(kind for kind in category.__mro__ if kind.__module__ == "builtins")
        text = str(warning_message.message)
        warning_message.message = built_in(text if category is built_in else f"{category.__name__}: {text}")
        warning_message.category = built_in


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder for what can be made again: never the user's own."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPOOFSCOPE_CACHE", str(folder))
        yield folder


@pytest.fixture(autouse=True)
def unbound() -> Iterator[None]:
    """Fail a test that held this process to some seconds of computing: the kernel would end it in a later test."""
    yield
    if resource.getrlimit(resource.RLIMIT_CPU)[0] != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        pytest.fail("This test bound its own process (core.audio.budget): decode in a child, or replace Budget.bind.")


@pytest.fixture(scope="session", autouse=True)
def no_lines_of_progress() -> Iterator[None]:
    """However slow the machine, no line reports how far a command is, so that what it prints can be compared."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.progress._EVERY_S", float("inf"))
        yield


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


@pytest.fixture(scope="session", autouse=True)
def data_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder for the tests: a served page goes on with the scorings that it finds in the user's own."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPOOFSCOPE_DATA", str(folder))
        yield folder


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


@contextmanager
def asks_nobody_else(context: "BrowserContext") -> Iterator[None]:
    """Fail at the end when a page asked for anything outside this machine."""
    asked: list[str] = []

    def note(request: "Request") -> None:
        asked.append(request.url)

    context.on("request", note)
    yield
    context.remove_listener("request", note)
    outside = [url for url in asked if _is_outside(url)]
    assert not outside, f"the page must work offline, but asked for {outside}"


@contextmanager
def raises_nothing(page: "Page") -> Iterator["Page"]:
    """Fail at the end when the page's scripts raised an error that nothing caught."""
    errors: list[str] = []

    def note(error: "Error") -> None:
        errors.append(str(error))

    page.on("pageerror", note)
    yield page
    page.remove_listener("pageerror", note)
    assert not errors, f"the page's scripts raised {errors}"


def _is_outside(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("127.0.0.1", "localhost")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(**chosen: Any) -> Iterator[str]:
    """Serve the page from this process; at the end, wait for what it still computes.

    Torch aborts a process that ends while a thread computes.
    """
    from dashboard.app import launch

    others = set(threading.enumerate())
    url, close = launch("127.0.0.1", _free_port(), prevent_thread_lock=True, **chosen)
    yield url
    close()
    end = time.monotonic() + 120
    for name in ("server", "warm-up", "AnyIO worker thread"):
        for thread in set(threading.enumerate()) - others:
            # A worker of another page that is still served would wait for its next task for ever.
            if thread.name == name and not (hasattr(thread, "loop") and thread.loop.is_running()):
                thread.join(timeout=max(0.0, end - time.monotonic()))
