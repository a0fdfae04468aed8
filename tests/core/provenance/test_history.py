"""History: what form, tags and samples show of a file's past, on signals whose past is known."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr

from core.audio.clip import DecodeRecord
from core.audio.decode import decode, find_ffmpeg
from core.audio.limits import DEFAULT_LIMITS
from core.audio.segment import Sound
from core.provenance.history import form_lines, sample_lines
from core.provenance.samples import measure_file, measure_samples
from core.provenance.tags import read_tags, tag_lines


def noise(rate: int, seconds: float = 3.0) -> np.ndarray:
    """Noise at full band, in bursts as speech has them."""
    n = round(rate * seconds)
    bursts = 0.55 + 0.45 * np.sin(2 * np.pi * 3 * np.arange(n) / rate)
    return 0.05 * np.random.default_rng(0).standard_normal(n) * bursts


def texts(samples: np.ndarray, rate: int) -> str:
    facts = {**measure_samples(samples.astype(np.float64), rate), "whole": True, "pieces": 1}
    return "\n".join(f"{line.state}: {line.text} {line.meaning}" for line in sample_lines(facts))


def through(samples: np.ndarray, rate: int, inner: int) -> np.ndarray:
    """Return a signal that was once at another rate."""
    return np.asarray(soxr.resample(soxr.resample(samples, rate, inner), inner, rate))


@pytest.mark.parametrize(
    ("rate", "inner", "origin"),
    [
        (48_000, 24_000, "24 kHz"), (44_100, 22_050, "22.05 kHz"), (44_100, 16_000, "16 kHz"),
        (16_000, 8_000, "telephone"), (22_050, 8_000, "telephone"), (48_000, 8_000, "telephone"),
    ],
)  # fmt: skip
def test_a_recording_of_a_lower_rate_inside_a_higher_one_is_found(rate: int, inner: int, origin: str) -> None:
    facts = measure_samples(through(noise(rate), rate, inner), rate)
    assert 0.95 < facts["limit_hz"] / (inner / 2) < 1.06
    assert origin in texts(through(noise(rate), rate, inner), rate)


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_a_full_band_has_no_edge(rate: int) -> None:
    assert measure_samples(noise(rate), rate)["limit_hz"] is None


def test_a_telephone_band_says_what_it_means_for_the_verdict() -> None:
    assert "notable: Band-limited at 4.2 kHz" in texts(through(noise(16_000), 16_000, 8_000), 16_000)
    for rate in (16_000, 22_050, 48_000):
        assert "seldom trained on such a narrow band" in texts(through(noise(rate), rate, 8_000), rate)


def test_speech_has_no_edge_and_no_holes_and_mp3_leaves_some(speech: np.ndarray, tmp_path: Path) -> None:
    clean = np.round(speech.astype(np.float64) * 32768) / 32768
    path = tmp_path / "coded.mp3"
    soundfile.write(tmp_path / "clean.wav", clean, 16_000)
    command = [str(find_ffmpeg()), "-v", "error", "-i", str(tmp_path / "clean.wav"), "-b:a", "24k", str(path)]
    subprocess.run(command, check=True)
    coded = soundfile.read(path)[0]
    assert "earlier codec is not ruled out" in texts(clean, 16_000)
    assert "notable: Holes" in texts(coded, 16_000)


def test_clipping_silence_and_offset_are_counted() -> None:
    rate = 16_000
    samples = np.clip(20 * noise(rate), -0.9, 0.9)
    samples[rate : 2 * rate] = 0.0
    facts = measure_samples(samples, rate)
    assert facts["silent_s"] == pytest.approx(1.0, abs=0.01) and facts["clipped"] > 10
    found = texts(samples, rate)
    assert "Clipped at" in found and "1.0 s of digital silence" in found
    assert "Constant offset of 5.0 %" in texts(noise(rate) + 0.05, rate)
    assert "No clipping, no digital silence, no constant offset" in texts(noise(rate), rate)


@pytest.mark.parametrize("value", [0.0, 0.01, 8 / 32768])
def test_silence_that_is_not_zero_is_digital_silence_as_it_is_for_the_detectors(value: float) -> None:
    samples = noise(16_000)
    samples[16_000:32_000] = value
    facts = measure_samples(samples, 16_000)
    assert facts["silent_s"] == pytest.approx(1.0, abs=0.001)
    assert facts["unscored_s"] == pytest.approx(Sound.of(samples.astype(np.float32)).silent_s, abs=0.001)


@pytest.mark.parametrize(
    ("silences_s", "words"),
    [
        ((0.6, 1.0), "Such seconds are not scored."), ((0.4, 0.1), "at most 0.5 s, they are scored all the same."),
        ((0.4, 1.0), "1.0 s of it are not scored; stretches of at most 0.5 s are."),
    ],
)  # fmt: skip
def test_of_digital_silence_only_what_is_left_out_is_said_not_to_be_scored(
    silences_s: tuple[float, float], words: str
) -> None:
    rate, samples = 16_000, noise(16_000)
    for start_s, seconds in zip((0.2, 1.5), silences_s, strict=True):
        samples[round(rate * start_s) : round(rate * (start_s + seconds))] = 0.0
    assert words in texts(samples, rate)
    left_out = Sound.of(samples.astype(np.float32)).silent_s
    assert measure_samples(samples, rate)["unscored_s"] == pytest.approx(left_out, abs=0.01)


def test_a_quiet_recording_is_notable() -> None:
    quiet = 0.01 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000) * 0.1
    assert "notable: Level -63 dBFS on average, -60.0 dBFS at the peak. Very quiet" in texts(quiet, 16_000)


@pytest.mark.parametrize(
    ("codec", "rate", "channels", "kbps", "whose"),
    [
        ("16-bit PCM", 24_000, 1, 384.0, "Kokoro"), ("16-bit PCM", 22_050, 1, 352.8, "Piper"),
        ("MP3", 44_100, 1, 128.0, "ElevenLabs"), ("16-bit PCM", 24_000, 2, 768.0, ""),
        ("MP3", 44_100, 1, 192.0, ""), ("16-bit PCM", 48_000, 1, 768.0, ""),
    ],
)  # fmt: skip
def test_forms_of_common_text_to_speech_exports_are_named(
    codec: str, rate: int, channels: int, kbps: float, whose: str
) -> None:
    record = DecodeRecord("WAV", codec, rate, channels, 1.0, 1.0)
    lines = list(form_lines(record, {"bit_rate_kbps": kbps}))
    assert f"{rate:,} Hz" in lines[0].text and f"{kbps:.0f} kbit/s" in lines[0].text
    assert [whose in line.text for line in lines[1:]] == [True] * bool(whose)
    assert (lines[0].state == "notable") == (codec == "MP3")


@pytest.mark.parametrize("codec", ["µ-law", "IMA ADPCM", "G.722", "DTS", "Musepack", "MPEG layer 1", "nellymoser"])
def test_nothing_lossy_is_said_to_be_stored_without_loss(codec: str) -> None:
    first, *_ = form_lines(DecodeRecord("WAV", codec, 16_000, 1, 1.0, 1.0), {})
    assert (first.state, "lossy codec" in first.meaning) == ("notable", True)


@pytest.mark.parametrize("suffix", ["mp3", "m4a", "flac"])
def test_tags_that_name_a_generator_or_label_the_sound_are_notable(
    suffix: str, speech: np.ndarray, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "a.wav", speech[:16000], 16_000)
    label = '{"Label":"1","ContentProducer":"x"}'
    command = [
        str(find_ffmpeg()), "-v", "error", "-i", str(tmp_path / "a.wav"), "-metadata", "comment=by eleven labs, v3",
        "-metadata", f"AIGC={label}", "-metadata", "title=The bark of a dog",
        "-movflags", "use_metadata_tags", str(tmp_path / f"a.{suffix}"),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    lines = tag_lines(read_tags(str(tmp_path / f"a.{suffix}")))
    notable = " ".join(line.text for line in lines if line.state == "notable")
    assert "GB 45438" in notable and "eleven labs" in notable and "bark" not in notable
    assert any("Lavf" in line.text for line in lines)


@pytest.mark.parametrize("text", ["Embark", "Suno's", "a kokoroko concert", "piperazine"])
def test_part_of_a_word_names_no_generator(text: str) -> None:
    lines = tag_lines({"tags": {"title": text}, "bit_rate_kbps": None})
    assert [line.state for line in lines].count("notable") == (text == "Suno's")


@pytest.mark.usefixtures("unbound")
def test_a_file_is_measured_at_its_own_rate(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, np.stack([noise(48_000)] * 2, axis=1), 48_000)
    facts = measure_file(str(path), limits=DEFAULT_LIMITS, ffmpeg=None)
    assert (facts["rate_hz"], facts["channels"], facts["whole"]) == (48_000, 2, True)
    assert facts["seconds"] == pytest.approx(3.0)


@pytest.fixture
def unbound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave this process unbounded: a child is held to its budget."""
    monkeypatch.setattr("core.audio.budget.Budget.bind", lambda *_: None)


