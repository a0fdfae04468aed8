"""The browser that tests are given notices requests and errors."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from tests.conftest import asks_nobody_else, raises_nothing

pytestmark = pytest.mark.browser

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


def test_browser_runs_a_page_and_its_scripts(page, local_page):
    page.goto(local_page)
    page.get_by_role("button", name="press").click()
    expect(page).to_have_title("after")


@pytest.mark.parametrize(
    ("script", "event", "complaint"),
    [
        ("fetch('http://192.0.2.1/font.woff2').catch(() => 0)", "request", "must work offline"),
        ("setTimeout(() => { throw new Error('broken') })", "pageerror", "scripts raised"),
    ],
)
def test_outside_requests_and_script_errors_are_noticed(script, event, complaint, profile, local_page):
    tab = profile.new_page()
    tab.goto(local_page)
    with (
        pytest.raises(AssertionError, match=complaint), asks_nobody_else(profile), raises_nothing(tab),
        tab.expect_event(event),
    ):  # fmt: skip
        tab.evaluate(f"() => {{ {script} }}")
    tab.close()
