"""``panel``: files in, figures out; exit status 3 for a file that covers too little."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cli import main
from core.usecases import reference_run

LABELS = ["bonafide"] * 200 + ["spoof"] * 200
SCORES = np.where(np.array(LABELS) == "bonafide", 1.0, -1.0) + np.random.default_rng(0).normal(size=400)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Two complete files, one with labels, and one that lacks a tenth of the clips."""
    key = "".join(f"c{n} - {label} {score}\n" for n, (label, score) in enumerate(zip(LABELS, SCORES, strict=True)))
    (tmp_path / "key.txt").write_text(key)
    (tmp_path / "turned.csv").write_text("id,score\n" + "".join(f"c{n}.wav,{-s}\n" for n, s in enumerate(SCORES)))
    (tmp_path / "short.txt").write_text("".join(f"c{n} {s}\n" for n, s in enumerate(SCORES) if n % 10))
    return [str(tmp_path / name) for name in ("key.txt", "turned.csv", "short.txt")]


def test_files_are_compared(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["panel", *files[:2], "--json", "--html", str(tmp_path / "p.html")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [file["polarity"]["higher"] for file in found["files"]] == ["bona fide", "spoof"]
    assert found["files"][0]["eer"] == found["files"][1]["eer"]
    assert found["effective_voters"] == pytest.approx(1)
    assert found["split"] == 0
    assert "<h2>The files</h2>" in (tmp_path / "p.html").read_text()


def test_a_file_that_covers_too_little_ends_with_three(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["panel", *files]) == 3
    written = capsys.readouterr()
    assert "short covers 90.00 % of the clips" in written.err
    assert "40 missing: c0, c10" in written.out


def test_an_open_polarity_is_asked_for(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["panel", files[1]]) == 1
    assert "--higher turned=spoof" in capsys.readouterr().err
    assert main(["panel", files[1], "--higher", "turned=spoof"]) == 0
    assert main(["panel", files[1], "--protocol", files[0]]) == 0
    assert "higher = spoof" in capsys.readouterr().out


def test_columns_are_corrected(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["panel", files[0], "--columns", "key:score=column 9"]) == 1
    assert "has no column 'column 9'; it has: column 1" in capsys.readouterr().err
    assert main(["panel", files[0], "--columns", "other:score=column 4"]) == 2
    assert main(["panel", files[0], "--columns", "nonsense"]) == 2
    assert main(["panel", files[0], "--higher", "key=up"]) == 2


def test_numbers_of_a_key_mean_what_a_person_states(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"c{n},{int(label == 'spoof')}\n" for n, label in enumerate(LABELS))
    (tmp_path / "truth.csv").write_text(f"clip,target\n{rows}")
    asked = ["panel", files[1], "--protocol", str(tmp_path / "truth.csv")]
    assert main(asked) == 1
    assert "no label in target is bonafide or spoof; it holds 0, 1." in capsys.readouterr().err
    assert main([*asked, "--columns", "truth:bonafide=0"]) == 0
    assert "higher = spoof" in capsys.readouterr().out


def test_a_run_votes_with_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = reference_run()
    name = run.detectors[0]
    paths = run.column("path").astype(str)
    theirs = [Path(path).with_suffix("").as_posix() for path in paths]
    (tmp_path / "copy.json").write_text(json.dumps(dict(zip(theirs, (-run.llr(name)).tolist(), strict=True))))
    voters = ["--voter", name, "--voter", "copy"]
    assert main(["panel", str(run.folder), str(tmp_path / "copy.json"), *voters, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["voters"] == [name, "copy"]
    assert found["effective_voters"] == pytest.approx(1)
    by_name = {file["name"]: file for file in found["files"]}
    assert by_name[name]["polarity"]["how"] == "run"
    assert by_name[name]["votes_cut"] == "its own thresholds"
    assert by_name["copy"]["eer"] == by_name[name]["eer"]


def test_detectors_of_one_name_are_told_apart(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "key.csv").write_text("id,score\n" + "".join(f"c{n},{s}\n" for n, s in enumerate(SCORES)))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "short.txt").write_text((tmp_path / "short.txt").read_text())
    some = [files[0], str(tmp_path / "key.csv"), files[2], str(tmp_path / "other" / "short.txt")]
    assert main(["panel", *some, "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["voters"] == ["key.txt", "key.csv", some[2], some[3]]
    assert main(["panel", files[0], files[0]]) == 2
    assert "is given twice" in capsys.readouterr().err


def test_runs_vote_together_although_their_detectors_share_a_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = reference_run()
    copy = shutil.copytree(run.folder, tmp_path / "copy")
    name = run.detectors[0]
    voters = [word for folder in (run.folder, copy) for word in ("--voter", f"{name} ({folder.name})")]
    assert main(["panel", str(run.folder), str(copy), *voters, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["voters"] == [f"{name} ({folder.name})" for folder in (run.folder, copy)]
    assert found["effective_voters"] == pytest.approx(1)


def test_votes_are_a_table_with_the_most_disputed_first(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = np.random.default_rng(3).normal(size=400)
    (tmp_path / "other.csv").write_text("id,score\n" + "".join(f"c{n},{s}\n" for n, s in enumerate(SCORES + noise)))
    table = tmp_path / "votes.csv"
    assert main(["panel", files[0], str(tmp_path / "other.csv"), "--votes", str(table)]) == 0
    found = pd.read_csv(table)
    assert len(found) == 400
    split = int((found["state"] == "split").sum())
    assert 0 < split < 400
    assert (found["state"][:split] == "split").all()
    assert (found["verdict"] == "bona fide")[found["state"] == "unanimous"].equals(
        (found["vote key"] == "bona fide")[found["state"] == "unanimous"]
    )
    assert (found.loc[found["state"] == "unanimous", "confidence"] == 1).all()
    assert main(["panel", files[0], "--votes", str(tmp_path / "votes.txt")]) == 2
    assert main(["panel", files[1], "--votes", str(table)]) == 1
    assert "There is no vote to write" in capsys.readouterr().err


def test_pseudo_labels_are_refused_with_the_reason(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = tmp_path / "m.csv"
    assert main(["panel", *files[:2], "--pseudo-labels", str(manifest)]) == 1
    assert "amount to 1.00 independent ones" in capsys.readouterr().err
    assert not manifest.exists()
    assert main(["panel", *files[:2], "--pseudo-labels", str(manifest), "--despite"]) == 0
    assert len(pd.read_csv(manifest)) == 400
    assert main(["panel", *files[:2], "--pseudo-labels", str(manifest), "--card", "key"]) == 2


def test_a_document_gets_its_section(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = tmp_path / "d.md"
    document.write_text("# Words\n<!-- x:start -->\nold\n<!-- x:end -->\n")
    assert main(["panel", *files[:2], "--combine", "--write", str(document), "--section", "x"]) == 0
    text = document.read_text()
    assert "old" not in text
    assert "| turned | 100.00 % | spoof | labels, AUC as it stands 0." in text
    assert "Best single detector" in text
