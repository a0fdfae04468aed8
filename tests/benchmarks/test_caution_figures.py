"""What is counted for the limits of caution, on answers made by hand."""

from types import SimpleNamespace

import numpy as np

from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED, Decision
from core.detectors.score import WindowScore
from tests.benchmarks.caution_figures import by_speech, downgraded, joined, opposite


def test_only_plain_verdicts_are_opposite() -> None:
    assert opposite(SPOOFED, BONAFIDE) and opposite(BONAFIDE, SPOOFED)
    assert not opposite(SPOOFED, NOT_SURE) and not opposite(SPOOFED, SPOOFED)


def test_pieces_are_counted_by_their_speech() -> None:
    rows = {
        words: (n, turned) for words, n, turned in by_speech([(0.1, True), (0.3, True), (0.4, False), (9.0, False)])
    }
    assert rows["0.25 to 0.5 s"] == (2, 1)
    assert rows["1.5 to inf s"] == (1, 0)


def minute(score: float, *pieces: float) -> SimpleNamespace:
    timeline = tuple(WindowScore(float(at), at + 1.0, value) for at, value in enumerate(pieces))
    return SimpleNamespace(score=score, timeline=timeline, decision=Decision(spoof_below=-1.0, bonafide_above=1.0))


def test_worst_seconds_contradict_a_minute_by_their_mean_over_the_length() -> None:
    minutes = [minute(2.0, 3, -2, 3, 3), minute(2.0, 3, -2, -2, -2), minute(2.0, 3, 3, 3, 3), minute(0.0, -5, -5, -5)]
    assert downgraded(minutes, 1.0) == (3, 2)  # type: ignore[arg-type]
    assert downgraded(minutes, 3.0) == (3, 1)  # type: ignore[arg-type]


def test_a_spoof_stands_in_the_midst() -> None:
    real, spoof = [np.ones(3, np.float32)] * 4, np.full(2, 5, np.float32)
    (plain,), (spliced,) = (joined(real, some, 1, np.random.default_rng(0)) for some in ([], [spoof]))
    assert len(plain) == 12 and spliced.tolist() == [1] * 6 + [5] * 2 + [1] * 6
