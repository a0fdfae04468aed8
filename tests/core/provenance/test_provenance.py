"""The whole of it: never an exception on a file that decodes, and the command."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.cli import main
from core.provenance import Provenance, provenance
from core.provenance.asking import ask
from core.provenance.lines import STATES, TOPICS


@pytest.fixture
def recording(speech: np.ndarray, tmp_path: Path) -> Path:
    path = tmp_path / "a recording.wav"
    soundfile.write(path, speech[:16000], 16_000)
    return path


def test_every_line_has_a_topic_and_a_state_in_order(recording: Path) -> None:
    found = provenance(recording, name="as the person calls it.wav")
    assert found.path == "as the person calls it.wav"
    topics = [line.topic for line in found.lines]
    assert topics == sorted(topics, key=TOPICS.index)
    assert {line.topic for line in found.lines} == set(TOPICS)
    assert {line.state for line in found.lines} <= set(STATES)
    assert json.loads(json.dumps(found.as_dict()))["lines"][0]["topic"] == "credentials"


def test_a_child_that_dies_costs_its_own_lines_and_no_others(
    recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(what: str, path: Path, **more: str) -> dict[str, Any]:
        return ask("nonsense" if what in ("credentials", "tags") else what, path, **more)

    monkeypatch.setattr("core.provenance.found.ask", asked)
    found = provenance(recording)
    assert found.of("credentials")[0].state == "unread"
    assert any(line.state == "unread" and line.text.startswith("Tags") for line in found.of("history"))
    assert any(line.text.startswith("Level") for line in found.of("history"))


@pytest.mark.parametrize("content", [b"", b"no sound", b"RIFF"])
def test_a_file_that_does_not_decode_is_a_line_too(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    found = provenance(path)
    assert found.of("history")[0].state == "unread" and not found.of("watermark")


def test_a_file_that_is_gone_is_a_line(tmp_path: Path) -> None:
    found = provenance(tmp_path / "gone.wav")
    assert isinstance(found, Provenance) and [line.state for line in found.lines] == ["unread"]


def test_the_command_prints_lines_and_json(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["provenance", str(recording)]) == 0
    text = capsys.readouterr().out
    assert [title in text for title in ("Content credentials", "Watermarks", "History")] == [True] * 3
    assert main(["provenance", str(recording), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["path"] == str(recording)


def test_wrong_anchors_end_the_command_with_one_line(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["provenance", str(recording), "--anchors", str(recording)]) == 1
    assert capsys.readouterr().err.startswith("Error: ")
