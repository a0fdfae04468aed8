from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cli import main
from core.errors import PredictionsError, ResultsError
from core.predictions.predictions import read_predictions
from core.predictions.to_run import import_run
from core.results.library import Library
from core.results.queries import cut
from core.results.selection import Is, Selection
from core.results.store import Run

N = 60


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder of its own: the library also lists what other tests have scored into theirs."""
    monkeypatch.setenv("SPOOFSCOPE_DATA", str(tmp_path / "data"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Scores of two detectors, one of them higher for spoofs, and a manifest of the same clips."""
    rng = np.random.default_rng(5)
    real = np.arange(N) % 3 == 0
    clips = pd.DataFrame({
        "path": [f"wav/u{n:03d}.flac" for n in range(N)], "label": np.where(real, "bonafide", "spoof"),
        "system": np.where(real, "-", np.where(np.arange(N) % 2, "A01", "A02")),
        "speaker": [f"s{n % 7}" for n in range(N)], "room": ["small", "large"] * (N // 2),
    })  # fmt: skip
    clips.to_csv(tmp_path / "manifest.csv", index=False)
    score = np.where(real, 1.0, -1.0) + rng.normal(scale=0.5, size=N)
    lines = [f"u{n:03d} {value:.6f}\n" for n, value in enumerate(score)]
    (tmp_path / "up.txt").write_text("".join(lines[::-1]))
    pd.DataFrame({"path": clips["path"], "score": -score}).iloc[:-1].to_csv(tmp_path / "down.csv", index=False)
    return tmp_path


def imported(folder: Path) -> Run:
    files = [read_predictions(folder / name) for name in ("up.txt", "down.csv")]
    return import_run(files, folder / "manifest.csv", folder / "run")


def test_scores_of_others_and_a_manifest_are_a_run(folder: Path) -> None:
    run = imported(folder)
    assert run.detectors == ["up", "down"]
    assert len(run) == N - 1
    assert [problem["path"] for problem in run.problems] == [f"wav/u{N - 1:03d}.flac"]
    assert np.allclose(run.llr("up"), run.llr("down"), atol=1e-3)
    assert cut(run, "up").eer < 0.1
    assert run.column("room").tolist() == (["small", "large"] * N)[: N - 1]
    assert set(run.column("system")) == {"-", "A01", "A02"}
    assert (Selection() & Is("room", ("small",))).mask(run).sum() == N // 2
    assert run.verify() is run
    assert [entry.key for entry in Library([folder / "run"]).entries()] == [run.key]


def test_a_clip_that_the_manifest_lists_twice_counts_once(folder: Path) -> None:
    manifest = folder / "manifest.csv"
    rows = manifest.read_text().splitlines()
    unlike = rows[5].replace("spoof", "bonafide")
    assert unlike != rows[5]
    manifest.write_text("\n".join([rows[0], ",spoof,A01,s0,small", *rows[1:], rows[3], unlike]) + "\n")
    run = imported(folder)
    assert run.column("path").tolist() == [f"wav/u{n:03d}.flac" for n in range(N - 1) if n != 4]
    assert run.column("room").tolist() == [("small", "large")[n % 2] for n in range(N - 1) if n != 4]
    what = {problem["path"]: problem["what"] for problem in run.problems}
    assert set(what) == {"wav/u002.flac", "wav/u004.flac", f"wav/u{N - 1:03d}.flac"}
    assert "more than once: it counts once" in what["wav/u002.flac"]
    assert "label it differently" in what["wav/u004.flac"]


def test_what_cannot_be_a_run_is_refused(folder: Path) -> None:
    imported(folder)
    with pytest.raises(ResultsError, match="holds something already"):
        imported(folder)
    (folder / "noise.csv").write_text("path,score\n" + "".join(f"wav/u{n:03d}.flac,{n % 4}\n" for n in range(N)))
    with pytest.raises(PredictionsError, match="--higher noise=bonafide"):
        import_run([read_predictions(folder / "noise.csv")], folder / "manifest.csv", folder / "other")
    up = read_predictions(folder / "up.txt")
    with pytest.raises(PredictionsError, match="a name of its own"):
        import_run([up, up], folder / "manifest.csv", folder / "other")
    assert not (folder / "other").exists()


def test_the_command_writes_the_run_and_says_how_scores_were_turned(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["import-run", str(folder / "up.txt"), str(folder / "down.csv"), "--protocol", str(folder / "manifest.csv")]
    assert main([*asked, "-o", str(folder / "run")]) == 0
    printed = capsys.readouterr().out
    assert "down: settled by labels" in printed
    assert "P(spoof) is optimistic" in printed
    assert "1 clip: it is left out, since it has no label, or no score in one of the files." in printed
    assert f"\n{N - 1} clips: " in printed
