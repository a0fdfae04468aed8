"""The panel that ships: what holds for every member."""

import numpy as np
import pytest

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


def test_others_and_what_they_can_do_are_known_without_their_weights():
    panel = load_panel(others=True)
    assert set(panel.members).isdisjoint(panel.others) and len(panel.others) > 20
    assert panel.batches(panel.others)[1:] == [[name] for name in panel.others if panel.is_slow(name)]
    assert {"cae-lfcc", "vae-lfcc"} <= {name for name in panel.others if panel.rebuilds(name)}
    assert panel.detectors.loaded == []
