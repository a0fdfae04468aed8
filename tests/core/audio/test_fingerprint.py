"""A recording is found again after coding, levelling, noise and a cut; another recording is not."""

import numpy as np
import pytest
import soundfile
import soxr

from core.audio.clip import SAMPLE_RATE
from core.audio.fingerprint import LEAST_S, MOST_S, WORDS, fingerprint, search, stream
from core.audio.perturbations import add_noise, round_trip, telephone


@pytest.fixture(scope="module")
def pieces(recordings):
    """Three seconds each of real voices."""
    found = []
    for path in recordings.values():
        wave, rate = soundfile.read(path, dtype="float32", always_2d=True)
        mono = soxr.resample(wave.mean(axis=1), rate, SAMPLE_RATE).astype(np.float32)
        found += [mono[start : start + 3 * SAMPLE_RATE] for start in range(0, len(mono) - 3 * SAMPLE_RATE, 48_000)]
    return found


@pytest.fixture(scope="module")
def known(pieces):
    return np.array([fingerprint(piece) for piece in pieces])


CHANGES = {
    "mp3": lambda wave: round_trip(wave, "MP3", "MPEG_LAYER_III", SAMPLE_RATE, compression_level=0.9),
    "opus": lambda wave: round_trip(wave, "OGG", "OPUS", SAMPLE_RATE, compression_level=0.99),
    "quiet": lambda wave: wave * np.float32(0.05),
    "telephone": lambda wave: telephone(wave, "GSM610"),
    "noise": lambda wave: add_noise(wave, np.random.default_rng(0), snr_db=20.0),
    "another rate": lambda wave: soxr.resample(soxr.resample(wave, SAMPLE_RATE, 44_100), 44_100, SAMPLE_RATE),
    "both ends cut": lambda wave: wave[4000:-4000],
    "inside another": lambda wave: np.concatenate([wave[::-1], np.zeros(777, np.float32), wave]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_recording_is_found_again(change, pieces, known):
    changed = [np.asarray(CHANGES[change](piece), np.float32) for piece in pieces]
    found = [search(stream(wave), known) for wave in changed]
    right = [match.is_known and match.row == row for row, match in enumerate(found)]
    assert np.mean(right) >= 0.9, [round(match.distance, 2) for match in found]


def test_other_recordings_are_not_found(pieces, known):
    for row, piece in enumerate(pieces):
        assert not search(stream(piece), np.delete(known, row, axis=0)).is_known
        assert not search(stream(piece[::-1]), known).is_known


def test_a_half_is_found_where_it_holds_most_of_the_fingerprint(pieces, known):
    whole = search(stream(pieces[0]), known[:1])
    part = search(stream(pieces[0][: round(2.1 * SAMPLE_RATE)]), known[:1])
    assert whole.distance == 0 and part.is_known


def test_a_fingerprint_is_forty_bytes(known):
    assert known.dtype == np.uint32 and known.shape[1] == WORDS == 10


@pytest.mark.parametrize("wave", [
    np.zeros(0, np.float32), np.ones(100, np.float32), np.zeros(5 * SAMPLE_RATE, np.float32),
    np.ones(int(LEAST_S * SAMPLE_RATE) - 256, np.float32),
])  # fmt: skip
def test_what_is_too_short_or_silent_has_none_and_is_not_known(wave, known):
    assert fingerprint(wave) is None
    match = search(stream(wave), known)
    assert match is None or not match.is_known


def test_nothing_is_found_where_nothing_is_known(speech):
    assert search(stream(speech), np.zeros((0, WORDS), np.uint32)) is None
    assert MOST_S > 60
