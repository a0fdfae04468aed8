"""Overviews: what is kept of a recording of up to an hour once its samples are let go."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.analysis.verdict import BONAFIDE
from core.audio import excerpt
from core.audio.clip import DecodeRecord
from core.audio.decode import decode
from core.audio.excerpt import clock, decode_excerpt, decode_long
from core.detectors.score import WindowScore
from core.errors import AudioError
from core.overview import BARS, Overview, overview_file, worst_minutes
from core.usecases import analyse_file, load_panel

RATE = 16000


@pytest.fixture
def recording(speech: np.ndarray, tmp_path: Path) -> Path:
    """Eight seconds of speech."""
    path = tmp_path / "voice.wav"
    soundfile.write(path, np.tile(speech, 2), RATE, subtype="PCM_16")
    return path


def made(scores: list[float], *, duration_s: float | None = None) -> Overview:
    """An overview of a recording whose seconds have these scores."""
    length_s = duration_s if duration_s is not None else float(len(scores))
    pieces = tuple(WindowScore(float(at), float(at + 1), score) for at, score in enumerate(scores))
    record = DecodeRecord("WAV", "PCM_16", RATE, 1, length_s + 90, length_s, 90.0, ("peak 1.5 times full scale",))
    return Overview("a.wav", BONAFIDE, "", 1.0, 0.27, length_s, record, pieces, None, np.zeros(3, np.float32))


def test_an_overview_is_the_analysis_without_its_samples(shipped_small: Path, recording: Path) -> None:
    panel = load_panel()
    whole, kept = analyse_file(recording, panel), overview_file(recording, panel, name="what I call it.wav")
    assert (kept.name, kept.verdict, kept.note) == ("what I call it.wav", whole.verdict, whole.note)
    assert (kept.score, kept.relied_p_spoof) == (whole.score, whole.p_spoof)
    assert kept.pieces == whole.timeline
    assert kept.duration_s == whole.clip.duration_s
    assert len(kept.level) <= BARS
    assert kept.level.max() == np.abs(whole.clip.waveform).max()


def test_of_too_little_speech_no_p_spoof_is_kept(shipped_small: Path, speech: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "short.wav"
    soundfile.write(path, speech[RATE : RATE + RATE // 3], RATE, subtype="PCM_16")
    assert overview_file(path, load_panel()).relied_p_spoof is None


def test_what_lies_behind_the_longest_is_dropped_and_counted(
    recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excerpt, "LONGEST_S", 5.0)
    clip = decode_long(recording)
    assert (clip.duration_s, clip.record.dropped_s) == (5.0, 3.0)
    assert "3.0 s dropped" not in made([1.0]).problems
    assert made([1.0]).problems == ("90.0 s dropped", "peak 1.5 times full scale")


def test_an_hour_is_taken_where_a_page_looks_at_ten_minutes() -> None:
    from core.audio.limits import DEFAULT_LIMITS

    assert (DEFAULT_LIMITS.keep_s, excerpt.LONGEST_S) == (600.0, 3600.0)


def test_a_part_is_the_whole_sample_for_sample_and_is_named_by_its_times(recording: Path) -> None:
    part = decode_excerpt(recording, 2.0, 5.0, name="call.wav")
    np.testing.assert_array_equal(part.waveform, decode(recording).waveform[2 * RATE : 5 * RATE])
    assert part.name == "call.wav, 0:02 to 0:05"
    assert part.record.notes == ("only 0:02 to 0:05 of 0:08: times count from 0:02",)
    assert (part.record.used_s, part.record.dropped_s) == (3.0, 5.0)
    with pytest.raises(AudioError, match=r"has no 1:00 to .*: it ends at 0:08"):
        decode_excerpt(recording, 60.0, 120.0)


def test_the_analysis_of_a_part_has_the_parts_length(shipped_small: Path, recording: Path) -> None:
    analysis = analyse_file(recording, load_panel(), name="call.wav", span=(4.0, 8.0))
    assert analysis.clip.duration_s == 4.0
    assert analysis.clip.name == "call.wav, 0:04 to 0:08"


def test_the_minute_with_the_worst_seconds_comes_first() -> None:
    scores = [3.0] * 200
    scores[130:135] = [-4.0] * 5
    scores[10:15] = [-1.0] * 5
    minutes = worst_minutes(made(scores))
    assert [clock(minute.start_s) for minute in minutes[:2]] == ["2:00", "0:00"]
    # The last 20 s are too few for a minute of their own.
    assert [minute.end_s for minute in minutes if minute.start_s == 120.0] == [200.0]
    first = minutes[0]
    assert (first.worst.start_s, first.worst.end_s, first.worst.score) == (130.0, 135.0, -4.0)
    assert first.mean == pytest.approx((75 * 3.0 - 5 * 4.0) / 80)
    assert sorted(minute.start_s for minute in minutes) == [0.0, 60.0, 120.0]


def test_a_minute_of_silence_is_no_minute_to_look_at() -> None:
    found = made([1.0] * 180)
    kept = tuple(piece for piece in found.pieces if not 60 <= piece.start_s < 120)
    quiet = Overview(**{**vars(found), "pieces": kept})
    assert [minute.start_s for minute in worst_minutes(quiet)] == [0.0, 120.0]


def test_windows_of_a_long_recording_are_no_copies_of_it(shipped_small: Path, speech: np.ndarray) -> None:
    from core.audio.segment import Sound

    detector = load_panel().detectors["small-cnn"]
    sound = Sound.of(np.tile(speech, 3))
    pieces, spans = detector.cut(sound)
    assert len(pieces) == len(spans) > 3
    assert all(np.shares_memory(piece, sound.waveform) for piece in pieces)
