"""The vocoders keep what they promise: length, level, mel spectrum; and pitch moves by its factor."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.resynthesis import griffin_lim, world_shift


@pytest.fixture
def vowel() -> NDArray[np.float32]:
    """Two seconds of a steady vowel: harmonics of 120 Hz under formants at 700 and 1,200 Hz."""
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    sound = np.zeros_like(time)
    for harmonic in range(120, 7900, 120):
        weight = sum(1 / (1 + ((harmonic - formant) / 100) ** 2) for formant in (700, 1200))
        sound += weight * np.sin(2 * np.pi * harmonic * time)
    return np.asarray(0.2 * sound / np.abs(sound).max(), np.float32)


def rms(waveform: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(waveform.astype(np.float64) ** 2)))


def period_hz(waveform: NDArray[np.float32]) -> float:
    middle = waveform[SAMPLE_RATE // 2 : SAMPLE_RATE].astype(np.float64)
    correlation = np.correlate(middle, middle, "full")[len(middle) :]
    return SAMPLE_RATE / (40 + 1 + float(np.argmax(correlation[40:400])))


def test_griffin_lim_keeps_length_level_and_mel_spectrum_but_not_the_waveform(
    vowel: NDArray[np.float32],
) -> None:
    import librosa

    spoof = griffin_lim(vowel)
    assert spoof.dtype == np.float32 and spoof.shape == vowel.shape
    assert rms(spoof) == pytest.approx(rms(vowel), rel=1e-3)

    def mel_db(waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        power = librosa.feature.melspectrogram(y=waveform, sr=SAMPLE_RATE, n_fft=1024, hop_length=256, n_mels=80)
        return librosa.power_to_db(power, ref=1.0)[:, 10:-10]

    loud = mel_db(vowel) > mel_db(vowel).max() - 30
    assert np.abs(mel_db(spoof) - mel_db(vowel))[loud].mean() < 3.0
    correlation = np.corrcoef(spoof, vowel)[0, 1]
    assert abs(correlation) < 0.9


def test_griffin_lim_is_the_same_for_the_same_seed(vowel: NDArray[np.float32]) -> None:
    assert np.array_equal(griffin_lim(vowel, iterations=3), griffin_lim(vowel, iterations=3))
    assert not np.array_equal(griffin_lim(vowel, iterations=3), griffin_lim(vowel, iterations=3, seed=1))


@pytest.mark.parametrize("factor", [0.75, 1.0, 1.5])
def test_world_moves_the_pitch_by_its_factor(vowel: NDArray[np.float32], factor: float) -> None:
    spoof = world_shift(vowel, pitch=factor, formants=1.0)
    assert spoof.dtype == np.float32 and spoof.shape == vowel.shape
    assert rms(spoof) == pytest.approx(rms(vowel), rel=1e-3)
    assert period_hz(vowel) == pytest.approx(120, rel=0.02)
    assert period_hz(spoof) == pytest.approx(120 * factor, rel=0.02)


def test_world_moves_the_formants_by_their_factor(vowel: NDArray[np.float32]) -> None:
    def centroid_hz(waveform: NDArray[np.float32]) -> float:
        power = np.abs(np.fft.rfft(waveform)) ** 2
        hz = np.fft.rfftfreq(len(waveform), 1 / SAMPLE_RATE)
        return float((power * hz).sum() / power.sum())

    moved = centroid_hz(world_shift(vowel, pitch=1.0, formants=1.3))
    same = centroid_hz(world_shift(vowel, pitch=1.0, formants=1.0))
    assert moved / same == pytest.approx(1.3, rel=0.1)
