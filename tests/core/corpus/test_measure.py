"""What is measured of a clip, on signals whose figures are known."""

import math

import numpy as np
import pytest

from core.audio.clip import DecodeRecord
from core.audio.perturbations import add_noise
from core.corpus.measure import MEASURED_COLUMNS, MEASURED_TEXT, measure_clip

RATE = 16_000


def record(n_samples: int, rate_hz: int = RATE) -> DecodeRecord:
    return DecodeRecord("WAV", "pcm_s16le", rate_hz, 1, n_samples / RATE, n_samples / RATE)


def measured(waveform, rate_hz: int = RATE):
    return measure_clip(np.asarray(waveform, np.float32), record(len(waveform), rate_hz))


def tone(seconds: float, *, amplitude: float = 0.1, frequency_hz: float = 150.0):
    return amplitude * np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * RATE)) / RATE)


def syllables(seconds: float, rate: float):
    """A buzz of 120 Hz whose level rises and falls ``rate`` times a second."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    buzz = sum(np.sin(2 * np.pi * 120 * k * time_s) / k for k in range(1, 9))
    return 0.1 * buzz * (0.55 - 0.45 * np.cos(2 * np.pi * rate * time_s))


@pytest.mark.parametrize("n_samples", [1, 300, 1600, 64_000])
@pytest.mark.parametrize("content", ["silence", "noise", "clipped"])
def test_every_column_is_measured_of_any_clip(n_samples: int, content: str):
    noise = np.random.default_rng(0).normal(0, 0.1, n_samples)
    found = measured({"silence": 0 * noise, "noise": noise, "clipped": np.clip(noise * 50, -1, 1)}[content])
    assert tuple(found) == MEASURED_COLUMNS
    assert all(isinstance(found[name], str if name in MEASURED_TEXT else float) for name in found)
    assert not any(math.isinf(value) for value in found.values() if isinstance(value, float))
    assert 0 <= found["silence_share"] <= 1


def test_silence_is_all_silent_and_has_neither_noise_nor_prosody():
    found = measured(np.zeros(RATE))
    assert (found["silence_share"], found["leading_silence_s"], found["trailing_silence_s"]) == (1.0, 1.0, 1.0)
    assert found["level_dbfs"] == -120
    assert all(np.isnan(found[name]) for name in ("snr_db", "pitch_range_st", "energy_sd_db", "speaking_rate"))


def test_silence_at_the_ends_is_measured_there():
    found = measured(np.concatenate([np.zeros(RATE // 2), tone(2.0), np.zeros(RATE)]))
    assert found["leading_silence_s"] == pytest.approx(0.5, abs=0.03)
    assert found["trailing_silence_s"] == pytest.approx(1.0, abs=0.03)
    assert found["silence_share"] == pytest.approx(1.5 / 3.5, abs=0.02)


def test_level_and_offset_are_those_of_the_samples():
    found = measured(tone(2.0, amplitude=0.5) + 0.25)
    assert found["dc"] == pytest.approx(0.25, abs=1e-3)
    assert found["level_dbfs"] == pytest.approx(10 * np.log10(0.125 + 0.0625), abs=0.05)


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 20.0])
def test_noise_that_was_added_is_measured(snr_db: float):
    clean = np.concatenate([tone(1.5, frequency_hz=300), np.zeros(RATE // 2)]).astype(np.float32)
    noise = np.random.default_rng(1).normal(0, 1, len(clean))
    noise *= np.sqrt(np.mean(clean**2) / np.mean(noise**2)) * 10 ** (-snr_db / 20)
    assert measured(clean + noise)["snr_db"] == pytest.approx(snr_db, abs=1.5)


def test_digital_silence_is_no_noise_floor(speech):
    noisy = add_noise(speech, np.random.default_rng(0), snr_db=15.0)
    padded = np.concatenate([np.zeros(2 * RATE, np.float32), noisy])
    assert measured(padded)["snr_db"] == pytest.approx(measured(noisy)["snr_db"], abs=1.0)


def test_the_band_is_that_of_the_samples_and_at_most_that_of_the_file():
    noise = np.random.default_rng(2).normal(0, 0.1, 4 * RATE)
    spectrum = np.fft.rfft(noise)
    spectrum[4000 * 4 :] = 0
    assert measured(noise)["bandwidth_hz"] == 8000
    assert measured(noise, rate_hz=8000)["bandwidth_hz"] == 4000
    limited = np.fft.irfft(spectrum) + np.random.default_rng(3).normal(0, 1e-4, 4 * RATE)
    assert measured(limited)["bandwidth_hz"] == pytest.approx(4000, abs=250)


@pytest.mark.parametrize("rate", [3.0, 5.0])
def test_speaking_rate_counts_the_peaks_of_energy(rate: float):
    assert measured(syllables(4.0, rate))["speaking_rate"] == pytest.approx(rate, rel=0.15)


def test_what_has_no_pitch_has_no_syllables():
    swell = 1.1 + np.sin(2 * np.pi * 4 * np.arange(4 * RATE) / RATE)
    noise = np.random.default_rng(0).normal(0, 0.1, 4 * RATE) * swell
    assert measured(noise)["speaking_rate"] == 0


def test_the_file_is_described_by_its_record():
    found = measured(tone(1.0), rate_hz=44_100)
    assert (found["codec"], found["sample_rate"], found["seconds"]) == ("pcm_s16le", 44_100.0, 1.0)
