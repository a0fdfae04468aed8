"""The panel that ships: what holds for every member."""

import math

import numpy as np
import pytest

from core.analysis.calibration import Calibration, p_spoof
from core.analysis.combination import Combination
from core.analysis.verdict import Decision
from core.fusion import Fusion, panel_decision
from core.panel import Panel, load_panel

RATE = 16000


@pytest.fixture(scope="module")
def panel() -> Panel:
    return load_panel()


@pytest.mark.slow
def test_digital_silence_moves_no_members_score(panel, speech):
    half, before = len(speech) // 2, panel.score(speech)
    for seconds in (0.6, 30.0):
        gap = np.zeros(int(seconds * RATE), np.float32)
        for parts in ([gap, speech], [speech, gap], [speech[:half], gap, speech[half:]]):
            after = panel.score(np.concatenate(parts))
            assert {n: own.score for n, own in after.items()} == {n: own.score for n, own in before.items()}


def test_the_prior_is_apart_from_the_evidence_and_older_panels_give_the_same_probability():
    own, decision = {"one": np.array([-2.0, 0.1, 3.0]), "two": np.array([-1.0, 0.4, 5.0])}, Decision()
    fusion = Fusion(Combination({"one": 0.5, "two": 0.5}), Calibration(1.3, -0.1), decision, prior=0.38)
    odds = math.log(0.62 / 0.38)
    kept = fusion.to_json()
    older = {name: value for name, value in kept.items() if name != "prior"} | {
        "calibration": {"slope": 1.3, "intercept": -0.1 + odds}
    }
    assert Fusion.from_json(kept) == fusion and Fusion.from_json(older).prior == 0.5
    assert p_spoof(Fusion.from_json(older).score(own)) == pytest.approx(p_spoof(fusion.score(own)), abs=1e-9)
    assert fusion.score(own) - fusion.llr(own) == pytest.approx(np.full(3, odds))
    with pytest.raises(ValueError, match="between 0 and 1"):
        Fusion.from_json(kept | {"prior": 1.0})


def test_the_thresholds_of_a_fused_panel_are_its_own_even_with_one_member():
    own, fused = Decision(spoof_below=-1.0, bonafide_above=1.0), Decision(spoof_below=-0.2, bonafide_above=0.3)
    fusion = Fusion(Combination({"one": 1.0}), Calibration(1.0, 0.0), fused)
    assert panel_decision({"one": own}, fusion) == fused
    assert panel_decision({"one": own}, None) == own


def test_a_member_that_is_named_alone_stands_for_itself():
    member = load_panel().members[0]
    assert load_panel([member]).fusion is None and load_panel().fusion is not None


def test_others_and_what_they_can_do_are_known_without_their_weights():
    panel = load_panel(others=True)
    assert set(panel.members).isdisjoint(panel.others) and len(panel.others) > 20
    assert panel.batches(panel.others)[1:] == [[name] for name in panel.others if panel.is_slow(name)]
    assert {"cae-lfcc", "vae-lfcc"} <= {name for name in panel.others if panel.rebuilds(name)}
    assert panel.detectors.loaded == []
