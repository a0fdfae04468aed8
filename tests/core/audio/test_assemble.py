"""Files as they come: set end to end, miscounted, with several tracks. All is read, or what is not is noted."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from core.audio import decode as decoding
from core.audio.clip import SAMPLE_RATE, Clip
from core.audio.decode import decode
from core.audio.limits import Limits
from core.errors import AudioError
from tests.core.audio.conftest import Encode, join, sweep

END_TO_END = "recordings stand end to end"


def notes(clip: Clip) -> str:
    return "; ".join(clip.record.notes)


def is_like(part: NDArray[np.float32], whole: NDArray[np.float32], *, above: float = 0.9) -> bool:
    """Whether two stretches of sound hold the same, give or take 100 ms."""
    length = min(len(part), len(whole))
    spectra = np.fft.rfft(part[:length], 2 * length) * np.conj(np.fft.rfft(whole[:length], 2 * length))
    correlation = np.fft.irfft(spectra)
    near = np.concatenate([correlation[:1600], correlation[-1600:]])
    return float(np.abs(near).max()) > above * float(np.linalg.norm(part[:length]) * np.linalg.norm(whole[:length]))


@pytest.mark.parametrize(
    ("form", "subtype"),
    [
        ("WAV", "PCM_16"),
        ("RF64", "PCM_16"),
        ("W64", "PCM_16"),
        ("AIFF", "PCM_16"),
        ("AU", "PCM_16"),
        ("CAF", "PCM_16"),
        ("FLAC", "PCM_16"),
        ("OGG", "VORBIS"),
        ("OGG", "OPUS"),
        ("MP3", "MPEG_LAYER_III"),
    ],
)
def test_files_set_end_to_end_are_read_as_one(tmp_path: Path, form: str, subtype: str) -> None:
    pieces = []
    for number, (seconds, hz) in enumerate([(1.0, 300.0), (2.5, 700.0), (0.5, 1500.0)]):
        path = tmp_path / f"{number}.{form.lower()}"
        soundfile.write(path, sweep(seconds, stop_hz=hz), SAMPLE_RATE, format=form, subtype=subtype)
        pieces.append(path)
    clip = decode(join(tmp_path / "joined", *pieces))
    assert f"3 {END_TO_END}" in notes(clip)
    apart = [decode(path).waveform for path in pieces]
    assert np.array_equal(clip.waveform, np.concatenate(apart))
    assert clip.record.dropped_s == 0.0 and abs(clip.record.duration_s - 4.0) < 0.01


def test_the_name_of_a_joined_file_opens_nothing_else(
    tmp_path: Path, first: Path, second: Path, encode: Encode
) -> None:
    pair = [encode(source, tmp_path / f"{source.stem}.m4a", "-c:a", "aac") for source in (first, second)]
    for name in ("end,9,,:a.m4a", "concat:first.m4a|second.m4a", "%d.m4a", "-i"):
        assert abs(decode(join(tmp_path / name, *pair)).record.duration_s - 5.0) < 0.2


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        ("m4a", ("-c:a", "aac")),
        ("webm", ("-c:a", "libopus")),
        ("mka", ("-c:a", "flac")),
        ("wma", ()),
        ("wv", ()),
        ("tta", ()),
        ("flv", ("-ar", "22050")),
        ("avi", ("-c:a", "pcm_s16le")),
        ("amr", ("-ar", "8000")),
        ("aac", ()),
        ("ts", ("-c:a", "aac")),
    ],
)
def test_files_that_only_ffmpeg_reads_are_joined_too(
    tmp_path: Path, first: Path, second: Path, encode: Encode, suffix: str, options: tuple[str, ...]
) -> None:
    pair = [encode(source, tmp_path / f"{source.stem}.{suffix}", *options) for source in (first, second)]
    clip = decode(join(tmp_path / "joined", *pair))
    assert abs(clip.record.duration_s - 5.0) < 0.3 and clip.record.dropped_s == 0.0
    assert is_like(clip.waveform[: 2 * SAMPLE_RATE], decode(first).waveform)
    assert is_like(clip.waveform[-3 * SAMPLE_RATE :], decode(second).waveform)


def test_recordings_of_different_kinds_and_rates_are_joined(tmp_path: Path, first: Path) -> None:
    soundfile.write(tmp_path / "b.flac", np.stack([sweep(1.0, rate=44_100)] * 2, 1), 44_100)
    soundfile.write(tmp_path / "c.mp3", sweep(1.5, rate=24_000), 24_000)
    clip = decode(join(tmp_path / "joined", first, tmp_path / "c.mp3", tmp_path / "b.flac"))
    assert abs(clip.record.duration_s - 4.5) < 0.01 and f"3 {END_TO_END}" in notes(clip)
    assert is_like(clip.waveform[-SAMPLE_RATE:], sweep(1.0).astype(np.float32))


def test_many_short_recordings_are_joined_within_the_time_that_they_need(
    tmp_path: Path, first: Path, encode: Encode
) -> None:
    piece = encode(first, tmp_path / "a.webm", "-t", "0.5", "-c:a", "libopus")
    clip = decode(join(tmp_path / "joined", *[piece] * 30))
    assert abs(clip.record.duration_s - 15.0) < 1.0 and f"30 {END_TO_END}" in notes(clip)


def test_more_seconds_than_are_kept_are_dropped_over_all_pieces(tmp_path: Path, first: Path, second: Path) -> None:
    clip = decode(join(tmp_path / "joined", first, second, first), limits=Limits(keep_s=3.0))
    record = clip.record
    assert (record.duration_s, record.used_s, record.dropped_s) == (7.0, 3.0, 4.0)
    assert np.array_equal(
        clip.waveform, np.concatenate([decode(first).waveform, decode(second).waveform[:SAMPLE_RATE]])
    )


def test_a_silent_or_short_piece_does_not_refuse_the_whole(tmp_path: Path, second: Path) -> None:
    soundfile.write(tmp_path / "silent.wav", np.zeros(SAMPLE_RATE), SAMPLE_RATE, subtype="PCM_16")
    soundfile.write(tmp_path / "short.wav", sweep(0.02), SAMPLE_RATE, subtype="PCM_16")
    clip = decode(join(tmp_path / "joined", tmp_path / "silent.wav", tmp_path / "short.wav", second))
    assert clip.record.duration_s == 4.02


def test_a_size_field_that_covers_a_part_leaves_the_rest_noted_and_dropped(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.random.default_rng(0).normal(0, 0.1, 9 * SAMPLE_RATE), SAMPLE_RATE)
    content = bytearray((tmp_path / "a.wav").read_bytes())
    at = content.index(b"data")
    content[at + 4 : at + 8] = struct.pack("<I", 3 * 2 * SAMPLE_RATE)
    (tmp_path / "a.wav").write_bytes(content)
    clip = decode(tmp_path / "a.wav")
    assert clip.record.used_s == 3.0
    assert abs(clip.record.dropped_s - 6.0) < 0.01 and abs(clip.record.duration_s - 9.0) < 0.01
    assert "(about 6.0 s) could not be read as sound and were dropped" in notes(clip)


def test_sound_that_no_table_of_an_m4a_counts_is_noted_and_dropped(
    tmp_path: Path, second: Path, encode: Encode
) -> None:
    content = bytearray(encode(second, tmp_path / "a.m4a", "-c:a", "aac", "-b:a", "96k").read_bytes())
    at = content.index(b"stsz") + 12
    (samples,) = struct.unpack(">I", content[at : at + 4])
    content[at : at + 4] = struct.pack(">I", samples // 3)
    (tmp_path / "a.m4a").write_bytes(content)
    record = decode(tmp_path / "a.m4a").record
    assert 0.8 < record.used_s < 1.2 and abs(record.dropped_s - 2.0) < 0.3
    assert "could not be read as sound and were dropped" in "; ".join(record.notes)


def test_seconds_that_an_m4a_s_edits_cut_are_noted_and_dropped(tmp_path: Path, second: Path, encode: Encode) -> None:
    content = bytearray(encode(second, tmp_path / "a.m4a", "-c:a", "aac").read_bytes())
    at = content.index(b"mvhd") + 16
    one_second = content[at : at + 4]
    for box, place in ((b"elst", 12), (b"tkhd", 24)):
        at = content.index(box) + place
        content[at : at + 4] = one_second
    (tmp_path / "a.m4a").write_bytes(content)
    record = decode(tmp_path / "a.m4a").record
    assert abs(record.used_s - 1.0) < 0.1 and abs(record.duration_s - 3.0) < 0.2
    assert "edits cut 2." in "; ".join(record.notes)


def test_a_flac_that_counts_a_third_of_its_samples_is_read_to_the_end(tmp_path: Path) -> None:
    samples = sweep(3.0)
    soundfile.write(tmp_path / "a.flac", samples, SAMPLE_RATE)
    content = bytearray((tmp_path / "a.flac").read_bytes())
    content[22:26] = struct.pack(">I", SAMPLE_RATE)
    (tmp_path / "a.flac").write_bytes(content)
    clip = decode(tmp_path / "a.flac")
    assert clip.record.duration_s == 3.0 and np.abs(clip.waveform - samples).max() < 1e-4


def test_a_tag_behind_a_recording_is_no_loss(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.mp3", sweep(1.0), SAMPLE_RATE, format="MP3")
    plain = decode(tmp_path / "a.mp3")
    content = (tmp_path / "a.mp3").read_bytes()
    (tmp_path / "b.mp3").write_bytes(b"ID3\4\0\0\0\0\1\0" + bytes(128) + content + b"TAG" + bytes(125))
    tagged = decode(tmp_path / "b.mp3")
    assert np.array_equal(plain.waveform, tagged.waveform)
    assert tagged.record.notes == plain.record.notes == ()


def loud_then_quiet(path: Path, *, loud_first: bool) -> Path:
    rng = np.random.default_rng(0)
    parts = [rng.normal(0, 0.3, 2 * SAMPLE_RATE), 0.05 * sweep(10.0)]
    soundfile.write(path, np.concatenate(parts if loud_first else parts[::-1]), SAMPLE_RATE)
    return path


@pytest.mark.parametrize("loud_first", [True, False])
def test_mp3_without_a_frame_count_is_read_to_the_end(tmp_path: Path, encode: Encode, loud_first: bool) -> None:
    source = loud_then_quiet(tmp_path / "a.wav", loud_first=loud_first)
    clip = decode(encode(source, tmp_path / "a.mp3", "-q:a", "2", "-write_xing", "0", "-id3v2_version", "0"))
    assert abs(clip.record.duration_s - 12.0) < 0.15 and clip.record.dropped_s == 0.0
    assert "promises" not in notes(clip)


def test_times_in_mp3_without_a_header_are_late_by_what_is_noted(tmp_path: Path, encode: Encode) -> None:
    rng = np.random.default_rng(0)
    soundfile.write(tmp_path / "a.wav", rng.normal(0, 0.1, 2 * SAMPLE_RATE), SAMPLE_RATE)
    original = decode(tmp_path / "a.wav").waveform
    clip = decode(encode(tmp_path / "a.wav", tmp_path / "a.mp3", "-b:a", "64k", "-write_xing", "0"))
    lag = int(np.argmax(np.correlate(clip.waveform, original[:SAMPLE_RATE], "valid")))
    assert lag == 1105
    assert f"may be {1000 * lag / SAMPLE_RATE:.0f} ms late" in notes(clip)


@pytest.mark.parametrize("loud_first", [True, False])
def test_raw_aac_promises_nothing(tmp_path: Path, encode: Encode, loud_first: bool) -> None:
    source = loud_then_quiet(tmp_path / "a.wav", loud_first=loud_first)
    clip = decode(encode(source, tmp_path / "a.aac", "-c:a", "aac"))
    assert abs(clip.record.duration_s - 12.0) < 0.15
    assert "promises" not in notes(clip) and "may be 64 ms late" in notes(clip)


def with_count(path: Path, count: int) -> Path:
    content = bytearray(path.read_bytes())
    at = max(content.find(b"Xing"), content.find(b"Info"))
    content[at + 8 : at + 12] = struct.pack(">I", count)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("seconds", [2.0, 60.0])
def test_a_frame_count_that_is_wrong_upwards_does_not_refuse_an_mp3(tmp_path: Path, seconds: float) -> None:
    soundfile.write(tmp_path / "a.mp3", sweep(seconds), SAMPLE_RATE, format="MP3")
    clip = decode(with_count(tmp_path / "a.mp3", 500_000))
    assert abs(clip.record.duration_s - seconds) < 0.1
    assert "more than so few bytes can hold" in notes(clip)


def test_a_frame_count_that_is_wrong_downwards_loses_nothing(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.mp3", sweep(4.0), SAMPLE_RATE, format="MP3")
    whole = decode(tmp_path / "a.mp3").record.duration_s
    clip = decode(with_count(tmp_path / "a.mp3", 28))
    assert abs(clip.record.duration_s - whole) < 0.05
    assert "its header counts 1.0 s" in notes(clip) and "all were read" in notes(clip)


def test_a_recording_that_is_cut_off_misses_what_its_header_promises(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.mp3", sweep(4.0), SAMPLE_RATE, format="MP3")
    content = (tmp_path / "a.mp3").read_bytes()
    (tmp_path / "a.mp3").write_bytes(content[: len(content) // 2])
    clip = decode(tmp_path / "a.mp3")
    assert 1.5 < clip.record.duration_s < 2.2 and "the header promises 4." in notes(clip)


@pytest.mark.parametrize("rate", [0, 8_000, 16_000, 44_100])
def test_opus_is_decoded_at_48_khz_whatever_its_header_says(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "a.opus", sweep(1.0, rate=48_000), 48_000, format="OGG", subtype="OPUS")
    content = bytearray((tmp_path / "a.opus").read_bytes())
    plain = decode(tmp_path / "a.opus")
    at = content.index(b"OpusHead")
    content[at + 12 : at + 16] = struct.pack("<I", rate)
    content[22:26] = bytes(4)
    length = 27 + content[26] + sum(content[27 : 27 + content[26]])
    content[22:26] = struct.pack("<I", ogg_checksum(bytes(content[:length])))
    (tmp_path / "b.opus").write_bytes(content)
    clip = decode(tmp_path / "b.opus")
    assert clip.record.sample_rate_hz == 48_000
    assert np.array_equal(clip.waveform, plain.waveform)


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_an_ogg_file_whose_last_page_ends_early_is_read_and_noted(tmp_path: Path, encode: Encode, subtype: str) -> None:
    soundfile.write(tmp_path / "a.ogg", sweep(6.0, rate=48_000), 48_000, format="OGG", subtype=subtype)
    content = bytearray((tmp_path / "a.ogg").read_bytes())
    last = content.rindex(b"OggS")
    content[last + 6 : last + 14] = struct.pack("<q", 48_000)
    content[last + 22 : last + 26] = bytes(4)
    content[last + 22 : last + 26] = struct.pack("<I", ogg_checksum(bytes(content[last:])))
    (tmp_path / "a.ogg").write_bytes(content)
    clip = decode(tmp_path / "a.ogg")
    # ffmpeg may leave out the last page, of a second at most.
    assert clip.record.duration_s > 5.0 and "last page states an end before that of others" in notes(clip)


def ogg_checksum(page: bytes) -> int:
    # By division of polynomials, bit by bit, as RFC 3533 defines it.
    value = int.from_bytes(page + bytes(4), "big")
    for bit in range(value.bit_length() - 1, 31, -1):
        if value >> bit & 1:
            value ^= 0x104C11DB7 << bit - 32
    return value


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("-disposition:a:0", "default", "-disposition:a:1", "0"), "loudest"),
        (("-disposition:a:0", "0", "-disposition:a:1", "default"), "default"),
    ],
)
def test_of_several_tracks_the_one_with_sound_is_read_and_named(
    tmp_path: Path, second: Path, encode: Encode, options: tuple[str, ...], reason: str
) -> None:
    soundfile.write(tmp_path / "empty.wav", np.zeros(3 * SAMPLE_RATE), SAMPLE_RATE)
    both = ("-map", "0:a", "-map", "1:a", "-c:a", "flac", *options)
    clip = decode(encode([tmp_path / "empty.wav", second], tmp_path / "a.mka", *both))
    assert f"holds 2 sound tracks: track 2, the {reason}, was read" in notes(clip)
    assert np.array_equal(clip.waveform, decode(second).waveform)


def test_a_track_without_a_single_sample_does_not_hide_the_next(tmp_path: Path, second: Path, encode: Encode) -> None:
    soundfile.write(tmp_path / "none.wav", np.zeros(0), SAMPLE_RATE)
    options = ("-map", "0:a", "-map", "1:a", "-c:a", "aac", "-c:a:1", "flac")
    clip = decode(encode([tmp_path / "none.wav", second], tmp_path / "a.mka", *options))
    assert "holds 2 sound tracks: track 2" in notes(clip)
    assert np.array_equal(clip.waveform, decode(second).waveform)


def test_the_default_track_is_read_before_the_first(tmp_path: Path, first: Path, second: Path, encode: Encode) -> None:
    options = ("-map", "0:a", "-map", "1:a", "-c:a", "flac", "-disposition:a:0", "0", "-disposition:a:1", "default")
    clip = decode(encode([first, second], tmp_path / "a.mka", *options))
    assert "track 2, the default" in notes(clip)
    assert np.array_equal(clip.waveform, decode(second).waveform)


@pytest.mark.parametrize("suffix", ["amr", "3gp"])
def test_pauses_that_a_telephone_did_not_send_keep_their_length(tmp_path: Path, encode: Encode, suffix: str) -> None:
    rate = 8_000
    burst = sweep(1.0, rate=rate)
    samples = np.concatenate([burst, np.zeros(2 * rate), burst, np.zeros(rate), burst])
    soundfile.write(tmp_path / "a.wav", samples, rate)
    sent = encode(tmp_path / "a.wav", tmp_path / "sent.amr", "-c:a", "libopencore_amrnb", "-dtx", "1")
    clip = decode(sent if suffix == "amr" else encode(sent, tmp_path / "a.3gp", "-c", "copy"))
    assert abs(clip.duration_s - 6.0) < 0.1
    assert "discontinuous transmission were filled with silence" in notes(clip)
    for start in (0, 3, 5):
        assert is_like(
            clip.waveform[start * SAMPLE_RATE :][:SAMPLE_RATE], decode(tmp_path / "a.wav").waveform[:SAMPLE_RATE]
        )


@pytest.mark.parametrize(
    ("subtype", "rate"), [("MS_ADPCM", SAMPLE_RATE), ("IMA_ADPCM", SAMPLE_RATE), ("GSM610", 8_000)]
)
@pytest.mark.parametrize("samples", [3_000, 16_000, 16_160, 16_161])
def test_the_filling_of_the_last_block_is_no_sound(tmp_path: Path, subtype: str, rate: int, samples: int) -> None:
    soundfile.write(tmp_path / "a.wav", sweep(3.0, rate=rate)[:samples], rate, subtype=subtype)
    content = bytearray((tmp_path / "a.wav").read_bytes())
    at = content.index(b"fact")
    content[at + 8 : at + 12] = struct.pack("<I", samples)
    (tmp_path / "a.wav").write_bytes(content)
    assert decode(tmp_path / "a.wav").record.duration_s == samples / rate


def test_half_a_block_of_gsm_is_not_made_into_noise(tmp_path: Path, encode: Encode) -> None:
    soundfile.write(tmp_path / "a.wav", sweep(2.0, rate=8_000), 8_000, subtype="GSM610")
    content = bytearray((tmp_path / "a.wav").read_bytes())
    at = content.index(b"data")
    size = struct.unpack("<I", content[at + 4 : at + 8])[0] - 32
    content[at + 4 : at + 8] = struct.pack("<I", size)
    start = content.index(b"fact")
    content[start : start + 4] = b"junk"
    (tmp_path / "a.wav").write_bytes(content[: at + 8 + size])
    clip = decode(tmp_path / "a.wav")
    assert clip.record.duration_s == size // 65 * 320 / 8_000
    assert np.abs(clip.waveform[-800:]).max() < 0.5


@pytest.mark.parametrize(
    ("suffix", "options", "container"),
    [
        ("avi", ("-c:a", "mp3"), "AVI"),
        ("flv", ("-ar", "22050", "-c:a", "mp3"), "FLV"),
        ("mpg", ("-c:a", "mp2", "-f", "vob"), "MPEG-PS"),
        ("latm", ("-c:a", "aac", "-f", "latm"), "LATM"),
        ("dts", ("-ar", "48000", "-c:a", "dca", "-strict", "-2"), "DTS"),
        ("eac3", ("-ar", "48000", "-c:a", "eac3"), "EAC3"),
    ],
)
def test_what_ffmpeg_reads_safely_is_read(
    tmp_path: Path, second: Path, encode: Encode, suffix: str, options: tuple[str, ...], container: str
) -> None:
    clip = decode(encode(second, tmp_path / f"a.{suffix}", *options))
    assert clip.record.container == container
    assert abs(clip.duration_s - 3.0) < 0.2 and is_like(clip.waveform, decode(second).waveform, above=0.8)


def test_raw_gsm_of_a_telephone_system_is_read(tmp_path: Path, encode: Encode) -> None:
    soundfile.write(tmp_path / "a.gsm", sweep(3.0, rate=8_000), 8_000, format="RAW", subtype="GSM610")
    clip = decode(tmp_path / "a.gsm")
    assert (clip.record.codec, clip.record.duration_s) == ("GSM 6.10", 3.0)
    assert is_like(clip.waveform, sweep(3.0).astype(np.float32))


def test_one_bit_audio_is_read(tmp_path: Path, encode: Encode) -> None:
    rate, seconds, block = 2_822_400, 0.5, 4096
    # Sigma-delta of first order: a bit wherever the running sum passes a whole number.
    bits = np.diff(np.floor(np.cumsum((1 + sweep(seconds, rate=rate)) / 2)), prepend=0).astype(np.uint8)
    packed = np.packbits(bits, bitorder="little").tobytes()
    data = packed.ljust(-(-len(packed) // block) * block, b"\x55")
    form = struct.pack("<4sQIIIIIIQII", b"fmt ", 52, 1, 0, 1, 1, rate, 1, len(bits), block, 0)
    head = struct.pack("<4sQQQ", b"DSD ", 28, 28 + 52 + 12 + len(data), 0)
    (tmp_path / "a.dsf").write_bytes(head + form + struct.pack("<4sQ", b"data", 12 + len(data)) + data)
    clip = decode(tmp_path / "a.dsf")
    assert clip.record.container == "DSF" and abs(clip.duration_s - seconds) < 0.02
    assert is_like(clip.waveform, sweep(seconds).astype(np.float32))


def test_a_list_of_other_files_is_refused_as_such(tmp_path: Path, second: Path) -> None:
    (tmp_path / "a.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nsecond.wav\n#EXT-X-ENDLIST\n")
    with pytest.raises(AudioError, match="a list of other files"):
        decode(tmp_path / "a.m3u8")


def test_a_sound_format_without_a_reader_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.ofr").write_bytes(b"OFR " + bytes(range(256)) * 20)
    with pytest.raises(AudioError, match=r"not read \(OptimFROG\): convert it"):
        decode(tmp_path / "a.ofr")


def test_matroska_without_the_encoder_s_delay_is_noted(tmp_path: Path, second: Path, encode: Encode) -> None:
    encode(second, tmp_path / "a.mka", "-c:a", "aac")
    assert "late" not in notes(decode(tmp_path / "a.mka"))
    content = (tmp_path / "a.mka").read_bytes()
    # A void element in its place.
    (tmp_path / "b.mka").write_bytes(content.replace(b"\x56\xaa\x84", b"\x53\x78\x84"))
    assert "may be 64 ms late" in notes(decode(tmp_path / "b.mka"))


def test_without_ffmpeg_what_libsndfile_reads_is_joined_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: Path, second: Path
) -> None:
    monkeypatch.setattr(decoding, "find_ffmpeg", lambda: None)
    assert decode(join(tmp_path / "joined", first, second)).record.duration_s == 5.0
    (tmp_path / "none.m4a").write_bytes(b"\0\0\0\x18ftypM4A \0\0\0\0M4A isom" + bytes(4000))
    with pytest.raises(AudioError, match="ffmpeg, which is not installed"):
        decode(tmp_path / "none.m4a")
