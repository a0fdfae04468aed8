"""The score files that the public anti-spoofing arena takes, from a corpus as it was downloaded to the last line."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import soundfile

from core.analysis.calibration import Calibration
from core.analysis.combination import Combination
from core.analysis.verdict import Decision
from core.cli import main
from core.corpus.reader import READERS
from core.detectors import checkpoint
from core.fusion import Fusion
from core.results.arena import utterances
from core.results.store import read_run

RATE = 16000


def laid_out(name, root, speech):
    """Lay out a reader's example with sound in place of each recording."""
    for number, (path, text) in enumerate(READERS.get(name).example().items()):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            sound = np.roll(speech, 1000 * number)[: 2 * RATE]
            soundfile.write(root / path, sound, RATE, subtype="PCM_16")
        else:
            (root / path).write_text(f"{text}\n", encoding="utf-8")
    return root


def as_the_arena_reads(path):
    """Parse a score file as ``speech_spoof_bench reproduce`` does: two words a line, the second a number."""
    scores = {}
    for line in path.read_text().splitlines():
        utterance, score = line.split()
        scores[utterance] = float(score)
    return scores


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("in-the-wild", {"ITW_0": "spoof", "ITW_1": "bonafide"}),
        ("asvspoof5", {"E_1": "spoof", "E_2": "bonafide"}),
        ("asvspoof2019-la", None),
    ],
)
def test_two_commands_lead_from_a_download_to_score_files(name, expected, shipped_small, speech, tmp_path, capsys):
    root = laid_out(name, tmp_path / name, speech)
    manifest = str(tmp_path / "corpus.csv")
    assert main(["corpus", str(root), "-o", manifest]) == 0
    asked = ["evaluate", "--manifest", manifest, "--root", str(root), "--split", "eval", "-o", str(tmp_path / "run")]
    asked += ["--executor", "local"]
    assert main([*asked, "--resamples", "0"]) == 0
    run = read_run(tmp_path / "run")
    assert sorted(path.name for path in (tmp_path / "run/scores").iterdir()) == [
        "panel.txt", "small-cae.txt", "small-cnn.txt",
    ]  # fmt: skip
    assert str(tmp_path / "run/scores") in capsys.readouterr().out
    for file, table in [("panel", run.panel), ("small-cnn", run.scores[run.scores["detector"] == "small-cnn"])]:
        scores = as_the_arena_reads(tmp_path / f"run/scores/{file}.txt")
        np.testing.assert_allclose(list(scores.values()), table["score"], atol=1e-6)
        if expected is not None:
            assert dict(zip(scores, table["label"], strict=True)) == expected
        else:
            assert all(utterance.startswith("LA_E_") and "." not in utterance for utterance in scores)


def test_the_panel_alone_can_be_asked_for(small_checkpoints, small_corpus, tmp_path, monkeypatch):
    shipped = tmp_path / "shipped"
    shutil.copytree(small_checkpoints, shipped)
    fusion = Fusion(Combination({"small-cnn": 1.0}), Calibration(slope=1.0, intercept=0.0), Decision())
    (shipped / "panel.json").write_text(json.dumps(fusion.to_json()))
    monkeypatch.setattr(checkpoint, "SHIPPED", shipped)
    asked = ["--manifest", str(small_corpus / "manifest.csv"), "--root", str(small_corpus), "--split", "eval"]
    asked += ["--resamples", "0", "--executor", "local", "-o", str(tmp_path / "run")]
    assert main(["evaluate", *asked, "--panel"]) == 0
    assert read_run(tmp_path / "run").detectors == ["small-cnn"]
    assert set(as_the_arena_reads(tmp_path / "run/scores/panel.txt")) == {f"clip-{n:02d}" for n in range(12)}
    shutil.rmtree(tmp_path / "run/scores")
    assert main(["evaluate", *asked, "--no-scores"]) == 0
    assert read_run(tmp_path / "run").detectors == ["small-cae", "small-cnn"]
    assert not (tmp_path / "run/scores").exists()
    assert set(read_run(tmp_path / "run").clips["language"]) == {"-"}


def clips(paths, dataset="-"):
    return pd.DataFrame({"path": paths, "dataset": dataset})


def test_no_two_clips_are_one_utterance_and_none_holds_a_blank():
    assert utterances(clips(["a/x.wav", "b/y.y.flac"])) == ["x", "y.y"]
    assert utterances(clips(["a/x.wav", "b/x.wav"])) == ["a/x", "b/x"]
    assert utterances(clips(["a/x.wav", "a/x.flac"])) == ["a/x.wav", "a/x.flac"]
    assert utterances(clips(["my call.wav", "my\tcall.wav"])) == ["my%20call", "my%09call"]
    assert utterances(clips(["0.wav"], "In-the-Wild")) == ["ITW_0"]