def measured(path: Path, left: np.ndarray, right: np.ndarray, rate: int = 16_000) -> dict[str, Any]:
    soundfile.write(path, np.stack([left, right], axis=1), rate, subtype="FLOAT")
    return measure_file(str(path), limits=DEFAULT_LIMITS, ffmpeg=None)


@pytest.mark.usefixtures("unbound")
@pytest.mark.parametrize("other", [0.0, 0.05, 0.9])
def test_clipping_on_one_channel_alone_is_found(tmp_path: Path, other: float) -> None:
    rate = 16_000
    tone = np.sin(2 * np.pi * 200 * np.arange(10 * rate) / rate)
    facts = measured(tmp_path / "a.wav", np.clip(2 * tone, -0.8, 0.8), other * noise(rate, 10.0))
    assert facts["clipped"] == pytest.approx(2 * 200 * 10, rel=0.01)
    assert measured(tmp_path / "b.wav", 0.8 * tone, other * noise(rate, 10.0))["clipped"] == 0


@pytest.mark.usefixtures("unbound")
def test_channels_that_cancel_are_measured_as_they_are_decoded(tmp_path: Path) -> None:
    sound = noise(16_000)
    facts = measured(tmp_path / "a.wav", sound, -0.8 * sound)
    clip = decode(tmp_path / "a.wav").waveform
    assert facts["rms"] == pytest.approx(float(np.sqrt(np.mean(clip.astype(float) ** 2))), rel=1e-3)
    assert facts["peak"] == pytest.approx(float(np.abs(clip).max()), rel=1e-3)
    assert facts["silent_s"] == 0
    assert measured(tmp_path / "b.wav", sound, -sound)["silent_s"] == 0


