"""``export`` writes a file that says what the detector says, or nothing at all."""

import json

import numpy as np
import onnxruntime
import pytest
import soundfile
import torch

from core.cli import main
from core.detectors.checkpoint import load_detector
from core.runtime.probes import probe_windows


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def report(out) -> dict:
    return json.loads((out / "report.json").read_text())


def raw_scores(out, detector) -> list[float]:
    """Return the raw outputs of an ONNX file for the probe windows, by ONNX Runtime alone."""
    session = onnxruntime.InferenceSession(out / "model.onnx", providers=["CPUExecutionProvider"])
    with torch.inference_mode():
        features = detector.network.frontend(torch.from_numpy(probe_windows(detector.window))).numpy()
    return [float(session.run(["raw"], {"input": one[None]})[0][0]) for one in features]


def test_onnx_gives_the_scores_of_the_detector(shipped_small, out, capsys):
    assert main(["export", "--checkpoint", "small-cnn", "-o", str(out)]) == 0
    detector = load_detector("small-cnn")
    expected = detector.engine.predict(probe_windows(detector.window))[0]
    np.testing.assert_allclose(raw_scores(out, detector), expected, atol=1e-4)
    told = report(out)
    assert told["holds"] and told["difference"] <= told["tolerance"] == 1e-4
    assert told["takes"] == {"name": "input", "what": "features", "window_samples": 64000}
    assert told["bytes"] == (out / "model.onnx").stat().st_size
    assert told["speed_ratio"] > 0 and told["weights_sha256"] == detector.card.sha256
    assert "Its scores hold" in capsys.readouterr().out


def test_torchscript_takes_a_waveform_and_gives_the_scores_of_the_detector(shipped_small, out):
    assert main(["export", "--checkpoint", "small-cae", "-o", str(out), "--format", "torchscript"]) == 0
    detector = load_detector("small-cae")
    window = probe_windows(detector.window)[1:2]
    raw, embedding = torch.jit.load(out / "model.ts")(torch.from_numpy(window))
    expected = detector.engine.predict(window)
    assert float(raw[0]) == pytest.approx(expected[0][0], abs=1e-4)
    np.testing.assert_allclose(embedding.detach().numpy(), expected[1], atol=1e-4)
    assert report(out)["takes"]["what"] == "waveform"


def test_half_precision_halves_the_file(shipped_small, tmp_path):
    for precision in ("fp32", "fp16"):
        assert (
            main(["export", "--checkpoint", "small-cae", "-o", str(tmp_path / precision), "--precision", precision])
            == 0
        )
    sizes = [report(tmp_path / precision)["bytes"] for precision in ("fp32", "fp16")]
    assert sizes[1] < 0.6 * sizes[0]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--prune", "0.95"], "do not hold"),
        (["--prune", "1"], "between 0 and 1"),
        (["--format", "torchscript", "--precision", "int8"], "choose the format onnx"),
    ],
)
def test_what_does_not_hold_is_refused_in_a_line_and_leaves_nothing(options, told, shipped_small, tmp_path, capsys):
    assert main(["export", "--checkpoint", "small-cnn", "-o", str(tmp_path / "out"), *options]) == 1
    output = capsys.readouterr()
    assert told in output.err and output.err.count("\n") == 1 and output.out == ""
    assert list(tmp_path.iterdir()) == []


def test_force_writes_it_and_says_that_it_does_not_hold(shipped_small, out, capsys):
    assert (
        main(
            ["export", "--checkpoint", "small-cnn", "-o", str(out), "--prune", "0.95", "--precision", "int8", "--force"]
        )
        == 0
    )
    told = report(out)
    assert not told["holds"] and told["difference"] > told["tolerance"]
    assert "do not hold" in capsys.readouterr().out
    assert np.isfinite(raw_scores(out, load_detector("small-cnn"))).all()


def test_pruning_leaves_the_detector_as_it_is_and_compresses(shipped_small, out):
    detector = load_detector("small-cae")
    assert main(["export", "--checkpoint", "small-cae", "-o", str(out), "--prune", "0.9", "--force"]) == 0
    assert report(out)["bytes_compressed"] < 0.3 * report(out)["bytes"]
    again = load_detector("small-cae").network.state_dict()
    assert all(torch.equal(again[key], value) for key, value in detector.network.state_dict().items())


def test_scores_are_compared_on_recordings_too(shipped_small, speech, out, tmp_path):
    soundfile.write(tmp_path / "voice.wav", np.tile(speech, 2), 16000)
    assert main(["export", "--checkpoint", "small-cnn", "-o", str(out), "--clip", str(tmp_path / "voice.wav")]) == 0
    assert report(out)["windows"] == 3 + 3


def test_a_folder_that_holds_something_is_not_written_over(shipped_small, out, capsys):
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    assert main(["export", "--checkpoint", "small-cnn", "-o", str(out)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["mine.txt"]
