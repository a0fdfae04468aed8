"""Speech is told from everything else, whatever its level."""

import numpy as np
import pytest

from core.speech import find_speech, speech_seconds

RATE = 16000
TIMES = np.arange(4 * RATE) / RATE


def pluck(frequency: float, rng: np.random.Generator) -> np.ndarray:
    """Half a second of a plucked string (Karplus and Strong, 1983)."""
    string = rng.uniform(-1, 1, int(RATE / frequency))
    periods = [string := 0.498 * (string + np.roll(string, -1)) for _ in range(RATE // 2 // len(string) + 1)]
    return np.concatenate(periods)[: RATE // 2]


def music() -> np.ndarray:
    rng = np.random.default_rng(0)
    melody = np.concatenate([pluck(f, rng) for f in (262, 294, 330, 349, 392, 440, 494, 523)])
    beat = np.exp(-(np.arange(len(melody)) % (RATE // 2)) / 300) * rng.normal(0, 0.3, len(melody))
    return 0.3 * melody + beat


NO_SPEECH = {
    "a tone of 440 Hz": 0.3 * np.sin(2 * np.pi * 440 * TIMES),
    "a chord": sum(0.1 * np.sin(2 * np.pi * f * TIMES) for f in (220, 277, 330)),
    "white noise": np.random.default_rng(1).normal(0, 0.1, 4 * RATE),
    "brown noise": np.random.default_rng(1).normal(0, 1e-3, 4 * RATE).cumsum(),
    "music": music(),
    "silence": np.zeros(4 * RATE),
    "nothing": np.zeros(0),
}


@pytest.mark.parametrize("name", NO_SPEECH)
def test_what_is_no_speech_has_none(name):
    assert find_speech(NO_SPEECH[name].astype(np.float32)) == ()


@pytest.mark.parametrize("gain", [1.0, 0.01, 1e-3])
def test_speech_is_found_at_any_level(speech, gain):
    assert speech_seconds(gain * speech) > 3.0


def test_speech_is_found_where_it_is(speech):
    quiet = np.random.default_rng(2).normal(0, 1e-4, 2 * RATE).astype(np.float32)
    found = find_speech(np.concatenate([quiet, speech, quiet]))
    assert 1.8 < found[0][0] < 2.6
    assert 5.2 < found[-1][1] < 6.3


def test_half_a_second_of_speech_is_told_by_its_length(speech):
    assert 0.2 < speech_seconds(speech[: RATE // 2]) <= 0.5
