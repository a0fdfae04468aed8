import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from core.cli import main
from core.results.queries import decision_of
from core.review.exchange import judgement_table
from core.review.judged import clips_key_of
from core.review.judgement import judged_now
from core.review.store import reviews_of
from core.usecases import reference_run
from tests.dashboard.synthetic_run import synthetic_clips, synthetic_run


def test_judgements_are_merged_counted_and_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SPOOFSCOPE_DATA", str(tmp_path / "data"))
    run = synthetic_run(tmp_path / "run", synthetic_clips(8))
    key, paths = clips_key_of(run), run.clips["path"]
    mine = [judged_now(key, path, "spoof", reviewer="Ada", blind=True) for path in paths[:4]]
    theirs = [judged_now(key, path, answer, reviewer="Bob", blind=True) for path, answer in zip(
        paths[2:6], ("spoof", "bonafide", "unsure", "spoof"), strict=True)]  # fmt: skip
    for one in mine:
        reviews_of(key).add(one)
    other = tmp_path / "bob.csv"
    judgement_table(theirs).to_pandas().to_csv(other, index=False)
    asked = ["review", str(run.folder), "--merge", str(other), "-o", str(tmp_path / "all.parquet"), "--json"]
    assert main(asked) in (0, None)
    printed = json.loads(capsys.readouterr().out)
    assert printed["reviewers"] == {"Ada": {"spoof": 4}, "Bob": {"spoof": 2, "bonafide": 1, "unsure": 1}}
    assert printed["agreement"]["clips"] == 2
    assert len(pd.read_parquet(tmp_path / "all.parquet")) == 8
    assert main(["review", str(run.folder)]) in (0, None)
    assert "Ada: 4 spoof\nBob: 1 bonafide, 2 spoof, 1 unsure\nKrippendorff" in capsys.readouterr().out


def test_a_clip_is_described_as_it_sounds_and_as_each_voter_scores_it(
    tmp_path: Path, speech: np.ndarray, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run, document = reference_run(), tmp_path / "d.md"
    clip = str(run.column("path").iloc[0])
    (tmp_path / clip).parent.mkdir(parents=True)
    soundfile.write(tmp_path / clip, speech[:16_000], 16_000)
    monkeypatch.setenv("SPOOFSCOPE_CORPUS", str(tmp_path))
    document.write_text("<!-- examined:start -->\nold\n<!-- examined:end -->\n")
    asked = ["review", str(run.folder), "--examine", clip, "--voter", "cnn2d-mel", "--write", str(document)]
    assert main(asked) in (0, None)
    text = capsys.readouterr().out
    llr, decision = float(run.llr("cnn2d-mel")[0]), decision_of(run, "cnn2d-mel")
    vote = "spoof" if llr < decision.spoof_below else "bona fide" if llr > decision.bonafide_above else "not sure"
    assert text.startswith(f"**`{clip}`**: ")
    for words in ("*Sound:* 0.", f"votes **{vote}** (llr {llr:+.1f})", "Nearest: ", "Telephone band "):
        assert words in text, words
    assert text.strip() in document.read_text()
    assert main(["review", str(run.folder), "--examine", "no/such.flac"]) == 1
    assert "is no clip of this run" in capsys.readouterr().err
