"""What both classes go through: pieces, silence, level, floor, file."""

import io

import numpy as np
import pytest
import soundfile

from trainers.spoofing.base import SpoofingError
from trainers.spoofing.path import active_level_db, draw_level_db, finished, flac_bytes, pieces, with_silence

RATE = 16000


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_a_recording_is_cut_into_as_few_equal_pieces_as_fit():
    cut = pieces(np.arange(21 * RATE, dtype=np.float32), longest_s=8.0)
    assert [len(piece) for piece in cut] == [7 * RATE] * 3
    assert np.array_equal(np.concatenate(cut), np.arange(21 * RATE))
    assert len(pieces(np.zeros(8 * RATE, np.float32), longest_s=8.0)) == 1


def test_silence_is_cut_to_a_short_margin_at_both_ends(speech, rng):
    loud = speech[: 2 * RATE] / np.abs(speech).max()
    padded = np.concatenate([np.zeros(RATE, np.float32), loud, np.zeros(3 * RATE, np.float32)])
    trimmed = finished(padded, rng, level_db=-26.0)
    assert 1.5 * RATE < len(trimmed) <= len(loud) + 2 * 0.2 * RATE + 160


def test_speech_that_begins_at_once_gets_a_margin_of_its_own(rng):
    tone = np.sin(np.arange(2 * RATE) / 5).astype(np.float32)
    lengths = [len(finished(with_silence(tone), rng, level_db=-26.0)) - len(tone) for _ in range(20)]
    assert 0.1 * RATE <= min(lengths) < max(lengths) <= 0.4 * RATE


@pytest.mark.parametrize("gain", [0.01, 1.0, 3.0])
def test_the_level_becomes_the_one_that_was_drawn(speech, rng, gain):
    clip = finished(gain * speech, rng, level_db=-27.0)
    assert active_level_db(clip) == pytest.approx(-27.0, abs=0.2)


def test_levels_lie_around_minus_26_db(rng):
    levels = [draw_level_db(rng) for _ in range(200)]
    assert -29 <= min(levels) < -28 and -24 < max(levels) <= -23


def test_a_peaky_clip_is_lowered_instead_of_clipped(rng):
    clip = rng.normal(0, 0.001, 2 * RATE).astype(np.float32)
    clip[::1600] = 1.0
    assert np.abs(finished(clip, rng, level_db=-10.0)).max() == pytest.approx(0.99, abs=0.01)


def test_digital_silence_gets_a_floor(rng):
    clip = np.zeros(2 * RATE, np.float32)
    clip[:8000] = clip[-8000:] = np.sin(np.arange(8000) / 5)
    quiet = finished(clip, rng, level_db=-26.0)[10000:-10000]
    assert -82 < 10 * np.log10(np.mean(np.square(quiet, dtype=np.float64))) < -62


def test_too_little_speech_is_refused(speech, rng):
    with pytest.raises(SpoofingError, match=r"only 0\.\d\d s are left without silence"):
        finished(np.concatenate([speech[:4000], np.zeros(5 * RATE, np.float32)]), rng, level_db=-26.0)


def test_the_file_is_flac_mono_16_bit_at_16_khz(speech):
    with soundfile.SoundFile(io.BytesIO(flac_bytes(speech))) as file:
        assert (file.format, file.subtype, file.channels, file.samplerate) == ("FLAC", "PCM_16", 1, RATE)
        np.testing.assert_allclose(file.read(), speech, atol=1 / 32768)
