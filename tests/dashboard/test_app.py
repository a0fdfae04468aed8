"""The page's shell: its tabs, its endpoint, and what its guard lets through."""

import re
import socket
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from dashboard import views as package
from dashboard.__main__ import main
from dashboard.app import build
from dashboard.context import Resources
from dashboard.endpoint import ENDPOINTS
from dashboard.identity import FAVICON
from dashboard.server import Guard, allowed_hosts, exposure, mount, read_account
from dashboard.views import tab_id, views


def test_every_view_is_a_tab_and_analyse_opens_first() -> None:
    config = build(Resources([])).get_config_file()
    tabs = [c["props"]["label"] for c in config["components"] if c["type"] == "tabitem"]
    assert tabs == [view.TITLE for view in views()]
    assert tab_id(views()[0]) == "analyse"
    assert next(c["props"]["selected"] for c in config["components"] if c["type"] == "tabs") == "analyse"


def test_no_event_has_two_handlers_that_wait_for_its_last_time() -> None:
    # Asked twice at once, two such handlers of one event set each other off for ever (``components.relay``).
    last: Counter[tuple[int, str]] = Counter()
    for handler in build(Resources([])).get_config_file()["dependencies"]:
        if handler["trigger_mode"] == "always_last" and handler["backend_fn"]:
            last.update((part, what) for part, what in handler["targets"] if part is not None and what != "load")
    assert last and not [event for event, handlers in last.items() if handlers > 1]


def test_a_program_can_ask_for_the_documented_endpoints_alone() -> None:
    page = build(Resources([]))
    asked = page.get_api_info()["named_endpoints"]
    assert list(asked) == list(ENDPOINTS)
    optional = {each["parameter_name"] for each in asked["/explain"]["parameters"] if each["parameter_has_default"]}
    assert optional == {"checkpoint", "method"}


def test_building_the_page_reads_neither_detectors_nor_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Resources) -> None:
        raise AssertionError("read while the page was being laid out")

    monkeypatch.setattr(Resources, "panel", property(refuse))
    monkeypatch.setattr(Resources, "run", property(refuse))
    build(Resources())


def test_a_module_that_is_no_view_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_view.py").write_text("TITLE = 'Broken'\n")
    monkeypatch.setattr(package, "__path__", [str(tmp_path)])
    with pytest.raises(ImportError, match="no ORDER, build"):
        views()
    sys.modules.pop("dashboard.views.broken_view", None)


@pytest.fixture
def guarded() -> TestClient:
    app = FastAPI()
    app.add_middleware(Guard, hosts=allowed_hosts("127.0.0.1", ["voices.example"]))
    app.add_api_route("/", lambda: "heard", methods=["GET", "POST"])
    return TestClient(app, base_url="http://127.0.0.1:7860")


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7860", "localhost:7860", "[::1]:7860", "voices.example", "VOICES.example:80"]
)
def test_the_server_answers_to_its_own_names(guarded: TestClient, host: str) -> None:
    assert guarded.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:7860", "", "[", "localhost@evil.example"])
def test_the_server_does_not_answer_to_another_name(guarded: TestClient, host: str) -> None:
    assert guarded.get("/", headers={"host": host}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    ],
)
def test_another_sites_page_cannot_post(guarded: TestClient, headers: dict[str, str]) -> None:
    assert guarded.post("/", headers=headers).status_code == 403


def test_the_pages_own_requests_and_links_from_elsewhere_pass(guarded: TestClient) -> None:
    assert guarded.post("/", headers={"origin": "http://127.0.0.1:7860"}).status_code == 200
    followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert guarded.get("/", headers=followed).status_code == 200


def test_every_answer_tells_the_browser_to_load_nothing_from_outside(guarded: TestClient) -> None:
    headers = guarded.get("/").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "http" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_the_page_carries_its_own_name_and_icon_in_tabs_and_shared_links() -> None:
    app = mount(build(Resources([])), hosts=allowed_hosts("127.0.0.1"))
    with TestClient(app, base_url="http://127.0.0.1:7860") as visitor:
        page = visitor.get("/").text
        icon = visitor.get("/favicon.ico")
    head = page[: page.index("</head>")]
    assert re.findall(r"<title>(.*?)</title>", head) == ["Spoofscope"]
    assert re.findall(r'property="og:title" content="(.*?)"', head) == ["Spoofscope"]
    assert head.count("og:description") == 1
    assert "Gradio" not in "".join(re.findall(r"<(?:meta|title|link)[^>]*>", head))
    assert "data:image/svg+xml" in head
    assert icon.text == FAVICON.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--checkpoint", "no-such-one"], "Error: There is no checkpoint 'no-such-one'"),
        (["--port", "70000"], "65535"),
        (["--port", "many"], "integer"),
    ],
)
def test_what_cannot_be_served_is_refused_before_serving(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) != 0
    assert words in capsys.readouterr().err


def test_the_command_line_passes_on_what_to_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("dashboard.app.launch", lambda *args, **more: asked.append((args, more["names"])))
    monkeypatch.setenv("PORT", "7999")
    assert main(["--checkpoint", "aasist", "--checkpoint", "cae-lfcc", "--host", "127.0.0.2"]) == 0
    assert main(["--port", "8001"]) == 0
    assert asked == [(("127.0.0.2", 7999), ["aasist", "cae-lfcc"]), (("127.0.0.1", 8001), None)]


def test_a_taken_port_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["--port", str(taken.getsockname()[1])]) == 1
    assert "choose another --port" in capsys.readouterr().err


def test_an_account_is_a_name_and_a_password() -> None:
    assert read_account("ana:s3cret:with colon") == ("ana", "s3cret:with colon")
    assert read_account(None) is read_account("") is None
    for half in ("ana", "ana:", ":s3cret", ":"):
        with pytest.raises(ValueError, match="user:password"):
            read_account(half)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1"])
def test_nobody_is_warned_of_a_page_for_this_machine_alone(host: str) -> None:
    assert exposure(host, None) == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "voices.example"])
def test_a_page_that_others_reach_is_warned_of_with_and_without_a_password(host: str) -> None:
    assert "SPOOFSCOPE_AUTH=user:password" in exposure(host, None)
    assert "unencrypted" in exposure(host, ("ana", "s3cret"))


def test_with_an_account_nothing_of_the_page_is_given_to_who_does_not_know_it() -> None:
    app = mount(build(Resources([])), hosts=allowed_hosts("127.0.0.1"), auth=("ana", "s3cret"))
    with TestClient(app, base_url="http://127.0.0.1:7860") as visitor:
        assert visitor.get("/config").status_code == 401
        assert visitor.post("/gradio_api/call/analyse", json={"data": [None]}).status_code == 401
        assert visitor.post("/gradio_api/upload", files={"files": b"x"}).status_code == 401
        assert visitor.get("/gradio_api/file=README.md").status_code == 401
        assert visitor.post("/login", data={"username": "ana", "password": "guess"}).status_code == 400
        assert visitor.post("/login", data={"username": "ana", "password": "s3cret"}).status_code == 200
        assert visitor.get("/config").status_code == 200
