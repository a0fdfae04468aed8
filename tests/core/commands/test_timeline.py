"""The command timeline: text, JSON, and the files that it writes."""

import json

import numpy as np
import pytest
import soundfile
import torch

from core.cli import main
from core.detectors import checkpoint
from core.detectors.card import Card, Polarity
from core.detectors.network import NETWORKS
from tests.core.timeline.test_formats import read_as_pyannote, read_textgrid
from tests.core.timeline.toy import rule

SETTINGS = {"channels": [4, 4, 4, 4]}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """A folder of checkpoints with one untrained localiser that marks nearly everything."""
    folder = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    network = NETWORKS.get("localiser")(**SETTINGS).eval()
    card = Card(
        name="marker", architecture="localiser", hyperparameters=SETTINGS, polarity=Polarity(how="made up"),
        localisation=rule(mark_below=50.0, keep_below=50.0),
    )  # fmt: skip
    checkpoint.save_checkpoint(folder / "marker", network, card)
    unfitted = card.model_copy(update={"name": "plain", "localisation": None})
    checkpoint.save_checkpoint(folder / "plain", network, unfitted)
    return folder


@pytest.fixture
def ship(shipped, monkeypatch):
    monkeypatch.setattr(checkpoint, "SHIPPED", shipped)


@pytest.fixture
def voice(speech, tmp_path):
    path = tmp_path / "a call.wav"
    soundfile.write(path, np.concatenate([speech, np.zeros(16000), speech]), 16000, subtype="PCM_16")
    return path


def test_all_it_writes_agrees(ship, voice, tmp_path, capsys):
    rttm, labels, grid = (tmp_path / "out" / name for name in ("a.rttm", "a.txt", "a.TextGrid"))
    asked = ["timeline", str(voice), "--rttm", str(rttm), "--labels", str(labels), "--textgrid", str(grid)]
    assert main(asked) == 0
    printed = capsys.readouterr()
    assert "8.00 of 8.00 s are marked by marker.\n" in printed.out
    assert [line.split()[:2] for line in printed.out.splitlines()[2:4]] == [["0.00", "4.00"], ["5.00", "9.00"]]
    assert "'a call' is called a_call there" in printed.err
    table = read_as_pyannote(rttm.read_text())
    assert table["uri"].tolist() == ["a_call"] * 2 and table["start"].tolist() == [0.0, 5.0]
    assert [line.split("\t")[0] for line in labels.read_text().splitlines()] == ["0.000000", "5.000000"]
    assert [text[:5] for _, _, text in read_textgrid(grid.read_text())[1]] == ["spoof", "digit", "spoof"]


def test_json_holds_every_step(ship, voice, capsys):
    assert main(["timeline", str(voice), "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["path"] == str(voice) and value["detector"] == "marker" and value["calibrated"]
    assert len(value["p_spoof"]) == 450 and value["hop_s"] == 0.02
    assert [place for place, p in enumerate(value["p_spoof"]) if p is None] == list(range(200, 250))
    assert [segment["start_s"] for segment in value["segments"]] == [0.0, 5.0]


def test_a_detector_is_named_as_everywhere_and_by_the_spelling_of_old(ship, voice, capsys):
    assert main(["timeline", str(voice), "--detector", "plain"]) == 0
    assert "marked by plain. It was never fitted for timelines" in capsys.readouterr().out


def test_without_a_fitted_detector_one_must_be_named(shipped_small, voice, capsys):
    assert main(["timeline", str(voice)]) == 1
    assert "No detector that ships is fitted for timelines" in capsys.readouterr().err
    assert main(["timeline", str(voice), "--checkpoint", "small-cnn"]) == 1
    assert "small-cnn scores a clip as a whole and has no cells" in capsys.readouterr().err
