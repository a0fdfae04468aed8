"""A clip of which a part is marked, from the panel that ships to the line of ``score``."""

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from core.analysis.verdict import PARTLY
from core.cli import main
from core.panel import Panel
from core.timeline import shipped
from core.usecases import analyse_clip, analyse_file, explain_clip, load_panel
from tests.core.explain.conftest import as_clip
from tests.core.timeline.toy import Counted, detector, rule

# The toy network scores the mean sample: a thousandth below zero is spoofed here.
RULE = rule(slope=1000.0, mark_below=-5.0, keep_below=-2.0, verdict_below=-5.0)


@pytest.fixture
def planted(speech, tmp_path):
    offset = np.where((np.arange(len(speech)) // 16000) == 2, -0.1, 0.1)
    path = tmp_path / "planted.wav"
    soundfile.write(path, np.clip(0.5 * speech + offset, -1, 1), 16000, subtype="PCM_16")
    return path


@pytest.fixture
def panel_file(shipped_small, monkeypatch):
    """A panel that calls nothing spoofed, beside a localiser that ships."""
    decision = {"spoof_below": -1e6, "bonafide_above": -1e5, "basis": "made up"}
    fusion = {"members": {"small-cnn": 1.0}, "calibration": {"slope": 1.0, "intercept": 0.0}, "decision": decision}
    path = shipped_small / "panel.json"
    path.write_text(json.dumps(fusion))
    monkeypatch.setattr(shipped, "shipped_localiser", lambda: detector(RULE))
    yield path
    path.unlink()


def test_the_panel_that_ships_has_a_verdict_for_a_part(panel_file, planted):
    analysis = analyse_file(planted, load_panel())
    assert analysis.verdict == PARTLY
    assert analysis.note.startswith("Probably spoofed in part: 2.0 to 3.0 s (P(spoof) 1.00)")
    value = analysis.to_json()
    (segment,) = value["segments"]
    assert (segment["start_s"], segment["end_s"]) == pytest.approx((2.0, 3.0), abs=0.08)
    assert replace(analysis, localised=None).to_json()["segments"] is None


def test_score_prints_it(panel_file, planted, capsys):
    assert main(["score", str(planted)]) == 0
    _, row, note = capsys.readouterr().out.splitlines()
    assert row.startswith("probably spoofed in part  ")
    assert note.strip().startswith("Probably spoofed in part: 2.0 to 3.0 s")


def test_who_names_detectors_gets_their_verdict_alone(panel_file, planted):
    analysis = analyse_file(planted, load_panel(["small-cnn"]))
    assert analysis.localised is None and analysis.verdict != PARTLY


def test_one_pass_of_the_localiser_gives_score_timeline_and_map(speech, monkeypatch):
    toy = detector(RULE)
    toy.engine = Counted(toy.network)
    monkeypatch.setattr(shipped, "shipped_localiser", lambda: toy)
    clip = as_clip(speech)
    analysis = analyse_clip(clip, Panel({"level": toy}, marks_segments=True))
    score = analysis.detectors["level"]
    explanation = explain_clip(clip, toy, "native", score=score, faithfulness=False)
    assert toy.engine.windows == len(score.windows) == 7
    assert analysis.localised is not None and np.isfinite(analysis.localised.llr).all()
    assert float(explanation.attribution.sum(dtype=np.float64)) == pytest.approx(-score.raw, abs=1e-5)
