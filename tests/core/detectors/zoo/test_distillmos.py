"""The detector on a model of speech quality, as it ships: fixed scores of a voice."""

import numpy as np
import pytest

from core.detectors.checkpoint import load_detector


@pytest.fixture(scope="module")
def detector():
    return load_detector("distillmos-svm")


def test_a_voice_and_what_was_done_to_it_have_fixed_scores(detector, speech):
    backwards, coarse = speech[::-1].copy(), np.round(speech * 64) / 64
    scores = [detector.score(clip.astype(np.float32)).raw for clip in (speech, backwards, coarse)]
    assert scores == pytest.approx([1.4623, 1.5289, 1.6108], abs=2e-3)
