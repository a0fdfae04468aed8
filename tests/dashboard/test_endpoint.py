"""The endpoints for programs: the command line's objects, and no work for a client that left."""

import itertools
import json
import threading
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
import soundfile

from core.cli import main
from core.errors import AudioError
from core.explain.faithfulness import Faithfulness
from core.shell import json_text
from core.usecases import analyse_file
from core.watch import report as count
from dashboard.context import Resources
from dashboard.endpoint import ENDPOINTS, analyse, explain, report, timeline, wire_endpoints
from tests.core.timeline.toy import detector, rule
from tests.dashboard.small_panel import NAMES, SAMPLE_RATE, small_panel


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checkpoints")


@pytest.fixture(scope="module")
def resources(checkpoints: Path) -> Resources:
    return small_panel(checkpoints)


@pytest.fixture
def url(resources: Resources) -> Iterator[str]:
    with gr.Blocks() as page:
        wire_endpoints(resources)
    _, url, _ = page.queue().launch(prevent_thread_lock=True, quiet=True)
    yield f"{url}gradio_api/call"
    page.close()


def test_the_endpoint_answers_as_the_command_line_does(resources: Resources, recordings: dict[str, Path]) -> None:
    path = recordings["heath_ledger.mp3"]
    *_, result = analyse(resources, str(path))
    expected = analyse_file(path, resources.panel).to_json()
    assert result == {**expected, "path": None, "name": path.name}
    json.dumps(result, allow_nan=False)


def test_the_endpoint_reports_why_a_file_is_refused(resources: Resources, tmp_path: Path) -> None:
    (tmp_path / "note.wav").write_text("this is no sound")
    *_, result = analyse(resources, str(tmp_path / "note.wav"))
    assert result["p_spoof"] is None
    assert "note.wav" in result["error"]


@pytest.fixture
def second(speech: np.ndarray, tmp_path: Path) -> Path:
    """One second of speech."""
    path = tmp_path / "second.wav"
    soundfile.write(path, speech[:SAMPLE_RATE], SAMPLE_RATE, subtype="PCM_16")
    return path


def test_explain_answers_as_the_command_line_does(
    resources: Resources, checkpoints: Path, second: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = Faithfulness((), (), True, "Faithful: not checked here.")
    monkeypatch.setattr("core.explain.base.check_faithfulness", lambda *_: checked)
    asked = NAMES[0], "gradient-x-input"
    *_, result = explain(resources, str(second), *asked)
    main([
        "explain", str(second), "-o", str(tmp_path / "why"), "--no-cues", "--checkpoint", str(checkpoints / asked[0]),
        "--method", asked[1],
    ])  # fmt: skip
    expected = json.loads((tmp_path / "why/explanation.json").read_text())
    assert json.loads(json_text(result)) == {**expected, "path": None, "name": "second.wav"}


def test_timeline_answers_as_the_command_line_does(
    resources: Resources, second: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    toy = detector(rule(slope=1000.0))
    monkeypatch.setattr("core.timeline.shipped.fitted_detector", lambda name: toy)
    *_, result = timeline(resources, str(second))
    main(["timeline", str(second), "--json"])
    assert result == {**json.loads(capsys.readouterr().out), "path": None, "name": "second.wav"}


def test_report_answers_with_the_archive_that_the_command_writes(
    resources: Resources, second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def made(paths: list[Path], *, context: Any, cancel: threading.Event) -> bytes:
        asked.append((paths, context.panel, context.named, context.language, cancel.is_set()))
        return b"PK\x05\x06" + bytes(18)

    monkeypatch.setattr("core.case.case_bytes", made)
    *_, path = report(resources, str(second), "de")
    assert asked == [([second], resources.panel, resources.named, "de", False)]
    assert resources.named
    assert (Path(path).name, zipfile.ZipFile(path).namelist()) == ("second-case.zip", [])


@pytest.mark.parametrize(("answer", "asked"), [(explain, ["../elsewhere"]), (timeline, ["/somewhere"])])
def test_a_client_names_no_folder_of_the_server(
    answer: Any, asked: list[str], resources: Resources, second: Path
) -> None:
    with pytest.raises(gr.Error, match="not among the detectors"):
        list(answer(resources, str(second), *asked))


@pytest.mark.parametrize("answer", [explain, timeline])
def test_what_has_no_object_for_a_refusal_reports_it_as_an_error(
    answer: Any, resources: Resources, tmp_path: Path
) -> None:
    (tmp_path / "note.wav").write_text("this is no sound")
    with pytest.raises(gr.Error, match=r"note\.wav"):
        list(answer(resources, str(tmp_path / "note.wav")))


# Where each endpoint's work begins.
BEGINNINGS = {
    "/analyse": "core.usecases.analyse_file", "/explain": "core.audio.decode.decode",
    "/timeline": "core.audio.decode.decode", "/report": "core.case.case_bytes",
}  # fmt: skip


@pytest.mark.parametrize("name", ENDPOINTS)
def test_a_client_that_leaves_ends_its_work_and_frees_its_place(
    name: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = ENDPOINTS[name].places
    ended = threading.Semaphore(0)

    def endless(*_: Any, **__: Any) -> Any:
        try:
            for done in itertools.count():
                time.sleep(0.01)
                count(done, done + 1)
        finally:
            ended.release()

    def refused(*_: Any, **__: Any) -> Any:
        raise AudioError("no sound")

    monkeypatch.setattr(BEGINNINGS[name], endless)
    streams = [_asked(url, name) for _ in range(places)]
    for stream in streams:
        assert stream.read1(16), "the work goes on"
        stream.close()
    assert all(ended.acquire(timeout=300) for _ in streams)
    # All places were taken.
    monkeypatch.setattr(BEGINNINGS[name], refused)
    *_, event, data = _asked(url, name).read().decode().strip().splitlines()
    assert event == ("event: complete" if name == "/analyse" else "event: error")
    assert "no sound" in data


def _asked(url: str, name: str) -> Any:
    """Return the stream of events of a plain HTTP client that asks an endpoint about this file."""
    head, disposition = {"content-type": "multipart/form-data; boundary=x"}, 'form-data; name="files"; filename="a.wav"'
    body = f"--x\r\ncontent-disposition: {disposition}\r\n\r\nx\r\n--x--\r\n"
    upload = url.replace("call", "upload")
    path = json.load(urllib.request.urlopen(urllib.request.Request(upload, body.encode(), head)))[0]
    more = [None] * (len(signature(ENDPOINTS[name].answer).parameters) - 2)
    asked = json.dumps({"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}, *more]}).encode()
    request = urllib.request.Request(f"{url}{name}", asked, {"content-type": "application/json"})
    return urllib.request.urlopen(f"{url}{name}/{json.load(urllib.request.urlopen(request))['event_id']}")