@pytest.mark.usefixtures("unbound")
def test_samples_on_an_integer_scale_have_the_level_at_which_they_are_decoded(tmp_path: Path) -> None:
    facts = measured(tmp_path / "a.wav", 32_768 * noise(16_000), 32_768 * noise(16_000))
    assert facts["rms"] == pytest.approx(float(np.sqrt(np.mean(noise(16_000) ** 2))), rel=1e-3)


@pytest.mark.usefixtures("unbound")
@pytest.mark.parametrize(("seconds", "whole"), [(2.0, True), (2.0 + 1 / 16_000, False)])
def test_only_what_was_not_measured_is_said_not_to_have_been(tmp_path: Path, seconds: float, whole: bool) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(16_000, seconds), 16_000)
    facts = measure_file(str(path), limits=replace(DEFAULT_LIMITS, keep_s=2.0), ffmpeg=None)
    assert (facts["whole"], facts["seconds"]) == (whole, 2.0)


@pytest.mark.usefixtures("unbound")
def test_of_several_recordings_in_a_file_one_is_said_to_be_measured(tmp_path: Path) -> None:
    parts = [tmp_path / f"{name}.wav" for name in "ab"]
    for part, seconds in zip(parts, (1.0, 2.0), strict=True):
        soundfile.write(part, noise(16_000, seconds), 16_000)
    both = tmp_path / "both.wav"
    both.write_bytes(b"".join(part.read_bytes() for part in parts))
    facts = measure_file(str(both), limits=DEFAULT_LIMITS, ffmpeg=None)
    assert (decode(both).duration_s, facts["seconds"]) == (3.0, 2.0)
    assert "Measured on the longest of 2 recordings" in " ".join(line.text for line in sample_lines(facts))


@pytest.mark.usefixtures("unbound")
def test_of_several_sound_tracks_the_one_that_is_decoded_is_measured(tmp_path: Path) -> None:
    command = [str(find_ffmpeg()), "-v", "error"]
    for name, gain in (("a", 0.001), ("b", 1.0)):
        soundfile.write(tmp_path / f"{name}.wav", gain * noise(16_000), 16_000)
        command += ["-i", str(tmp_path / f"{name}.wav")]
    path = tmp_path / "two.mkv"
    command += ["-map", "0:a", "-map", "1:a", "-c:a", "pcm_s16le", "-disposition:a:1", "default"]
    subprocess.run([*command, "-disposition:a:0", "0", str(path)], check=True)
    facts = measure_file(str(path), limits=DEFAULT_LIMITS, ffmpeg=find_ffmpeg())
    assert facts["rms"] == pytest.approx(float(np.sqrt(np.mean(decode(path).waveform.astype(float) ** 2))), rel=1e-3)
