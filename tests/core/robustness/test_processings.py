"""Each benign processing returns speech in its place, the same each time, and does what its name promises."""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import numpy as np
import pytest

from core.errors import AudioError
from core.robustness import PROCESSINGS
from core.robustness.encodec import weights_path
from core.robustness.processings import aac_48k, loudness, neural_codec

NAMES = PROCESSINGS.names()


def spectrum(wave):
    return np.abs(np.fft.rfft(wave)) ** 2, np.fft.rfftfreq(len(wave), 1 / 16000)


def share(wave, low, high):
    power, hz = spectrum(wave)
    return power[(hz >= low) & (hz < high)].sum() / power.sum()


def lag(one, two):
    """Return by how many samples ``two`` is late, and how alike they are then."""
    n = 2 * max(len(one), len(two))
    correlation = np.fft.irfft(np.fft.rfft(two, n) * np.fft.rfft(one, n).conj())
    late = int(np.argmax(correlation))
    return (late if late < n // 2 else late - n), correlation[late] / np.linalg.norm(one) / np.linalg.norm(two)


@pytest.mark.parametrize("name", NAMES)
def test_a_processing_keeps_speech_in_its_place_and_repeats(speech, name):
    each = PROCESSINGS.get(name)
    if (why_not := each.available()) is not None:
        pytest.skip(why_not)
    if name == "trim-silence":
        speech = np.pad(speech, 8000)
    one, two = (each(speech, np.random.default_rng(3)) for _ in range(2))
    assert one.dtype == np.float32 and one.ndim == 1 and np.isfinite(one).all()
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, speech)
    if not each.moves_time:
        late, alike = lag(speech, one)
        assert len(one) == len(speech) and abs(late) <= 2 and alike > 0.6
    assert each.name == name and each.summary.endswith(".") and each.label


@pytest.mark.parametrize("name", NAMES)
def test_silence_and_a_few_samples_survive(name):
    each = PROCESSINGS.get(name)
    if each.available() is None:
        for wave in (np.zeros(16000, np.float32), np.full(1600, 0.1, np.float32)):
            assert np.isfinite(each(wave, np.random.default_rng(0))).all()


@pytest.mark.parametrize("name", ["aac-48k", "loudness", "time-stretch"])
def test_a_program_that_takes_too_long_is_an_error_in_words(name, monkeypatch):
    each = PROCESSINGS.get(name)
    if each.available() is not None:
        pytest.skip("needs ffmpeg")
    monkeypatch.setattr("core.audio.ffmpeg_pipe._PATIENCE_S", 1e-4)
    with pytest.raises(AudioError, match="try a shorter one"):
        each(np.full(16000, 0.1, np.float32), np.random.default_rng(0))


def test_there_are_at_least_eight_that_need_nothing_but_the_requirements():
    assert sum(PROCESSINGS.get(name).available() is None for name in NAMES) >= 8


def test_the_band_of_a_telephone_and_of_a_low_pass(speech):
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(len(speech)).astype(np.float32) * 0.1
    low = PROCESSINGS.get("low-pass")(noise, rng)
    assert share(low, 4300, 8000) < 1e-4 and share(low, 0, 3900) > 0.95
    phone = PROCESSINGS.get("telephone")(noise, rng)
    assert share(phone, 3900, 8000) < 0.01 and share(phone, 0, 200) < 0.01


def test_noise_lies_20_db_below_the_clip(speech):
    noisy = PROCESSINGS.get("noise-20db")(speech, np.random.default_rng(0))
    assert 10 * np.log10(np.mean(speech**2) / np.mean((noisy - speech) ** 2)) == pytest.approx(20, abs=0.1)


def test_noise_suppression_quietens_the_pauses_and_leaves_the_speech():
    rng = np.random.default_rng(0)
    tone = np.sin(2 * np.pi * 500 * np.arange(32000) / 16000) * (np.arange(32000) > 16000)
    noisy = (0.3 * tone + 0.01 * rng.standard_normal(32000)).astype(np.float32)
    cleaned = PROCESSINGS.get("noise-suppression")(noisy, rng)
    assert np.std(cleaned[2000:14000]) < 0.5 * np.std(noisy[2000:14000])
    assert np.std(cleaned[18000:]) == pytest.approx(np.std(noisy[18000:]), rel=0.05)


def test_time_stretch_shortens_by_a_tenth_and_keeps_the_pitch():
    tone = (0.3 * np.sin(2 * np.pi * 500 * np.arange(48000) / 16000)).astype(np.float32)
    faster = PROCESSINGS.get("time-stretch")(tone, np.random.default_rng(0))
    assert len(faster) == pytest.approx(48000 / 1.1, rel=0.02)
    power, hz = spectrum(faster)
    assert hz[power.argmax()] == pytest.approx(500, abs=3)


def test_loudness_lifts_what_is_quiet():
    tone = np.sin(2 * np.pi * 500 * np.arange(160000) / 16000) * np.where(np.arange(160000) < 80000, 0.02, 0.4)
    even = PROCESSINGS.get("loudness")(tone.astype(np.float32), np.random.default_rng(0))
    assert np.std(even[16000:48000]) > 0.15 * np.std(even[112000:144000])


def test_trimming_cuts_silence_off_both_ends_and_nothing_else():
    wave = np.zeros(32000, np.float32)
    wave[12000:20000] = 0.3 * np.sin(2 * np.pi * 500 * np.arange(8000) / 16000)
    trimmed = PROCESSINGS.get("trim-silence")(wave, np.random.default_rng(0))
    assert 8000 <= len(trimmed) < 10000


@pytest.mark.parametrize("name", ["mp3-64k", "opus-24k", "aac-48k", "telephone"])
def test_a_codec_gives_back_a_recording_beyond_full_scale_unclipped(speech, name):
    loud = speech * np.float32(3 / np.abs(speech).max())
    assert np.abs(PROCESSINGS.get(name)(loud, np.random.default_rng(0))).max() > 1.5


def test_what_needs_ffmpeg_says_so_without_it(monkeypatch):
    monkeypatch.setattr("core.audio.ffmpeg_pipe.find_ffmpeg", lambda: None)
    for each in (aac_48k.aac_48k, loudness.loudness):
        assert "ffmpeg is not installed" in (each.available() or "")



class HalvingCodec:
    """In place of EnCodec: one weight, by which it multiplies."""

    @staticmethod
    def encodec_model_24khz(pretrained):
        import torch

        class Network(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.gain = torch.nn.Parameter(torch.zeros(1))

            def set_target_bandwidth(self, kbps):
                assert kbps == 6.0

            def forward(self, waveform):
                assert waveform.shape[:2] == (1, 1)
                return self.gain * waveform

        assert not pretrained
        return Network()


def test_a_neural_codec_is_used_where_it_is_installed(speech, tmp_path, monkeypatch):
    import torch

    package = ModuleType("encodec")
    package.__spec__ = ModuleSpec("encodec", None)
    package.EncodecModel = HalvingCodec
    monkeypatch.setitem(sys.modules, "encodec", package)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    neural_codec._network.cache_clear()
    each = PROCESSINGS.get("neural-codec")
    assert "weights are not at" in (each.available() or "")
    weights_path().parent.mkdir(parents=True)
    torch.save({"gain": torch.full((1,), 0.5)}, weights_path())
    assert each.available() is None
    coded = each(speech, np.random.default_rng(0))
    neural_codec._network.cache_clear()
    late, alike = lag(speech, coded)
    assert len(coded) == len(speech) and late == 0 and alike > 0.99
    assert np.std(coded) == pytest.approx(0.5 * np.std(speech), rel=0.01)
