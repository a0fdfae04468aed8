"""The path of every clip of a page, on signals whose cut and level are known on paper."""

import numpy as np
import pytest

from core.audio.clip import SAMPLE_RATE
from core.errors import AudioError
from trainers.pages.cut import cut_clip


def tone(seconds: float, *, rms: float = 0.01) -> np.ndarray:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (rms * np.sqrt(2) * np.sin(2 * np.pi * 440 * time)).astype(np.float32)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * SAMPLE_RATE), np.float32)


def test_silence_is_trimmed_to_50_ms_at_both_ends_and_kept_inside() -> None:
    parts = [silence(1), tone(1), silence(0.5), tone(0.5), silence(2)]
    cut = cut_clip(np.concatenate(parts))
    # A frame of 25 ms that holds the first or the last of the tone counts with its silent part.
    assert len(cut.waveform) / SAMPLE_RATE == pytest.approx(2.0 + 2 * 0.05, abs=0.04)
    assert cut.start_s == pytest.approx(0.95, abs=0.02)


def test_active_level_is_26_db_below_full_scale_and_the_mean_is_gone() -> None:
    cut = cut_clip(tone(2) + np.float32(0.2))
    assert 20 * np.log10(np.sqrt(np.mean(cut.waveform**2))) == pytest.approx(-26, abs=0.01)
    assert abs(cut.waveform.mean()) < 1e-4


def test_a_peak_stays_below_full_scale() -> None:
    clicks = tone(2, rms=0.001)
    clicks[SAMPLE_RATE] = 0.9
    assert np.abs(cut_clip(clicks).waveform).max() == pytest.approx(0.98, abs=1e-4)


def test_the_stretch_is_taken_before_anything_is_measured() -> None:
    loud_then_quiet = np.concatenate([tone(1, rms=0.5), tone(1, rms=0.001)])
    cut = cut_clip(loud_then_quiet, 1.0, 2.0)
    assert len(cut.waveform) == SAMPLE_RATE and cut.start_s == 1.0
    assert 20 * np.log10(np.sqrt(np.mean(cut.waveform**2))) == pytest.approx(-26, abs=0.01)


@pytest.mark.parametrize(("waveform", "start_s", "why"), [(tone(1), 2.0, "ends earlier"), (silence(1), 0.0, "silent")])
def test_what_is_empty_or_silent_is_refused(waveform: np.ndarray, start_s: float, why: str) -> None:
    with pytest.raises(AudioError, match=why):
        cut_clip(waveform, start_s)
