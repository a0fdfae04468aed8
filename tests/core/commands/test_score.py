"""``score``: what it prints, where, when, and with which exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.cli import main

REPOSITORY = Path(__file__).resolve().parents[3]


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m core`` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "core", *map(str, arguments)],
        cwd=REPOSITORY, capture_output=True, text=True, env={**os.environ, **environment}, timeout=600,
    )  # fmt: skip


def test_a_refused_file_has_its_error_and_the_others_are_scored(small_checkpoints, voice, noise_file, tmp_path):
    missing = tmp_path / "missing.flac"
    chosen = ["--checkpoint", small_checkpoints / "small-cnn", "--checkpoint", small_checkpoints / "small-cae"]
    done = run("score", noise_file, voice, missing, "--json", *chosen)
    assert done.returncode == 1
    broken, scored, absent = json.loads(done.stdout)
    assert [answer["path"] for answer in (broken, scored, absent)] == [str(noise_file), str(voice), str(missing)]
    assert "broken.wav" in broken["error"]
    assert "missing.flac" in absent["error"]
    assert broken["score"] is absent["score"] is scored["error"] is None
    assert set(scored["detectors"]) == {"small-cnn", "small-cae"}
    assert 0 < scored["p_spoof"] < 1
    assert scored["decode"]["duration_s"] == pytest.approx(2)
    assert "Traceback" not in done.stderr


def test_scoring_loads_nothing_that_it_does_not_need(small_checkpoints, voice):
    heavy = ["captum", "gradio", "librosa", "lightning", "matplotlib", "plotly", "umap"]
    code = (
        "import sys; from core.cli import main;"
        f"status = main(['score', {str(voice)!r}, '--json', '--checkpoint', {str(small_checkpoints / 'small-cnn')!r}]);"
        f"loaded = [name for name in {heavy} if name in sys.modules];"
        "sys.exit(f'loaded: {loaded}' if loaded else status)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_table_has_a_row_for_each_file_and_detector(shipped_small, voice, noise_file, capsys):
    assert main(["score", str(voice), str(noise_file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["verdict", "P(spoof)", "score", "scored", "file"]
    assert lines[1].endswith(str(voice))
    assert "2.00 s" in lines[1]
    assert [line.split()[-1] for line in lines[2:4]] == ["small-cae", "small-cnn"]
    assert lines[4].startswith("not scored")
    assert len(lines) == 5


def test_a_files_name_cannot_control_the_terminal(shipped_small, tmp_path, capsys):
    main(["score", str(tmp_path / "a\x1b[2Jb.wav")])
    assert "\x1b" not in capsys.readouterr().out


def test_a_files_name_may_be_bytes_that_are_no_text(shipped_small, voice, tmp_path, capsys):
    odd = tmp_path / os.fsdecode(b"a\xffb.wav")
    odd.write_bytes(voice.read_bytes())
    asked = ["score", str(odd), "--checkpoint", "small-cnn"]
    assert main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["path"] == str(odd)
    assert main(asked) == 0
    assert main(["explain", str(odd), "-o", str(tmp_path / "out"), "--checkpoint", "small-cnn"]) == 0
    assert json.loads((tmp_path / "out/explanation.json").read_text())["path"] == str(odd)


def test_onnx_runtime_is_what_scores_and_agrees_with_pytorch(shipped_small, voice, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SPOOFSCOPE_CACHE", str(tmp_path / "cache"))
    scored = {}
    for engine in ("auto", "eager"):
        monkeypatch.setenv("SPOOFSCOPE_ENGINE", engine)
        assert main(["score", str(voice), "--json"]) == 0
        output = capsys.readouterr()
        assert output.err == ""
        scored[engine] = json.loads(output.out)[0]["detectors"]
    assert len(list((tmp_path / "cache/onnx").glob("*.onnx"))) == 2
    for name in ("small-cae", "small-cnn"):
        assert scored["auto"][name]["score"] == pytest.approx(scored["eager"][name]["score"], abs=1e-4)


def test_a_file_is_printed_as_soon_as_it_is_scored(shipped_small, voice, capsys, monkeypatch):
    from core import usecases

    analyse, printed = usecases.analyse_clip, []

    def watched(clip, panel, **named):
        printed.append(capsys.readouterr().out)
        return analyse(clip, panel, **named)

    monkeypatch.setattr(usecases, "analyse_clip", watched)
    second = voice.with_name("second.wav")
    second.write_bytes(voice.read_bytes())
    assert main(["score", str(voice), str(second), "--jsonl", "--checkpoint", "small-cnn"]) == 0
    assert [json.loads(line)["path"] for line in printed[1].splitlines()] == [str(voice)]
    assert [json.loads(line)["path"] for line in capsys.readouterr().out.splitlines()] == [str(second)]


def test_a_line_is_in_the_file_before_the_next_recording_is_scored(shipped_small, voice, tmp_path, monkeypatch):
    from core import usecases

    analyse, written, lines = usecases.analyse_clip, [], tmp_path / "scores.jsonl"

    def watched(clip, panel, **named):
        written.append(lines.read_text())
        return analyse(clip, panel, **named)

    monkeypatch.setattr(usecases, "analyse_clip", watched)
    second, broken = voice.with_name("second.wav"), voice.with_name("broken.wav")
    second.write_bytes(voice.read_bytes())
    broken.write_bytes(b"RIFF but not audio")
    with lines.open("w") as output:
        # Buffered as a pipe is: what was not flushed would be lost with the process.
        monkeypatch.setattr(sys, "stdout", output)
        status = main(["score", str(voice), str(broken), str(second), "--jsonl", "--checkpoint", "small-cnn"])
    assert [json.loads(line)["path"] for line in written[1].splitlines()] == [str(voice), str(broken)]
    assert [bool(json.loads(line)["error"]) for line in lines.read_text().splitlines()] == [False, True, False]
    assert status == 1


@pytest.fixture
def paragraphs(monkeypatch):
    """Facts without a map and without what the file states of itself: both take their time."""
    from core.words import facts_of

    monkeypatch.setattr("core.words.whole_facts", lambda analysis, panel, path: facts_of(analysis, panel))


def test_a_paragraph_is_printed_in_the_language_that_is_asked_for(
    paragraphs, shipped_small, voice, noise_file, capsys
):
    asked = ["score", str(voice), str(noise_file), "--checkpoint", "small-cnn", "--words"]
    assert main([*asked, "de"]) == 1
    first, refused = capsys.readouterr().out.split("\n\n")
    assert "„voice.wav“, einer Aufnahme mit einer Dauer von 2,0 Sekunden" in first
    assert "broken.wav" in refused and "not scored" in refused
    assert main([*asked, "en", "--jsonl"]) == 1
    words = json.loads(capsys.readouterr().out.splitlines()[0])["words"]
    assert (words["language"], words["text"]) == ("en", " ".join(each["text"] for each in words["sentences"]))
    used = {fact["fact"]: fact["value"] for each in words["sentences"] for fact in each["facts"]}
    assert used["duration_s"] == 2.0 and used["members[0].name"] == "small-cnn"


def test_a_language_without_texts_is_refused_before_anything_is_scored(shipped_small, voice, capsys):
    assert main(["score", str(voice), "--words", "tlh"]) == 1
    printed = capsys.readouterr()
    assert printed.out == "" and "choose one of de, en" in printed.err


@pytest.mark.parametrize("form", ["--json", "--jsonl"])
def test_what_is_scored_is_not_lost_when_it_is_interrupted(form, shipped_small, voice, capsys, monkeypatch):
    from core import usecases

    analyse, calls = usecases.analyse_clip, []

    def interrupted(clip, panel, **named):
        calls.append(clip)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return analyse(clip, panel, **named)

    monkeypatch.setattr(usecases, "analyse_clip", interrupted)
    second = voice.with_name("second.wav")
    second.write_bytes(voice.read_bytes())
    assert main(["score", str(voice), str(second), form, "--checkpoint", "small-cnn"]) == 130
    answers = json.loads(capsys.readouterr().out)
    assert [answer["path"] for answer in ([answers] if form == "--jsonl" else answers)] == [str(voice)]


def test_folders_and_patterns_are_taken_and_sound_that_is_not_read_is_reported(shipped_small, voice, tmp_path, capsys):
    folder = tmp_path / "calls"
    (folder / "deep").mkdir(parents=True)
    for name in ("b.wav", "deep/a.oga", "deep/c.WAV"):
        (folder / name).write_bytes(voice.read_bytes())
    for name in ("notes.txt", "music.dff"):
        (folder / name).write_text("not read")
    asked = ["--jsonl", "--checkpoint", "small-cnn"]
    assert main(["score", str(folder), str(folder / "*.wav"), *asked]) == 0
    output = capsys.readouterr()
    paths = [Path(json.loads(line)["path"]).relative_to(folder).as_posix() for line in output.out.splitlines()]
    assert paths == ["b.wav", "deep/a.oga", "deep/c.WAV"]
    assert "1 file is left out, in formats that are not read (.dff): music.dff." in output.err
    assert "notes.txt" not in output.err
    (folder / "empty").mkdir()
    assert main(["score", str(folder / "empty"), *asked]) == 1
    assert "holds no recording" in capsys.readouterr().err
