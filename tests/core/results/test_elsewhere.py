"""The panel's errors on recordings from elsewhere, at the thresholds of its verdict."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analysis.verdict import Decision
from core.results.elsewhere import errors_elsewhere
from core.results.manifest import write_manifest
from core.results.parts import clips_digest, read_part, write_part
from core.results.store import Run, read_run

DECISION = Decision(spoof_below=-1.0, bonafide_above=1.0, basis="made-up clips")


def run_of(rows: list[tuple[str, str, float]], folder: Path) -> Run:
    """A run of one detector that gave clips of (part, label) these scores; no two share a speaker or a source."""
    frame = pd.DataFrame(rows, columns=["part", "label", "score"])
    frame["system"] = np.where(frame["label"] == "spoof", "some system", "-")
    frame["speaker"] = frame["source"] = frame["path"] = [f"s{number}" for number in range(len(frame))]
    write_part(folder, "c" * 64, {"problems": []}, {"clips.parquet": frame.drop(columns="score")})
    digest = clips_digest(read_part(folder, "c" * 64))
    note = {"clips": digest, "embedding": {"dims": 1, "reduced": None}}
    write_part(folder, "1" * 64, note, {"scores.parquet": frame[["score"]].rename(columns={"score": "raw"})})
    about = {
        "part": "1" * 64, "calibration": {"slope": 1.0, "intercept": 0.0}, "calibrated": True, "seen_systems": [],
        "decision": DECISION.model_dump(mode="json"),
    }  # fmt: skip
    corpus = {"part": "c" * 64, "digest": "d", "split": None, "rows": len(frame), "audit": None}
    manifest = {"corpus": corpus, "detectors": {"one": about}, "fusion": None, "embedding_dims": None}
    write_manifest(folder, manifest)
    return read_run(folder)


def test_only_clips_from_elsewhere_count_and_not_sure_is_no_error(tmp_path: Path) -> None:
    rows = [("published", "bonafide", score) for score in (-2.0, 0.0, 2.0, 3.0)]
    rows += [("published", "spoof", score) for score in (-2.0, 0.5, 1.0, 2.0)]
    rows += [("made", "spoof", 5.0)] * 10
    found = errors_elsewhere(run_of(rows, tmp_path), DECISION)
    assert found is not None
    assert (found.false_alarms.errors, found.false_alarms.n) == (1, 4)
    assert (found.misses.errors, found.misses.n) == (1, 4), "a score on the threshold is not sure"
    assert found.misses.share == pytest.approx(1 / 4)
    assert found.misses.low < found.misses.share < found.misses.high


def test_without_such_clips_of_both_classes_nothing_is_claimed(tmp_path: Path) -> None:
    for number, label in enumerate(("bonafide", "spoof")):
        rows = [("published", "spoof", 0.0), ("made", label, 0.0)]
        assert errors_elsewhere(run_of(rows, tmp_path / str(number)), DECISION) is None
