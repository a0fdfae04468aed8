"""Decoding: exact where it can be, noted where it cannot, and refused in one sentence otherwise."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from core.audio import decode as decoding
from core.audio.clip import SAMPLE_RATE
from core.audio.decode import decode, find_ffmpeg
from core.audio.limits import Limits
from core.audio.pool import DecoderPool
from core.errors import AudioError


def tone(seconds: float, *, rate: int = SAMPLE_RATE, hz: float = 440.0) -> NDArray[np.float64]:
    return 0.3 * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate)


def refusal(path: Path, **options: Limits) -> str:
    with pytest.raises(AudioError) as caught:
        decode(path, **options)
    return str(caught.value)


def test_16_bit_mono_at_16_khz_comes_out_exactly(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).integers(-32768, 32768, 3 * SAMPLE_RATE, dtype=np.int16)
    soundfile.write(tmp_path / "a.wav", samples, SAMPLE_RATE, subtype="PCM_16")
    clip = decode(tmp_path / "a.wav")
    assert clip.waveform.dtype == np.float32
    assert np.array_equal(clip.waveform, samples / np.float32(32768))
    assert (clip.record.container, clip.record.codec) == ("WAV", "16-bit PCM")
    assert clip.record.notes == ()
    assert clip.duration_s == clip.record.used_s == clip.record.duration_s == 3.0


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000, 192_000])
def test_a_tone_keeps_its_pitch_level_and_length_from_any_rate(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "a.wav", tone(2.0, rate=rate), rate, subtype="FLOAT")
    clip = decode(tmp_path / "a.wav")
    assert len(clip.waveform) == 2 * SAMPLE_RATE
    assert clip.record.sample_rate_hz == rate
    inner = slice(SAMPLE_RATE // 4, -SAMPLE_RATE // 4)
    assert np.abs(clip.waveform - tone(2.0))[inner].max() < 1e-3


def test_channels_are_averaged(tmp_path: Path) -> None:
    left, right = tone(1.0), tone(1.0, hz=700)
    soundfile.write(tmp_path / "a.wav", np.stack([left, right], 1), SAMPLE_RATE, subtype="DOUBLE")
    clip = decode(tmp_path / "a.wav")
    assert clip.record.channels == 2
    assert np.abs(clip.waveform - (left + right) / 2).max() < 1e-6


def test_channels_that_cancel_leave_the_loudest_and_a_note(tmp_path: Path) -> None:
    voice = tone(1.0)
    soundfile.write(tmp_path / "a.wav", np.stack([0.98 * voice, -voice], 1), SAMPLE_RATE, subtype="DOUBLE")
    clip = decode(tmp_path / "a.wav")
    assert np.abs(clip.waveform + voice).max() < 1e-6
    assert any("channel 2" in note for note in clip.record.notes)


@pytest.mark.parametrize("noise", [0.02, 0.2])
def test_channels_in_opposite_phase_are_not_mixed_down_to_their_noise(tmp_path: Path, noise: float) -> None:
    voice = tone(1.0)
    left, right = noise * 0.2 * np.random.default_rng(2).standard_normal((2, len(voice)))
    soundfile.write(tmp_path / "a.wav", np.stack([voice + left, right - voice], 1), SAMPLE_RATE, subtype="DOUBLE")
    clip = decode(tmp_path / "a.wav")
    assert abs(np.corrcoef(clip.waveform, voice)[0, 1]) > 0.95
    assert any("opposite phase" in note or "vanishes" in note for note in clip.record.notes)


def test_unrelated_channels_and_one_sided_ones_are_averaged_without_a_note(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    for number, pair in enumerate([rng.standard_normal((SAMPLE_RATE, 2)), np.stack([tone(1.0), 0 * tone(1.0)], 1)]):
        soundfile.write(tmp_path / f"{number}.wav", 0.1 * pair, SAMPLE_RATE, subtype="DOUBLE")
        clip = decode(tmp_path / f"{number}.wav")
        assert np.abs(clip.waveform - 0.1 * pair.mean(axis=1)).max() < 1e-6
        assert clip.record.notes == ()


@pytest.mark.parametrize("hz", [9_000, 12_000, 20_000])
def test_what_lies_above_8_khz_only_is_silent_to_a_detector_and_refused(tmp_path: Path, hz: float) -> None:
    soundfile.write(tmp_path / "a.wav", tone(1.0, rate=48_000, hz=hz), 48_000, subtype="PCM_16")
    assert "is silent below 8 kHz" in refusal(tmp_path / "a.wav")
    both = tone(1.0, rate=48_000, hz=hz) + 0.05 * tone(1.0, rate=48_000)
    soundfile.write(tmp_path / "b.wav", both, 48_000, subtype="PCM_16")
    assert np.abs(decode(tmp_path / "b.wav").waveform).max() > 0.01


def test_a_large_offset_does_not_hide_silence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full(SAMPLE_RATE, 900_000.0), SAMPLE_RATE, subtype="DOUBLE")
    assert "silent" in refusal(tmp_path / "a.wav")


@pytest.mark.parametrize(("scale", "divisor", "word"), [(32768, 32768, "integer"), (10, 3.0, "peak"), (4, 1, "kept")])
def test_float_samples_beyond_full_scale_are_scaled_and_noted(
    tmp_path: Path, scale: float, divisor: float, word: str
) -> None:
    samples = np.asarray(scale * tone(1.0), np.float32)
    soundfile.write(tmp_path / "a.wav", samples, SAMPLE_RATE, subtype="FLOAT")
    clip = decode(tmp_path / "a.wav")
    assert np.allclose(clip.waveform, samples / divisor, rtol=1e-3, atol=1e-6)
    assert [word in note for note in clip.record.notes] == [True]


def test_a_long_recording_is_kept_in_part_and_the_rest_counted(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", tone(7.0, rate=44_100), 44_100)
    clip = decode(tmp_path / "a.flac", limits=Limits(keep_s=2.5))
    assert len(clip.waveform) == int(2.5 * SAMPLE_RATE)
    assert (clip.record.duration_s, clip.record.used_s, clip.record.dropped_s) == (7.0, 2.5, 4.5)


def test_a_file_too_large_to_be_kept_raw_is_read_twice_with_the_same_result(tmp_path: Path) -> None:
    # 9.6 million samples in all channels: beyond what the first pass keeps.
    samples = np.random.default_rng(1).integers(-9000, 9000, (600_000, 16), dtype=np.int16)
    soundfile.write(tmp_path / "a.wav", samples, SAMPLE_RATE, subtype="PCM_16")
    clip = decode(tmp_path / "a.wav")
    assert np.abs(clip.waveform - samples.mean(axis=1) / 32768).max() < 1e-6


def test_sound_after_the_kept_seconds_does_not_make_silence_audible(tmp_path: Path) -> None:
    samples = np.concatenate([np.zeros(2 * SAMPLE_RATE), tone(1.0)])
    soundfile.write(tmp_path / "a.wav", samples, SAMPLE_RATE)
    assert "silent in its first 1 s" in refusal(tmp_path / "a.wav", limits=Limits(keep_s=1.0))


def test_m4a_is_read_through_ffmpeg_with_its_own_rate_and_channels(tmp_path: Path) -> None:
    ffmpeg = find_ffmpeg()
    if ffmpeg is None:
        pytest.skip("no ffmpeg")
    source = tmp_path / "a.wav"
    soundfile.write(source, np.stack([tone(2.0, rate=44_100)] * 2, 1), 44_100)
    command = [ffmpeg, "-v", "error", "-i", str(source), "-c:a", "aac", str(tmp_path / "a.m4a")]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    clip = decode(tmp_path / "a.m4a")
    record = clip.record
    assert (record.container, record.codec, record.sample_rate_hz, record.channels) == ("MP4", "AAC", 44_100, 2)
    assert abs(clip.duration_s - 2.0) < 0.1
    spectrum = np.abs(np.fft.rfft(clip.waveform[8000:24000]))
    assert abs(int(spectrum.argmax()) - 440) <= 1


@pytest.mark.parametrize(
    ("suffix", "form", "subtype", "codec"),
    [
        ("mp3", "MP3", "MPEG_LAYER_III", "MP3"),
        ("ogg", "OGG", "VORBIS", "Vorbis"),
        ("opus", "OGG", "OPUS", "Opus"),
        ("flac", "FLAC", "PCM_24", "FLAC (24-bit)"),
    ],
)
def test_codecs_bear_the_names_people_use(tmp_path: Path, suffix: str, form: str, subtype: str, codec: str) -> None:
    soundfile.write(tmp_path / f"a.{suffix}", tone(1.0), SAMPLE_RATE, format=form, subtype=subtype)
    assert decode(tmp_path / f"a.{suffix}").record.codec == codec


def test_what_is_no_recording_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "notes.wav").write_text("not a sound\n" * 50)
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "link.wav").symlink_to(tmp_path / "notes.wav")
    (tmp_path / "empty.wav").touch()
    os.mkfifo(tmp_path / "fifo.wav")
    soundfile.write(tmp_path / "short.wav", tone(0.05), SAMPLE_RATE)
    reasons = {
        "notes": "not audio",
        "folder": "folder",
        "link": "symbolic link",
        "empty": "empty",
        "fifo": "pipe",
        "short": "50.0 ms",
        "missing": "cannot be found",
    }
    for name, reason in reasons.items():
        assert reason in refusal(tmp_path / f"{name}.wav")


def test_a_file_over_the_size_limit_is_not_opened(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(1.0), SAMPLE_RATE)
    assert "at most" in refusal(tmp_path / "a.wav", limits=Limits(max_bytes=1000))


def test_decoding_that_costs_too_much_is_ended(tmp_path: Path) -> None:
    # Eight channels of minutes at 48 kHz, in a FLAC of silence with clicks: a second of computing, for who looks late.
    with soundfile.SoundFile(tmp_path / "a.flac", "w", 48_000, 8, format="FLAC") as file:
        block = np.zeros((48_000 * 60, 8), np.int16)
        block[0] = 1000
        for _ in range(18):
            file.write(block)
    # A machine that has little time for the child is waited for.
    limits = Limits(cpu_s=0.1, cpu_s_per_megabyte=0.0, cpu_s_per_hour=0.0, patience=6000.0)
    assert "too long to decode" in refusal(tmp_path / "a.flac", limits=limits)


def test_a_machine_that_is_busy_is_not_blamed_on_the_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A child that gets no processor time looks like one that waits.
    waiting = (sys.executable, str(Path(__file__).with_name("hung_child.py")))
    pool = DecoderPool(size=1, command=waiting)
    monkeypatch.setattr(decoding, "_pool", pool)
    soundfile.write(tmp_path / "a.wav", tone(1.0), SAMPLE_RATE)
    message = refusal(tmp_path / "a.wav", limits=Limits(cpu_s=0.1, cpu_s_per_megabyte=0.0, patience=2.0))
    pool.close()
    assert "busy" in message and "convert" not in message


def test_a_name_with_line_breaks_stays_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a\nb\u202e.wav"
    path.write_bytes(b"no sound here")
    message = refusal(path)
    assert "\n" not in message and "\u202e" not in message


def test_the_name_given_is_the_clip_s_name(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(1.0), SAMPLE_RATE)
    clip = decode(tmp_path / "a.wav", name="Interview")
    assert (clip.name, clip.path) == ("Interview", tmp_path / "a.wav")
