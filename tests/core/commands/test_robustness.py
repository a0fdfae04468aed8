"""``robustness``: what is tried on a recording, and what is not where nobody speaks in it."""

import json

import numpy as np
import soundfile

from core.cli import main
from core.speech import speech_seconds

RATE = 16000


def test_robustness_tries_a_verdict(shipped_small, voice, capsys):
    asked = ["robustness", str(voice), "--checkpoint", "small-cnn", "--processing", "low-pass", "--no-flip"]
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in found["held"]] == ["low-pass"] and found["flip"] is None
    assert main(asked) == 0
    assert "The clip as it is: " in capsys.readouterr().out


def test_robustness_has_no_verdict_to_try_where_nobody_speaks(shipped_small, tmp_path, capsys):
    noise = (0.05 * np.random.default_rng(0).standard_normal(3 * RATE)).astype(np.float32)
    assert speech_seconds(noise) == 0
    path = tmp_path / "noise.wav"
    soundfile.write(path, noise, RATE)
    assert main(["robustness", str(path), "--checkpoint", "small-cnn"]) == 0
    printed = capsys.readouterr().out
    assert "No verdict: no speech was found" in printed and "P(spoof)" not in printed
    assert main(["robustness", str(path), "--checkpoint", "small-cnn", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["held"], found["flip"]) == ([], None) and found["note"].startswith("No verdict")


def test_robustness_finds_no_gate_where_the_page_finds_none(shipped_small, voice, tmp_path, capsys):
    samples, _ = soundfile.read(voice, dtype="float32")
    path = tmp_path / "padded.wav"
    soundfile.write(path, np.pad(samples, 5 * RATE), RATE)
    signs = []
    for each in (voice, path):
        asked = ["robustness", str(each), "--checkpoint", "small-cnn", "--processing", "low-pass", "--no-flip"]
        assert main([*asked, "--json"]) == 0
        signs.append(json.loads(capsys.readouterr().out)["processed"])
    assert signs[0] == signs[1]
