"""The localiser that ships: its rule is measured, keeps what it promises, and windows do not show in it."""

import numpy as np

from core.analysis.verdict import MAX_FALSE_ALARM
from core.timeline.shipped import shipped_localiser
from core.timeline.track import timeline


def test_its_rule_is_measured_on_pages_it_was_not_fitted_on():
    localiser = shipped_localiser()
    assert localiser is not None
    rule = localiser.card.localisation
    assert rule is not None and rule.false_mark_rate is not None and rule.false_mark_rate <= MAX_FALSE_ALARM
    rows = {row["clips"]: row for row in rule.figures}
    assert {"partial spoofs, systems of training", "partial spoofs, unseen systems", "bona fide"} <= set(rows)
    for row in rows.values():
        figures = [value for value in row.values() if isinstance(value, dict)]
        assert figures and all(value["low"] <= value["value"] <= value["high"] for value in figures)


def test_it_scores_every_step_of_a_recording_alike_whatever_follows(speech):
    localiser = shipped_localiser()
    assert localiser is not None
    alone = timeline(np.tile(speech, 2), localiser).llr
    followed = timeline(np.tile(speech, 4), localiser).llr
    assert len(alone) == 400 and np.isfinite(alone).all()
    # Away from the end of the shorter one, by the receptive field and the smoothing.
    assert np.abs(alone[:350] - followed[:350]).max() < 1.0
