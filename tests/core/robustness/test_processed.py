"""Signs of processing: each is found where it was put, and untouched speech has none."""

import numpy as np
import pytest

from core.robustness import PROCESSINGS
from core.robustness.processed import signs


def names(wave):
    return {sign.name for sign in signs(wave)}


def test_untouched_speech_has_no_sign_at_any_level(speech):
    assert names(speech) == set() and names(0.01 * speech) == set()


@pytest.mark.parametrize("name", ["telephone", "low-pass"])
def test_a_narrow_band_is_found_with_its_edge(speech, name):
    found = {sign.name: sign.text for sign in signs(PROCESSINGS.get(name)(speech, np.random.default_rng(0)))}
    edge = float(found["band"].split()[-2])
    assert 3.4 <= edge <= 4.7


def test_clipping_and_gating_are_found(speech):
    limit = np.quantile(np.abs(speech), 0.99)
    assert names(np.clip(speech, -limit, limit)) == {"clipped"}
    gated = np.concatenate([speech, np.zeros(8000, np.float32), speech])
    assert "gated" in names(gated)


def test_silence_and_a_few_samples_have_no_sign():
    assert signs(np.zeros(32000, np.float32)) == () and signs(np.ones(100, np.float32)) == ()
