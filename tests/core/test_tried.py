"""Boxes taken out of a clip: what is left, what it is scored, and what is refused."""

from typing import Any

import numpy as np
import pytest

from core.audio.clip import SAMPLE_RATE
from core.detectors.detector import Detector
from core.errors import TrialError
from core.panel import Panel
from core.tried import MOST_BOXES, Box, read_boxes, sounds, try_out
from tests.core.timeline.toy import detector

N = 4 * SAMPLE_RATE
LOW, HIGH = 500.0, 3000.0


def tones(seconds: int = 4) -> np.ndarray:
    """Two tones, the high one in the third second only, over faint noise."""
    time = np.arange(seconds * SAMPLE_RATE) / SAMPLE_RATE
    noise = 1e-3 * np.random.default_rng(0).standard_normal(len(time))
    high = 0.2 * np.sin(2 * np.pi * HIGH * time) * ((time >= 2) & (time < 3))
    return (0.2 * np.sin(2 * np.pi * LOW * time) + high + noise).astype(np.float32)


def power(waveform: np.ndarray, hertz: float) -> float:
    """Power of a tone, by its Fourier coefficient."""
    turns = np.exp(-2j * np.pi * hertz * np.arange(len(waveform)) / SAMPLE_RATE)
    return float(np.abs(np.mean(waveform * turns)) ** 2)


def asked(**more: float) -> dict[str, float]:
    return {"start_s": 2.0, "end_s": 3.0, "low_hz": 2500.0, "high_hz": 3500.0, **more}


def test_a_box_parts_a_tone_from_the_rest() -> None:
    clip = tones()
    parts = sounds(clip, read_boxes([asked()], 4.0))
    third = slice(2 * SAMPLE_RATE + 800, 3 * SAMPLE_RATE - 800)
    assert (parts.start_s, parts.end_s, parts.alone_s) == (0.0, 4.0, 2.0)
    assert len(parts.without) == len(parts.original) == N
    assert len(parts.alone) == SAMPLE_RATE
    inside = slice(800, SAMPLE_RATE - 800)
    assert power(parts.without[third], HIGH) < 1e-3 * power(clip[third], HIGH)
    assert power(parts.without[third], LOW) == pytest.approx(power(clip[third], LOW), rel=0.01)
    assert power(parts.alone[inside], HIGH) == pytest.approx(power(clip[third], HIGH), rel=0.01)
    np.testing.assert_allclose(parts.without[: SAMPLE_RATE], clip[:SAMPLE_RATE], atol=1e-5)


def test_of_a_long_clip_only_what_is_around_the_boxes_is_tried() -> None:
    parts = sounds(tones(90), (Box(50.0, 51.0),))
    assert (parts.start_s, parts.end_s) == (35.0, 66.0)
    assert len(parts.without) == 31 * SAMPLE_RATE


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        ([], "no box"),
        ([asked(end_s=2.001)], "no box"),
        ([asked(start_s=5.0, end_s=9.0)], "no box"),
        ([asked()] * (MOST_BOXES + 1), f"at most {MOST_BOXES}"),
        ([{"start_s": 1.0}], "as numbers"),
        (["nothing"], "as numbers"),
    ],
)
def test_boxes_that_cannot_be_tried_are_refused_in_words(boxes: list[Any], words: str) -> None:
    with pytest.raises(TrialError, match=words):
        read_boxes(boxes, 4.0)


def test_boxes_too_far_apart_are_refused() -> None:
    with pytest.raises(TrialError, match="span 501 s"):
        read_boxes([asked(), asked(start_s=502.0, end_s=503.0)], 600.0)


def test_a_box_drawn_backwards_and_over_the_edge_is_cut_to_the_clip() -> None:
    assert read_boxes([asked(start_s=9.0, end_s=-1.0, low_hz=9e9, high_hz=-5.0)], 4.0) == (Box(0.0, 4.0, 0.0, 8000.0),)


@pytest.fixture
def panel() -> Panel:
    """A panel whose only member scores the mean sample."""
    toy: Detector = detector()
    return Panel({toy.name: toy})


def test_the_score_moves_by_what_was_taken_out_and_elsewhere_it_does_not(panel: Panel) -> None:
    clip = tones()
    third = slice(2 * SAMPLE_RATE, 3 * SAMPLE_RATE)
    clip[third] += 0.5
    tried = try_out(clip, panel, read_boxes([asked(low_hz=0.0, high_hz=100.0)], 4.0))
    before, after = tried.original.score, tried.without.score
    assert after < before
    assert tried.change == after - before
    assert all(abs(each.score - before) < abs(after - before) for each in tried.elsewhere)
    assert tried.original.members.keys() == set(panel.members)
    assert tried.alone_speech_s == 0.0


def test_elsewhere_is_never_in_digital_silence(panel: Panel) -> None:
    clip, box = tones() + np.float32(0.5), read_boxes([asked(low_hz=0.0, high_hz=8000.0)], 4.0)
    bare, padded = (try_out(each, panel, box) for each in (clip, np.pad(clip, (0, 12 * SAMPLE_RATE))))
    moves = [[abs(each.score - tried.original.score) for each in tried.elsewhere] for tried in (bare, padded)]
    assert min(moves[0]) > 0.01
    assert moves[1] == pytest.approx(moves[0], rel=0.2)
