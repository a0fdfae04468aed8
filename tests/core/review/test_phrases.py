"""How a recording sounds: a real voice between pauses of a known length, at a known level and pitch."""

import itertools

import numpy as np
import pytest
import soxr

from core.audio.clip import SAMPLE_RATE
from core.review.phrases import phrases, phrases_text


def noise(seconds: float, level: float) -> np.ndarray:
    """White noise of a level (RMS)."""
    return np.random.default_rng(0).normal(0, level, round(seconds * SAMPLE_RATE)).astype(np.float32)


def higher(voice: np.ndarray, times: float) -> np.ndarray:
    """A voice played faster, which is higher by as much."""
    return np.asarray(soxr.resample(voice, SAMPLE_RATE, SAMPLE_RATE / times))


def test_phrases_are_parted_by_pauses_and_each_has_its_pitch_and_level(speech: np.ndarray) -> None:
    longest = max(phrases(speech), key=lambda one: one.end_s - one.start_s)
    voice = speech[round(longest.start_s * SAMPLE_RATE) : round(longest.end_s * SAMPLE_RATE)]
    pause, seconds = noise(1.0, 1e-4), len(voice) / SAMPLE_RATE
    waveform = np.concatenate([pause, voice, pause, 0.5 * higher(voice, 1.25), pause]).astype(np.float32)
    first, second = phrases(waveform)
    assert (first.start_s, first.end_s) == pytest.approx((1.0, 1.0 + seconds), abs=0.15)
    assert (second.start_s, second.end_s) == pytest.approx((2.0 + seconds, 2.0 + 1.8 * seconds), abs=0.15)
    assert first.pitch_hz == pytest.approx(longest.pitch_hz, rel=0.05)
    assert second.pitch_hz / first.pitch_hz == pytest.approx(1.25, rel=0.05)
    assert first.low_hz < first.pitch_hz < first.high_hz
    assert first.level_dbfs - second.level_dbfs == pytest.approx(6, abs=0.5)
    text = phrases_text([first, second], len(waveform) / SAMPLE_RATE)
    assert f"pitch about {first.pitch_hz:.0f} Hz" in text
    assert f"Pauses: {first.end_s:.1f} to {second.start_s:.1f} s; {len(waveform) / SAMPLE_RATE:.1f} s in all" in text


def test_a_pause_is_found_in_noise_that_is_hardly_quieter_than_the_voice(speech: np.ndarray) -> None:
    level = 0.1 * float(np.sqrt(np.mean(np.square(speech))))
    found = phrases(np.concatenate([speech, noise(1.0, 0.0), speech]) + noise(9.0, level))
    assert any(one.end_s < 4.4 and other.start_s > 4.6 for one, other in itertools.pairwise(found))


def test_a_short_silence_within_speech_is_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.review.phrases.find_speech", lambda waveform: ((0.5, 1.9),))
    parts = [noise(0.5, 0.1), noise(0.6, 0.1), noise(0.2, 1e-4), noise(0.4, 0.1), noise(0.05, 1e-4), noise(0.4, 0.1)]
    found = phrases(np.concatenate(parts))
    assert [(one.start_s, one.end_s) for one in found] == [
        (pytest.approx(0.5, abs=0.02), pytest.approx(1.1, abs=0.02)),
        (pytest.approx(1.3, abs=0.02), pytest.approx(1.9, abs=0.02)),
    ]


@pytest.mark.parametrize("waveform", [np.zeros(100, np.float32), noise(2.0, 0.1)], ids=["nothing", "noise"])
def test_what_is_no_speech_has_no_phrase(waveform: np.ndarray) -> None:
    assert phrases(waveform) == []
    assert phrases_text(phrases(waveform), 2.0) == "No speech was found."
