"""Two detectors on the same held-out pages."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.analysis.calibration import Calibration
from core.analysis.held_out import COLUMNS
from trainers import compare_judged as module
from trainers.compare_judged import compare_judged
from trainers.judged import JudgedError, write_judged


def table(raw, *, clips=range(80)):
    """Scores of clips of eight pages, every other one bona fide."""
    frame = pd.DataFrame({
        "path": [f"{clip}.flac" for clip in clips], "page": [f"o/p{clip // 2 % 8}" for clip in clips],
        "fold": [clip // 2 % 5 for clip in clips], "label": ["spoof" if clip % 2 else "bonafide" for clip in clips],
        "system": ["s" if clip % 2 else "-" for clip in clips], "kind": "tts", "language": "en", "version": "as is",
        "raw": raw, "llr": raw, "called": "not sure",
    })  # fmt: skip
    assert set(COLUMNS) <= set(frame)
    return frame


@pytest.fixture
def judged(tmp_path):
    sign = np.where(np.arange(80) % 2, -1.0, 1.0)
    rng = np.random.default_rng(0)
    write_judged(tmp_path, "sharp", table(3 * sign + rng.normal(size=80)), {})
    write_judged(tmp_path, "blunt", table(rng.normal(size=80)), {})
    return tmp_path


def test_the_better_one_is_points_below_with_an_interval_that_excludes_none(judged):
    line = compare_judged(judged, "sharp", "blunt").splitlines()[-1]
    cells = [cell.strip() for cell in line.split("|")[1:-1]]
    assert cells[:4] == ["as is", "40", "40", "8"] and cells[4].startswith("0.0 %")
    points, low, high = (float(part) for part in cells[6].replace("[", "").replace("]", "").replace(",", "").split())
    assert low <= points <= high < 0


def test_one_is_no_better_than_itself(judged):
    assert compare_judged(judged, "blunt", "blunt").endswith("| +0.0 [0.0, 0.0] |")


def test_the_panel_is_fused_of_its_members_tables(judged, monkeypatch):
    panel = SimpleNamespace(
        members=("sharp", "blunt"), card=lambda name: SimpleNamespace(calibration=Calibration(2.0, 1.0)),
        fused=lambda llr: 1.0 * llr["sharp"],
    )  # fmt: skip
    monkeypatch.setattr(module, "load_panel", lambda: panel)
    assert compare_judged(judged, "sharp", "panel").endswith("| +0.0 [0.0, 0.0] |")


def test_what_was_judged_on_other_clips_is_refused(judged):
    write_judged(judged, "elsewhere", table(np.zeros(80), clips=range(100, 180)), {})
    with pytest.raises(JudgedError, match="no clip in common"):
        compare_judged(judged, "sharp", "elsewhere")
