"""The localiser that ships: its rule is measured, keeps what it promises, and windows do not show in it."""

from types import SimpleNamespace

import numpy as np

from core.analysis.verdict import MAX_FALSE_ALARM
from core.detectors import checkpoint
from core.timeline import shipped
from core.timeline.measured import OF_TRAINING, UNSEEN
from core.timeline.shipped import shipped_localiser
from core.timeline.track import timeline
from tests.core.timeline.toy import rule


def test_its_rule_is_measured_on_pages_it_was_not_fitted_on():
    localiser = shipped_localiser()
    assert localiser is not None
    rule = localiser.card.localisation
    assert rule is not None and rule.false_mark_rate is not None and rule.false_mark_rate <= MAX_FALSE_ALARM
    rows = {row["clips"]: row for row in rule.figures}
    assert {OF_TRAINING, UNSEEN, "bona fide"} <= set(rows)
    for row in rows.values():
        figures = [value for value in row.values() if isinstance(value, dict)]
        assert figures
        for value in figures:
            if row.get("n_groups") == 1:
                assert value["low"] is value["high"] is None, "of one page alone there is no interval"
            else:
                assert value["low"] <= value["value"] <= value["high"]


def test_of_several_the_one_that_was_measured_to_mark_unseen_systems_best_is_the_timelines(monkeypatch, tmp_path):
    def card(segment_eer: float | None) -> SimpleNamespace:
        rows = [] if segment_eer is None else [{"clips": OF_TRAINING, "segment_eer": {"value": 1 - segment_eer}},
                                               {"clips": UNSEEN, "segment_eer": {"value": segment_eer}}]  # fmt: skip
        return SimpleNamespace(localisation=rule().model_copy(update={"figures": rows}))

    cards = {"a": card(None), "b": card(0.36), "c": card(0.21), "d": SimpleNamespace(localisation=None)}
    monkeypatch.setattr(checkpoint, "read_card", lambda folder: cards[folder.name])
    assert shipped._folder(tmp_path, tuple(cards)) == tmp_path / "c"
    assert shipped._folder(tmp_path, ("a", "d")) == tmp_path / "a"
    assert shipped._folder(tmp_path, ("d",)) is None


def test_it_scores_every_step_of_a_recording_alike_whatever_follows(speech):
    localiser = shipped_localiser()
    assert localiser is not None
    alone = timeline(np.tile(speech, 2), localiser).llr
    followed = timeline(np.tile(speech, 4), localiser).llr
    assert len(alone) == 400 and np.isfinite(alone).all()
    # Away from the end of the shorter one, by the receptive field and the smoothing.
    assert np.abs(alone[:350] - followed[:350]).max() < 1.0
