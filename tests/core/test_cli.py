"""The command line as a whole: which exit status, and what is wrong in one line."""

import json

import numpy as np
import pytest
import soundfile

from core.cli import main

RATE = 16000


def test_imported_weights_give_the_published_output(shared, tmp_path, capsys):
    parity = shared / "parity"
    assert main(["import-weights", "aasist", str(parity / "AASIST.pth"), "-o", str(tmp_path / "published")]) == 0
    imported = capsys.readouterr()
    assert imported.err == ""
    assert "297,866 parameters" in imported.out
    inputs = np.load(parity / "aasist_inputs.npz")["waveforms"]
    expected = np.load(parity / "aasist_expected.npz")["AASIST_logits"][:, 1]
    files = [tmp_path / f"{number}.wav" for number in (0, 1)]
    for file, waveform in zip(files, inputs, strict=False):
        soundfile.write(file, np.round(waveform * 32768).astype(np.int16), RATE, subtype="PCM_16")
    assert main(["score", *map(str, files), "--checkpoint", str(tmp_path / "published"), "--raw", "--json"]) == 0
    for answer, file, logit in zip(json.loads(capsys.readouterr().out), files, expected, strict=False):
        assert answer["path"] == str(file)
        assert answer["score"] == pytest.approx(float(logit), abs=1e-4)
        (result,) = answer["detectors"].values()
        assert result["score"] == pytest.approx(float(logit), abs=1e-4)
        (window,) = result["windows"]
        assert window["score"] == pytest.approx(float(logit), abs=1e-4)
        assert (window["start_s"], window["end_s"]) == (0, 64600 / RATE)
        assert not result["calibrated"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["score", "a.wav", "--checkpoint", "nobody"], "There is no checkpoint 'nobody'"),
        (["import-weights", "nothing", "a.pth", "-o", "x"], "No detector is called 'nothing'"),
        (["import-weights", "aasist", "a.pth", "-o", "x"], "There is no file a.pth"),
        (["audit", "--manifest", "nowhere.csv", "--root", "."], "There is no manifest"),
        (["evaluate", "--manifest", "nowhere.csv", "--root", ".", "--split", "eval"], "There is no manifest"),
        (["explain", "nowhere.wav", "-o", "x"], "nowhere.wav"),
        (["results-table"], "There is no run in"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_reported_in_one_line(arguments, told, shipped_small, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    output = capsys.readouterr()
    assert output.err.startswith("Error: ") and told in output.err
    assert output.err.count("\n") == 1
    assert output.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_option_has_another_exit_status(capsys):
    assert main(["score", "a.wav", "--nonsense"]) == 2
    assert "--nonsense" in capsys.readouterr().err
