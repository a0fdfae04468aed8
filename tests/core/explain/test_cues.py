"""Cue classes lie where such sounds are, and the one that a network responds to stands out."""

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from core.explain.base import explain
from core.explain.cues import CUES, Cue, cue_masks, cue_sounds, find_cues
from tests.core.explain.conftest import RATE, Band, as_clip, as_detector


@pytest.fixture
def hissing(speech: np.ndarray) -> np.ndarray:
    """Speech below 4 kHz, and above 5 kHz a steady hiss, so that no kind of sound has more of it than another."""
    rng = np.random.default_rng(0)
    low = sosfilt(butter(8, 4000, fs=RATE, output="sos"), speech)
    hiss = sosfilt(butter(8, 5000, "high", fs=RATE, output="sos"), rng.normal(0, 0.01, len(speech)))
    return (low + hiss).astype(np.float32)


def rows(waveform: np.ndarray, network: Band, **asked: int) -> dict[str, Cue]:
    detector = as_detector(network)
    found = explain(as_clip(waveform), detector, "gradient-x-input", faithfulness=False)
    return {row.name: row for row in find_cues(as_clip(waveform), detector, found.attribution, **asked)}


def test_of_a_network_that_responds_above_6_khz_that_class_alone_stands_out(hissing: np.ndarray) -> None:
    found = rows(hissing, Band(6200, 8000, gain=1e5))
    assert [name for name, row in found.items() if row.stands_out] == ["high"]
    high = found["high"]
    assert high.evidence_share > 0.95 and high.change is not None and high.random_high is not None
    assert high.change > 2 * high.random_high
    assert high.clip_share == pytest.approx(0.25, abs=0.01)
    assert str(high).endswith("stands out.")


def test_of_a_network_that_responds_below_300_hz_that_class_stands_out(hissing: np.ndarray) -> None:
    found = rows(hissing, Band(0, 200, gain=1e3))
    assert found["low"].stands_out and not found["high"].stands_out


def test_a_network_that_responds_to_nothing_has_no_class_that_stands_out(hissing: np.ndarray) -> None:
    assert not any(row.stands_out for row in rows(hissing, Band(gain=0.0)).values())


def test_a_class_that_the_clip_does_not_hold_has_no_change(noise) -> None:
    found = rows(noise(2), Band())
    assert found["silence"].clip_share == 1 and found["voiced"].change is None
    assert str(found["voiced"]) == "voiced: none in the clip."


def test_a_class_outside_of_the_windows_that_were_tried_is_not_said_to_be_absent(speech: np.ndarray, noise) -> None:
    clip = np.concatenate([np.tile(noise(2), 6), 0.1 * speech]).astype(np.float32)
    voiced = rows(clip, Band(6200, 8000, gain=1e5), windows=1)["voiced"]
    assert voiced.clip_share > 0.01 and voiced.change is None
    share, evidence = 100 * voiced.clip_share, 100 * voiced.evidence_share
    assert str(voiced) == (
        f"voiced: {share:.0f} % of the clip, {evidence:.0f} % of the evidence; not in the windows that were tried."
    )


def test_vowel_hiss_onset_and_pause_are_what_they_are(speech: np.ndarray) -> None:
    masks = cue_masks(speech)
    assert list(masks) == list(CUES)
    assert all(mask.shape == (257, 401) for mask in masks.values())
    silence, voiced, fricative = (masks[name][0] for name in ("silence", "voiced", "fricative"))
    assert 0.2 < voiced.mean() < 0.9 and not (voiced & (silence | fricative)).any()
    # Of the frames that count as speech, voiced ones have most of the power below 1 kHz, fricatives above 3.
    power = np.abs(np.fft.rfft(np.lib.stride_tricks.sliding_window_view(np.pad(speech, 256), 512)[::160][:401])) ** 2
    assert np.median(power[voiced, :32].sum(1) / power[voiced].sum(1)) > 0.5
    assert not fricative.any() or np.median(power[fricative, 96:].sum(1) / power[fricative].sum(1)) > 0.5


def test_a_steady_tone_is_voiced_and_white_noise_is_not(noise, monkeypatch) -> None:
    monkeypatch.setattr("core.explain.cues.find_speech", lambda waveform: ((0.0, len(waveform) / RATE),))
    at = np.arange(2 * RATE) / RATE
    pulses = np.sign(np.sin(2 * np.pi * 120 * at)).astype(np.float32)
    assert cue_masks(pulses)["voiced"][0].mean() > 0.95
    assert cue_masks(noise(2))["voiced"][0].mean() < 0.02
    assert cue_masks(noise(2))["fricative"][0].mean() > 0.95


def test_an_onset_is_found_where_sound_begins(noise, monkeypatch) -> None:
    monkeypatch.setattr("core.explain.cues.find_speech", lambda waveform: ((0.0, len(waveform) / RATE),))
    waveform = 0.01 * noise(2)
    waveform[RATE:] *= 100
    found = np.flatnonzero(cue_masks(waveform)["onset"][0])
    assert len(found) == 6 and 97 <= found[0] <= 100 <= found[-1] <= 106


@pytest.mark.parametrize("name", CUES)
def test_a_class_alone_and_the_rest_add_up_to_the_clip(name: str, speech: np.ndarray) -> None:
    alone, rest = cue_sounds(as_clip(speech), name)
    np.testing.assert_allclose(alone + rest, speech, atol=1e-6)


def test_what_is_above_6_khz_is_played_alone(noise) -> None:
    alone, rest = cue_sounds(as_clip(noise(2)), "high")
    hz = np.fft.rfftfreq(len(alone), 1 / RATE)
    power, left = (np.abs(np.fft.rfft(each)) ** 2 for each in (alone, rest))
    assert power[hz > 5900].sum() > 0.99 * power.sum() and left[hz > 6200].sum() < 0.01 * left.sum()
