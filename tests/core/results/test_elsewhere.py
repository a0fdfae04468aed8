"""The panel's errors on recordings from elsewhere, at the thresholds of its verdict."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analysis.verdict import Decision
from core.results.elsewhere import errors_elsewhere

DECISION = Decision(spoof_below=-1.0, bonafide_above=1.0, basis="made-up clips")


def run_of(rows: list[tuple[str, str, float]]) -> Any:
    """A run whose panel gave clips of (part, label) these scores; no two share a speaker or a source."""
    frame = pd.DataFrame(rows, columns=["part", "label", "score"])
    frame["system"] = np.where(frame["label"] == "spoof", "some system", "-")
    frame["speaker"] = frame["source"] = [f"s{number}" for number in range(len(frame))]
    return SimpleNamespace(panel=frame)


def test_only_clips_from_elsewhere_count_and_not_sure_is_no_error() -> None:
    rows = [("published", "bonafide", score) for score in (-2.0, 0.0, 2.0, 3.0)]
    rows += [("published", "spoof", score) for score in (-2.0, 0.5, 2.0)]
    rows += [("made", "spoof", 5.0)] * 10
    found = errors_elsewhere(run_of(rows), DECISION, resamples=200)
    assert found is not None
    assert (found.false_alarms.errors, found.false_alarms.n) == (1, 4)
    assert (found.misses.errors, found.misses.n) == (1, 3)
    assert found.misses.share == pytest.approx(1 / 3)
    assert found.misses.low <= found.misses.share <= found.misses.high


def test_without_such_clips_of_both_classes_nothing_is_claimed() -> None:
    assert errors_elsewhere(run_of([("published", "spoof", 0.0), ("made", "bonafide", 0.0)]), DECISION) is None
    assert errors_elsewhere(run_of([("made", "spoof", 0.0), ("made", "bonafide", 0.0)]), DECISION) is None
