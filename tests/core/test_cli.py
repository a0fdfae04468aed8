"""The command line: what it prints, where, and with which exit status."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from core.cli import main

REPOSITORY = Path(__file__).resolve().parents[2]
RATE = 16000


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m core`` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "core", *map(str, arguments)],
        cwd=REPOSITORY, capture_output=True, text=True, env={**os.environ, **environment}, timeout=600,
    )  # fmt: skip


@pytest.fixture
def voice(speech, tmp_path):
    path = tmp_path / "voice.wav"
    soundfile.write(path, speech[: 2 * RATE], RATE, subtype="PCM_16")
    return path


@pytest.fixture
def noise_file(tmp_path):
    path = tmp_path / "broken.wav"
    path.write_bytes(b"RIFF but not audio")
    return path


@pytest.fixture
def manifest(small_corpus):
    return ["--manifest", str(small_corpus / "manifest.csv"), "--root", str(small_corpus), "--split", "eval"]


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


def test_evaluate_prints_one_table_of_all_detectors_and_keeps_the_run(shipped_small, manifest, tmp_path, capsys):
    from core.results.store import read_run

    assert main(["evaluate", *manifest, "-o", str(tmp_path / "run"), "--resamples", "20"]) == 0
    output = capsys.readouterr()
    head, *rows = output.out.split("\n\n")[0].splitlines()
    for word in ("detector", "all", "seen attacks", "unseen attacks", "published"):
        assert word in head
    assert sorted(row.split()[0] for row in rows) == ["panel", "small-cae", "small-cnn"]
    for counts in ("all 6 bona fide and 6 spoofed", "seen attacks 6 bona fide and 3 spoofed", "published 3 bona fide"):
        assert counts in output.out
    assert "The panel on all clips: AUC" in output.out
    assert "scored 12 clips with 2 detectors; 0 scores were there already" in output.err
    assert "12 clips scored, 0 not. Run:" in output.out
    kept = read_run(tmp_path / "run")
    assert len(kept.clips) == 12
    assert kept.manifest["corpus"]["split"] == "eval"
    # "Test" is another word for this split, and no other run.
    assert main(["evaluate", *manifest[:-1], "Test", "-o", str(tmp_path / "run"), "--resamples", "20", "--full"]) == 0
    output = capsys.readouterr()
    assert "scored 0 clips with 0 detectors; 24 scores were there already" in output.err
    blocks = output.out.split("\n\n")
    assert [block.split("\n")[0] for block in blocks[:3]] == ["small-cae", "small-cnn", "panel"]
    assert all("min_dcf" in block for block in blocks[:3])


def test_evaluate_prints_json_of_the_same_figures_and_scores_once(
    shipped_small, manifest, tmp_path, monkeypatch, capsys
):
    from sklearn.metrics import roc_auc_score

    from core.detectors.detector import Detector
    from core.results.store import read_run

    monkeypatch.setenv("SPOOFSCOPE_DATA", str(tmp_path / "data"))
    asked = ["evaluate", *manifest, "--json", "--resamples", "20", "--executor", "local"]
    assert main(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert Path(told["run"]).parent == tmp_path / "data/runs"
    kept = read_run(told["run"])
    assert set(told["figures"]) == {"small-cae", "small-cnn", "panel"}
    rows = {row["slice"]: row for row in told["figures"]["panel"]}
    assert list(rows) == ["all", "seen attacks", "unseen attacks", "published"]
    assert (rows["all"]["n_bonafide"], rows["all"]["n_spoof"]) == (6, 6)
    assert (rows["seen attacks"]["n_spoof"], rows["unseen attacks"]["n_spoof"]) == (3, 3)
    assert (rows["published"]["n_bonafide"], rows["published"]["n_spoof"]) == (3, 3)
    auc = roc_auc_score(kept.panel["label"] == "bonafide", kept.panel["score"])
    assert rows["all"]["auc"] == pytest.approx(auc)
    assert {"eer", "eer_low", "eer_high", "min_dcf", "act_dcf", "cllr"} <= set(rows["all"])
    monkeypatch.setattr(Detector, "score", lambda *_: 1 / 0)
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out) == told


def evaluated(small_corpus, rows, folder, *options):
    """Evaluate some rows of the small corpus, with the rest in another split and its files away."""
    table = pd.read_csv(small_corpus / "manifest.csv")
    table.loc[~table.index.isin(rows), ["split", "path"]] = ["train", "away.flac"]
    table.to_csv(folder / "some.csv", index=False)
    asked = ["--manifest", str(folder / "some.csv"), "--root", str(small_corpus), "--split", "eval"]
    options = ("--executor", "local", *options)
    return main(["evaluate", *asked, "-o", str(folder / "run"), "--checkpoint", "small-cnn", *options])


def test_evaluate_reads_and_counts_its_split_alone(shipped_small, small_corpus, tmp_path, capsys):
    assert evaluated(small_corpus, range(6), tmp_path, "--resamples", "0") == 0
    output = capsys.readouterr()
    assert "6 clips scored, 0 not" in output.out
    needs, scored = output.err.splitlines()
    assert needs.startswith("6 clips, 5 s of sound, 1 detector: roughly ") and needs.endswith(" GB are free.")
    assert scored == "scored 6 clips with 1 detector; 0 scores were there already"


@pytest.mark.parametrize(("rows", "counts"), [([0, 2, 4], "3 bona fide and 0 spoofed"), ([1], "0 bona fide and 1 sp")])
def test_evaluate_gives_the_reason_for_a_row_of_dashes(rows, counts, shipped_small, small_corpus, tmp_path, capsys):
    assert evaluated(small_corpus, rows, tmp_path, "--resamples", "10") == 0
    output = capsys.readouterr().out
    assert "No error rate can be given: it takes at least two clips of each class" in output
    assert counts in output
    assert f"{len(rows)} clip{'s' * (len(rows) > 1)} scored, 0 not" in output


def test_evaluate_takes_any_folder_and_counts_verdicts_where_there_are_no_labels(
    shipped_small, small_corpus, tmp_path, capsys
):
    folder = tmp_path / "talks"
    folder.mkdir()
    for number in range(3):
        shutil.copy(small_corpus / f"clip-0{number}.flac", folder)
    asked = ["evaluate", str(folder), "-o", str(tmp_path / "run"), "--checkpoint", "small-cnn", "--resamples", "0"]
    assert main([*asked, "--executor", "local"]) == 0
    out, err = capsys.readouterr()
    assert "These clips have no labels" in out and "The panel's verdicts: " in out
    assert "0 bona fide and 0 spoofed" in out and "3 clips scored, 0 not." in out
    assert "3 clips, " in err and "are free" in err
    assert main([*asked, "--manifest", "m.csv", "--root", "."]) == 1
    assert "Name one of both" in capsys.readouterr().err


def test_evaluate_scores_several_corpora_as_one(shipped_small, small_corpus, tmp_path, capsys):
    asked = ["--split", "eval", "-o", str(tmp_path / "run"), "--checkpoint", "small-cnn", "--json", "--resamples", "0"]
    asked += ["--executor", "local"]
    for number, rows in enumerate((slice(0, 5), slice(3, 8))):
        root = tmp_path / f"corpus-{number}"
        shutil.copytree(small_corpus, root)
        pd.read_csv(root / "manifest.csv")[rows].to_csv(root / "manifest.csv", index=False)
        asked += ["--manifest", str(root / "manifest.csv"), "--root", str(root)]
    assert main(["evaluate", *asked]) == 0
    output = json.loads(capsys.readouterr().out)
    paths = pd.read_parquet(next((tmp_path / "run").rglob("clips.parquet")))["path"].tolist()
    # Rows 3 and 4 stand in both corpora and are scored once.
    assert paths == [f"corpus-0/clip-{n:02d}.flac" for n in range(5)] + [
        f"corpus-1/clip-{n:02d}.flac" for n in range(5, 8)
    ]
    assert output["figures"]


def test_evaluate_refuses_a_split_that_is_empty(shipped_small, manifest, tmp_path, capsys):
    assert main(["evaluate", *manifest[:-1], "hidden", "-o", str(tmp_path / "run")]) == 1
    assert "no row in the split 'hidden': choose one of eval (12 rows)" in capsys.readouterr().err


@pytest.fixture
def leaking(small_corpus, tmp_path):
    table = pd.read_csv(small_corpus / "manifest.csv")
    table.loc[:5, "split"] = "train"
    table.loc[7, "source"] = table.loc[2, "source"]
    table.to_csv(tmp_path / "leaking.csv", index=False)
    return tmp_path / "leaking.csv"


def test_audit_finds_leakage_and_fix_ends_it(leaking, small_corpus, tmp_path, capsys):
    fixed = tmp_path / "fixed.csv"
    # By bytes and names: by their sound all clips of the small corpus are of one recording.
    asked = ["audit", "--root", str(small_corpus), "--quick", "--manifest"]
    assert main([*asked, str(leaking), "--fix", str(fixed)]) == 1
    out = capsys.readouterr().out
    assert "leak: same-source recording-2 in train, eval: clip-02.flac, clip-07.flac" in out
    assert "Something leaks" in out
    corrected = pd.read_csv(fixed)
    assert set(pd.read_csv(leaking)["path"]) - set(corrected["path"]) == {"clip-07.flac"}
    assert main([*asked, str(fixed)]) == 0
    assert "Nothing leaks" in capsys.readouterr().out


def test_audit_of_rows_that_are_all_bad_is_no_clean_bill(small_corpus, tmp_path, capsys):
    table = pd.read_csv(small_corpus / "manifest.csv")
    table.assign(path="gone-" + table["path"]).to_csv(tmp_path / "bad.csv", index=False)
    asked = ["audit", "--manifest", str(tmp_path / "bad.csv"), "--root", str(small_corpus)]
    assert main(asked) == 1
    out = capsys.readouterr().out
    assert "No row could be compared, 12 could not be: row 1, there is no such file." in out
    assert "Nothing leaks" not in out
    assert main([*asked, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["compared"], len(told["left_out"])) == (0, 12)


def test_audit_says_that_one_split_has_nothing_to_leak_into(small_corpus, capsys):
    asked = ["audit", "--manifest", str(small_corpus / "manifest.csv"), "--root", str(small_corpus)]
    assert main(asked) == 0
    assert "All of them are in the split eval: there is no other split that could leak." in capsys.readouterr().out


def test_audit_writes_parquet_when_asked(leaking, small_corpus, tmp_path):
    fixed = tmp_path / "fixed.parquet"
    assert main(["audit", "--quick", "--manifest", str(leaking), "--root", str(small_corpus), "--fix", str(fixed)]) == 1
    assert len(pd.read_parquet(fixed)) == 11
    assert main(["audit", "--quick", "--manifest", str(fixed), "--root", str(small_corpus)]) == 0


def test_list_names_what_ships_and_what_can_be_trained(shipped_small, monkeypatch, capsys):
    monkeypatch.setenv("SPOOFSCOPE_ENGINE", "auto")
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    for told in ("small-cae  (cae-lfcc,", "resnet18-mel", "trained on made up: 1 bona fide, 1 spoofs by 1 systems"):
        assert told in out
    assert main(["list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"aasist", "cae-lfcc", "cnn2d-lfcc"} <= set(told["registered"])
    assert [about["name"] for about in told["shipped"]] == ["small-cae", "small-cnn"]
    small = told["shipped"][1]
    assert small["training"] | {"corpus": "made up", "n_systems": 1, "steps": 0} == small["training"]
    assert small["size_bytes"] == (shipped_small / "small-cnn/model.safetensors").stat().st_size
    assert len(small["sha256"]) == 64 and small["dev"] is None
    assert small["engine"].startswith("onnx")


def test_list_has_the_development_figures(capsys):
    from core.detectors import checkpoint

    assert main(["list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["shipped"]
    assert [about["name"] for about in told] == checkpoint.shipped() != []
    assert all(0 < about["dev"]["eer"] < 0.5 < about["dev"]["auc"] <= 1 for about in told)


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
