"""``python -m core corpus``: what it writes, what it reports, and what it refuses."""

import json
import os

import numpy as np
import pandas as pd
import pytest
import soundfile

from core.audio.suffixes import AUDIO_SUFFIXES
from core.cli import main
from core.corpus.table import read_corpus

RATE = 16000


@pytest.fixture
def voices(tmp_path, speech):
    """Four recordings in real/ and fake/, of which one is broken."""
    root = tmp_path / "mine"
    for number, name in enumerate(("real/a.wav", "real/b.wav", "fake/world/a.wav")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(root / name, speech[: RATE * (number + 1)], RATE, subtype="PCM_16")
    (root / "fake/world/b.wav").write_bytes(b"RIFF but no sound")
    return root


def test_measuring_fills_in_seconds_and_digest_and_leaves_out_what_is_broken(voices, tmp_path, capsys):
    manifest = tmp_path / "manifest.csv"
    assert main(["corpus", str(voices), "-o", str(manifest), "--measure"]) == 0
    corpus = read_corpus(manifest, voices, verify=True)
    assert corpus.problems == ()
    assert dict(zip(corpus.frame["path"], corpus.frame["seconds"], strict=True)) == {
        "fake/world/a.wav": 3.0, "real/a.wav": 1.0, "real/b.wav": 2.0,
    }  # fmt: skip
    assert corpus.frame["sha256"].str.fullmatch("[0-9a-f]{64}").all()
    output = capsys.readouterr()
    assert "left out: fake/world/b.wav: “b.wav”" in output.err
    assert "folders: 3 clips, 1 systems, 1 left out." in output.out


def test_without_measuring_nothing_is_opened(voices, tmp_path):
    manifest = tmp_path / "manifest.csv"
    assert main(["corpus", str(voices), "-o", str(manifest)]) == 0
    table = pd.read_csv(manifest)
    assert len(table) == 4 and set(table["seconds"]) == set(table["sha256"]) == {"-"}


def test_a_format_that_is_named_is_not_guessed(made_up, tmp_path, capsys):
    root = made_up("fake-or-real")
    manifest = tmp_path / "manifest.csv"
    assert main(["corpus", str(root), "--format", "folders", "-o", str(manifest)]) == 0
    assert "folders: 6 clips" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "reported"),
    [
        (["corpus", "nowhere", "-o", "m.csv"], "nowhere is not a folder"),
        (["corpus", ".", "-o", "m.csv"], "none of the layouts"),
        (["corpus", ".", "--format", "nothing", "-o", "m.csv"], "No corpus format is called 'nothing'; there"),
        (["corpus", ".", "--format", "wavefake", "-o", "m.csv"], "no clip that wavefake could list: it needs folders"),
        (["corpus", ".", "-o", "m.csv"], "in-the-wild needs meta.csv with the columns file, speaker and label"),
        (["corpus", ".", "-o", "m.parquet"], "call it m.csv"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_written(arguments, reported, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    output = capsys.readouterr()
    assert output.err.startswith("Error: ") and reported in output.err and output.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_no_text_are_counted_and_cannot_speak_to_the_terminal(voices, tmp_path, capsys):
    (voices / "real" / os.fsdecode(b"\xff.wav")).write_bytes(b"sound")
    (voices / "real" / "c\x1b[2J.wav").touch()
    assert main(["corpus", str(voices), "-o", str(tmp_path / "m.csv")]) == 0
    output = capsys.readouterr()
    assert "1 file is left out: the name is no text" in output.err
    assert "\x1b" not in output.err and "c\ufffd[2J.wav: the file is empty" in output.err


def test_scores_can_be_evaluated_on_what_was_written(shipped_small, tmp_path, speech, capsys):
    root = tmp_path / "mine"
    rng = np.random.default_rng(3)
    for number in range(12):
        path = root / f"test/{'fake' if number % 2 else 'real'}/{number}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.roll(speech, 900 * number)[:16000] + rng.normal(0, 0.01, 16000), RATE)
    manifest = tmp_path / "manifest.csv"
    assert main(["corpus", str(root), "-o", str(manifest)]) == 0
    asked = ["evaluate", "--manifest", str(manifest), "--root", str(root), "--split", "eval"]
    asked += ["--executor", "local"]
    assert main([*asked, "-o", str(tmp_path / "run"), "--resamples", "20"]) == 0
    assert "12 clips scored, 0 not" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", sorted(AUDIO_SUFFIXES))
def test_every_kind_of_recording_that_is_read_is_listed(suffix, tmp_path):
    for name in ("real/a", "fake/world/a"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / f"{name}{suffix.upper()}").write_text(name)
    assert main(["corpus", str(tmp_path), "-o", str(tmp_path / "m.csv")]) == 0
    assert len(pd.read_csv(tmp_path / "m.csv")) == 2


def test_sound_that_is_not_read_is_counted_and_listed(voices, tmp_path, capsys):
    for number in range(7):
        (voices / f"real/{number}.{'mid' if number else 'DFF'}").write_text("sound")
    (voices / "real/cover.jpg").write_text("no sound")
    assert main(["corpus", str(voices), "-o", str(tmp_path / "m.csv")]) == 0
    errors = capsys.readouterr().err
    assert "7 files are left out, in formats that are not read (.dff, .mid): real/0.DFF, real/1.mid, " in errors
    assert "Convert what is needed to WAV or FLAC" in errors and "cover.jpg" not in errors


def test_one_class_alone_is_warned_of(voices, tmp_path, capsys):
    import shutil

    shutil.rmtree(voices / "fake")
    assert main(["corpus", str(voices), "-o", str(tmp_path / "m.csv")]) == 0
    assert "warning: There is no spoof clip." in capsys.readouterr().err


def test_json_holds_what_the_table_shows(voices, tmp_path, capsys):
    assert main(["corpus", str(voices), "-o", str(tmp_path / "m.csv"), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["format"], printed["clips"], printed["systems"]) == ("folders", 4, ["world"])
    assert sum(sum(counts.values()) for counts in printed["splits"].values()) == 4


def test_a_list_whose_every_row_is_left_out_is_refused_with_the_reason(made_up, tmp_path, capsys):
    root = made_up("in-the-wild")
    table = root / "release_in_the_wild/meta.csv"
    table.write_text(table.read_text().replace("bona-fide", "1").replace("spoof", "0"))
    assert main(["corpus", str(root), "-o", str(tmp_path / "m.csv")]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert "every row was left out, the first because of this: The label '0' is a number" in last
    assert not (tmp_path / "m.csv").exists()
