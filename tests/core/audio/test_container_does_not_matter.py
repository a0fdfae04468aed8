"""The container must not matter: identical samples give the identical verdict, lossy ones that of their samples."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from core.audio.budget import Budget
from core.audio.clip import Clip
from core.audio.containers.piece import Piece
from core.audio.decode import decode, find_ffmpeg
from core.audio.ffmpeg import open_with_ffmpeg
from core.audio.libsndfile import SoundfileSource
from core.audio.limits import DEFAULT_LIMITS
from core.audio.reading import Reading
from core.panel import Panel
from core.usecases import analyse_clip
from tests.dashboard.small_panel import small_panel

RATE = 44_100
LOSSLESS = [
    ("16.wav", "WAV", "PCM_16", {}), ("24.wav", "WAV", "PCM_24", {}), ("32.wav", "WAV", "PCM_32", {}),
    ("32f.wav", "WAV", "FLOAT", {}), ("64f.wav", "WAV", "DOUBLE", {}), ("x.wav", "WAVEX", "PCM_16", {}),
    *((f"{level}.flac", "FLAC", "PCM_16", {"compression_level": level / 8}) for level in range(9)),
    ("24.flac", "FLAC", "PCM_24", {}), ("16.caf", "CAF", "PCM_16", {}), ("alac.caf", "CAF", "ALAC_16", {}),
    ("32f.caf", "CAF", "FLOAT", {}), ("16.aiff", "AIFF", "PCM_16", {}), ("24.aiff", "AIFF", "PCM_24", {}),
    ("16.w64", "W64", "PCM_16", {}), ("32f.w64", "W64", "FLOAT", {}), ("16.au", "AU", "PCM_16", {}),
    ("24.au", "AU", "PCM_24", {}), ("16.rf64", "RF64", "PCM_16", {}),
]  # fmt: skip
BY_FFMPEG = [("alac.m4a", ["-c:a", "alac"]), ("a.wv", []), ("a.tta", []), ("flac.mkv", ["-c:a", "flac"])]


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    return small_panel(tmp_path_factory.mktemp("panel")).panel


@pytest.fixture(scope="module")
def samples(speech_source: np.ndarray) -> np.ndarray:
    """Two seconds of speech at 44.1 kHz, on the steps of 16 bits, so that every container can hold them exactly."""
    wave = soxr.resample(speech_source[:32_000], 16_000, RATE)
    return np.round(0.9 * wave / np.abs(wave).max() * 32_767) / 32_768


def verdict(clip: Clip, panel: Panel) -> dict[str, object]:
    found = analyse_clip(clip, panel).to_json()
    return {key: value for key, value in found.items() if key not in {"path", "decode"}}


def test_identical_samples_give_the_identical_verdict(tmp_path: Path, samples: np.ndarray, panel: Panel) -> None:
    paths = [tmp_path / name for name, *_ in LOSSLESS]
    for path, (_, container, subtype, options) in zip(paths, LOSSLESS, strict=True):
        soundfile.write(path, samples, RATE, format=container, subtype=subtype, **options)
    first, *others = [decode(path) for path in paths]
    assert len(first.waveform) == 32_000
    for other in others:
        np.testing.assert_array_equal(other.waveform, first.waveform, err_msg=other.name)
        assert other.record.notes == () and other.record.sample_rate_hz == RATE
    whole = verdict(first, panel)
    assert whole["verdict"] is not None
    for other in others:
        if other.name in {"8.flac", "16.w64"}:
            assert verdict(other, panel) == whole, other.name


def test_what_ffmpeg_alone_reads_holds_the_same_samples(tmp_path, samples, encode) -> None:
    soundfile.write(tmp_path / "16.wav", samples, RATE, subtype="PCM_16")
    first = decode(tmp_path / "16.wav")
    for name, options in BY_FFMPEG:
        found = decode(encode(tmp_path / "16.wav", tmp_path / name, *options))
        np.testing.assert_array_equal(found.waveform, first.waveform, err_msg=name)


LOSSY = [
    ("a.mp3", ["-c:a", "libmp3lame", "-b:a", "64k"]),
    ("no-header.mp3", ["-c:a", "libmp3lame", "-b:a", "64k", "-write_xing", "0"]),
    ("a.ogg", ["-c:a", "libvorbis"]),
    ("a.opus", ["-c:a", "libopus", "-b:a", "24k"]),
]


@pytest.mark.parametrize(("name", "options"), LOSSY)
def test_two_decoders_agree_in_length_delay_and_samples(
    tmp_path, samples, encode, name, options, monkeypatch
) -> None:
    monkeypatch.setattr(Budget, "bind", lambda *_: None)
    soundfile.write(tmp_path / "16.wav", soxr.resample(samples, RATE, 48_000), 48_000, subtype="PCM_16")
    path = encode(tmp_path / "16.wav", tmp_path / name, *options)
    piece = Piece(0, path.stat().st_size)
    with SoundfileSource(str(path), piece) as source:
        one = np.concatenate(list(source.blocks()))[:, 0]
    budget = Budget(DEFAULT_LIMITS, piece.stop)
    with open_with_ffmpeg(str(path), piece, ffmpeg=str(find_ffmpeg()), max_duration_s=60.0, budget=budget) as other:
        two = np.concatenate(list(other.blocks()))[:, 0]
    assert len(one) == len(two) and other.notes == ()
    # A delay of one sample would differ by much more.
    assert np.abs(one - two).max() < 1e-5 < 0.01 * np.abs(one[1:] - one[:-1]).max()


def test_opus_has_the_same_samples_in_ogg_and_in_webm(tmp_path, samples, encode) -> None:
    soundfile.write(tmp_path / "16.wav", samples, RATE, subtype="PCM_16")
    ogg = encode(tmp_path / "16.wav", tmp_path / "a.opus", "-c:a", "libopus", "-b:a", "24k")
    one, two = decode(ogg), decode(encode(ogg, tmp_path / "a.webm", "-c", "copy"))
    assert len(one.waveform) == len(two.waveform) and two.record.codec == "Opus" and two.record.notes == ()
    np.testing.assert_allclose(one.waveform, two.waveform, atol=1e-5)


def test_opus_by_another_decoder_is_noted(tmp_path, samples, encode, monkeypatch) -> None:
    monkeypatch.setattr("core.audio.ffmpeg.LIBOPUS", "no-such-decoder")
    monkeypatch.setattr(Budget, "bind", lambda *_: None)
    soundfile.write(tmp_path / "16.wav", samples, RATE, subtype="PCM_16")
    path = encode(tmp_path / "16.wav", tmp_path / "a.webm", "-c:a", "libopus", "-b:a", "24k")
    reading = Reading(str(path), limits=DEFAULT_LIMITS, ffmpeg=find_ffmpeg(), announce=lambda _: None)
    (piece,) = reading.survey().pieces
    assert "Opus was decoded by ffmpeg itself" in reading.read(piece, keep_s=60.0).notes[0]


@pytest.mark.parametrize("name", ["a.mp3", "a.ogg", "a.m4a"])
def test_a_lossy_file_is_scored_by_the_samples_that_it_decodes_to(tmp_path, samples, encode, panel, name) -> None:
    soundfile.write(tmp_path / "16.wav", samples, RATE, subtype="PCM_16")
    lossy = encode(tmp_path / "16.wav", tmp_path / name)
    one, two = decode(lossy), decode(encode(lossy, tmp_path / "decoded.wav", "-c:a", "pcm_f32le"))
    assert len(one.waveform) == len(two.waveform)
    np.testing.assert_allclose(one.waveform, two.waveform, atol=1e-5)
    if name == "a.mp3":
        scores = [panel.score(clip.waveform)["cnn2d-lfcc"].score for clip in (one, two)]
        assert scores[0] == pytest.approx(scores[1], abs=1e-3)
