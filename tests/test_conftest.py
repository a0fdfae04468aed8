"""The fixtures give what they promise: real speech, and a browser that notices requests and errors."""

import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest

PAGE = b"""<!doctype html><title>before</title>
<button onclick="document.title = 'after'">press</button>"""


@pytest.fixture
def local_page():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_speech_is_four_seconds_of_voiced_audio(speech):
    assert speech.shape == (64000,) and speech.dtype == np.float32
    power = np.abs(np.fft.rfft(speech)) ** 2
    freqs_hz = np.fft.rfftfreq(speech.size, 1 / 16000)
    assert 0.05 < np.abs(speech).max() <= 1.1
    assert power[(freqs_hz > 80) & (freqs_hz < 4000)].sum() > 0.9 * power.sum()


def test_speech_is_each_tests_own(speech, speech_source):
    speech[:] = 0
    assert np.abs(speech_source).max() > 0.05


def test_recordings_exist(recordings):
    assert [path.name for path in recordings.values() if not path.is_file()] == []


def test_what_is_named_to_start_first_exists():
    from tests.conftest import LONGEST, REPOSITORY

    assert [path for path in LONGEST if not (REPOSITORY / path).exists()] == []


def test_a_warning_reaches_another_process_that_cannot_import_its_class(monkeypatch):
    from xdist.remote import serialize_warning_message
    from xdist.workermanage import unserialize_warning_message

    from tests.conftest import pytest_warning_recorded

    class LocalWarning(UserWarning):
        pass

    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.warn(LocalWarning("scores are tied"), stacklevel=1)
    pytest_warning_recorded(caught[0])
    received = unserialize_warning_message(serialize_warning_message(caught[0]))
    assert received.category is UserWarning
    assert str(received.message) == "LocalWarning: scores are tied"


@pytest.mark.browser
def test_browser_runs_a_page_and_its_scripts(page, local_page):
    from playwright.sync_api import expect

    page.goto(local_page)
    page.get_by_role("button", name="press").click()
    expect(page).to_have_title("after")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("fetch('http://192.0.2.1/font.woff2').catch(() => 0)", "must work offline"),
        ("setTimeout(() => { throw new Error('broken') })", "scripts raised"),
    ],
)
def test_outside_requests_and_script_errors_are_noticed(script, complaint, visit, local_page):
    with pytest.raises(AssertionError, match=complaint):
        visit(local_page, script)


@pytest.fixture
def visit(browser):
    """Run the fixtures ``context`` and ``page`` by hand, to see what they complain of at their end."""
    from tests import conftest

    def run(url: str, script: str) -> None:
        contexts = conftest.context.__wrapped__(browser)
        pages = conftest.page.__wrapped__(next(contexts))
        tab = next(pages)
        tab.goto(url)
        tab.evaluate(f"() => {{ {script} }}")
        tab.wait_for_timeout(200)
        try:
            next(pages, None)
        finally:
            next(contexts, None)

    return run


def test_what_a_dropped_process_still_reports_does_not_end_the_run():
    from tests.conftest import schedule

    kind = schedule()
    at_work = kind.__new__(kind)
    at_work.assigned_work = {}
    at_work.mark_test_complete("a dropped process", 0)
    assert at_work.assigned_work == {}
