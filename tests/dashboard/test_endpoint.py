"""The endpoint for programs: the command line's object, and no work for a client that left."""

import itertools
import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from core.errors import AudioError
from core.usecases import analyse_file
from core.watch import report
from dashboard.context import Resources
from dashboard.endpoint import answer, wire_endpoint
from tests.dashboard.small_panel import small_panel


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Resources:
    return small_panel(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture
def url(resources: Resources) -> Iterator[str]:
    with gr.Blocks() as page:
        wire_endpoint(resources)
    _, url, _ = page.queue().launch(prevent_thread_lock=True, quiet=True)
    yield f"{url}gradio_api/call/analyse"
    page.close()


def test_the_endpoint_answers_as_the_command_line_does(resources: Resources, recordings: dict[str, Path]) -> None:
    path = recordings["heath_ledger.mp3"]
    *_, result = answer(resources, str(path))
    expected = analyse_file(path, resources.panel).to_json()
    assert result == {**expected, "path": None, "name": path.name}
    json.dumps(result, allow_nan=False)


def test_the_endpoint_reports_why_a_file_is_refused(resources: Resources, tmp_path: Path) -> None:
    (tmp_path / "note.wav").write_text("this is no sound")
    *_, result = answer(resources, str(tmp_path / "note.wav"))
    assert result["p_spoof"] is None
    assert "note.wav" in result["error"]


def test_a_client_that_leaves_ends_its_work_and_frees_its_place(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Semaphore(0)

    def endless(*_: Any, **__: Any) -> Any:
        try:
            for done in itertools.count():
                time.sleep(0.01)
                report(done, done + 1)
        finally:
            ended.release()

    def refused(*_: Any, **__: Any) -> Any:
        raise AudioError("no sound")

    monkeypatch.setattr("core.usecases.analyse_file", endless)
    streams = [_asked(url), _asked(url)]
    for stream in streams:
        assert stream.read1(16), "the work goes on"
        stream.close()
    assert all(ended.acquire(timeout=60) for _ in streams)
    # Both places were taken.
    monkeypatch.setattr("core.usecases.analyse_file", refused)
    last = _asked(url).read().decode().strip().splitlines()
    assert last[-2] == "event: complete"
    assert json.loads(last[-1].removeprefix("data: "))[0]["error"] == "no sound"


def _asked(url: str) -> Any:
    """Return the stream of events of a plain HTTP client that asks for the score of this file."""
    head, disposition = {"content-type": "multipart/form-data; boundary=x"}, 'form-data; name="files"; filename="a.wav"'
    body = f"--x\r\ncontent-disposition: {disposition}\r\n\r\nx\r\n--x--\r\n"
    upload = url.replace("call/analyse", "upload")
    path = json.load(urllib.request.urlopen(urllib.request.Request(upload, body.encode(), head)))[0]
    asked = json.dumps({"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}]}).encode()
    request = urllib.request.Request(url, asked, {"content-type": "application/json"})
    return urllib.request.urlopen(f"{url}/{json.load(urllib.request.urlopen(request))['event_id']}")
