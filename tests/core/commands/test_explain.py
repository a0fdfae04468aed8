"""``explain``: what is written of a map, and what is not where it would be worth nothing."""

import dataclasses
import json

import numpy as np
import soundfile

from core.cli import main

RATE = 16000
EXPLAINED = ["cues.json", "evidence.wav", "explanation.json", "explanation.npz", "overlay.png", "rest.wav"]


def test_explain_writes_arrays_picture_sentence_and_sound(shipped_small, voice, tmp_path, capsys, monkeypatch):
    _with_check(monkeypatch, faithful=True)
    out = tmp_path / "out"
    assert main(["explain", str(voice), "-o", str(out), "--checkpoint", "small-cnn"]) == 0
    assert sorted(path.name for path in out.iterdir()) == EXPLAINED
    with np.load(out / "explanation.npz", allow_pickle=False) as arrays:
        attribution, times, freqs = arrays["attribution"], arrays["times_s"], arrays["freqs_hz"]
    assert attribution.shape == (len(freqs), len(times)) == (257, 201)
    assert (times[-1], freqs[-1]) == (2.0, 8000.0)
    assert np.isfinite(attribution).all()
    told = json.loads((out / "explanation.json").read_text())
    assert (told["path"], told["detector"]) == (str(voice), "small-cnn")
    printed = capsys.readouterr().out
    assert told["sentence"] in printed and "Most listeners cannot hear" in printed
    assert told["method"]
    places = json.loads((out / "cues.json").read_text())
    assert [place["words"] for place in places][:3] == ["silence", "voiced", "fricative or burst"]
    assert "- voiced: " in printed and all(0 <= place["clip_share"] <= 1 for place in places)
    assert all({"start_s", "end_s", "low_hz", "high_hz", "share"} <= set(region) for region in told["regions"])
    (marked, rate), (rest, _) = (soundfile.read(out / name) for name in ("evidence.wav", "rest.wav"))
    assert (rate, soundfile.info(out / "rest.wav").subtype) == (RATE, "PCM_16")
    original, _ = soundfile.read(voice)
    np.testing.assert_allclose(marked + rest, original, atol=2 / 32768)
    assert (out / "overlay.png").read_bytes().startswith(b"\x89PNG")


def test_explain_writes_no_sound_of_evidence_by_a_map_that_fails_its_check(shipped_small, voice, tmp_path, monkeypatch):
    out, asked = tmp_path / "out", ["explain", str(voice), "--checkpoint", "small-cnn", "-o"]
    _with_check(monkeypatch, faithful=True)
    assert main([*asked, str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == EXPLAINED
    _with_check(monkeypatch, faithful=False)
    # Nor does the sound of an earlier map stay beside it.
    assert main([*asked, str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == [name for name in EXPLAINED if not name.endswith(".wav")]
    written = json.loads((out / "explanation.json").read_text())
    assert written["sentence"].startswith("Not faithful") and written["regions"] == []


def _with_check(monkeypatch, *, faithful):
    from core.explain import base, faithfulness

    def check(*given):
        return dataclasses.replace(faithfulness.check_faithfulness(*given), faithful=faithful)

    monkeypatch.setattr(base, "check_faithfulness", check)


def test_explain_leaves_what_else_is_in_the_folder(shipped_small, voice, tmp_path, monkeypatch):
    _with_check(monkeypatch, faithful=True)
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    for _ in range(2):
        assert main(["explain", str(voice), "-o", str(out), "--checkpoint", "small-cnn"]) == 0
    assert sorted(path.name for path in out.iterdir()) == sorted([*EXPLAINED, "notes.txt"])
    assert (out / "notes.txt").read_text() == "mine"


def test_explain_gives_no_verdict_and_no_place_where_nobody_speaks(shipped_small, tmp_path, capsys):
    noise, out = tmp_path / "noise.wav", tmp_path / "out"
    soundfile.write(noise, np.random.default_rng(0).normal(0, 0.05, 4 * RATE), RATE)
    assert main(["explain", str(noise), "-o", str(out), "--checkpoint", "small-cnn"]) == 0
    written, printed = json.loads((out / "explanation.json").read_text()), capsys.readouterr().out
    assert written["verdict"] is None and written["regions"] == []
    assert printed.startswith("No verdict: no speech was found in this clip.")
    assert not any(words in printed.lower() for words in ("probably", "evidence for spoof", "faithful", "voiced"))
    assert sorted(path.name for path in out.iterdir()) == ["explanation.json", "explanation.npz", "overlay.png"]


def test_explain_names_the_methods_it_has(shipped_small, voice, tmp_path, capsys):
    asked = ["explain", str(voice), "-o", str(tmp_path / "out"), "--checkpoint", "small-cnn", "--method", "guessing"]
    assert main(asked) == 1
    assert "'guessing'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
