"""Augmentation keeps length and finiteness, repeats with its seed, and does what its name promises."""

import numpy as np
import pytest

from core.audio.perturbations import coloured_noise, opus, reverberate, round_trip
from trainers.augment import (
    CODECS,
    augment,
    change_pitch,
    change_speed,
    codec,
    equalise,
    resample,
    turn_phase,
    voice_note,
)
from trainers.recipe import Augmentation

_PROBABILITIES = [name for name, field in Augmentation.model_fields.items() if field.annotation is float]
ALL = Augmentation(**dict.fromkeys(_PROBABILITIES, 1.0), noise_snr_db=(10.0, 20.0))
LOSSY = {"MPEG_LAYER_III", "VORBIS", "OPUS"}


def tone(hz, size=32000):
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(size) / 16000)).astype(np.float32)


def loudest_hz(wave):
    return np.abs(np.fft.rfft(wave * np.hanning(len(wave)))).argmax() * 16000 / len(wave)


def lag(one, two):
    """Return by how many samples ``two`` is late, and how alike they are then."""
    both = np.fft.rfft([one, two], 2 * len(one))
    correlation = np.fft.irfft(both[1] * both[0].conj())
    late = int(np.argmax(np.abs(correlation)))
    alike = correlation[late] / np.linalg.norm(one) / np.linalg.norm(two)
    return (late if late < len(one) else late - 2 * len(one)), alike


def test_nothing_asked_for_is_nothing_done(speech):
    np.testing.assert_array_equal(augment(speech, Augmentation(), np.random.default_rng(0)), speech)


@pytest.mark.parametrize("seed", range(4))
def test_everything_at_once_keeps_length_and_finiteness(speech, seed):
    changed = augment(speech, ALL, np.random.default_rng(seed))
    assert changed.shape == speech.shape and changed.dtype == np.float32
    assert np.isfinite(changed).all()
    assert not np.array_equal(changed, speech)


def test_the_same_seed_gives_the_same_clip(speech):
    one, two = (augment(speech, ALL, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_band_limiting_removes_the_top(speech):
    limited = equalise(speech, np.random.default_rng(1), tilt=False, band_limit=True)
    energy = [np.abs(np.fft.rfft(x))[int(7.9e3 * len(x) / 16000) :].sum() for x in (speech, limited)]
    assert energy[1] < 0.5 * energy[0]


def test_noise_has_unit_power_and_reverberation_a_tail():
    rng = np.random.default_rng(2)
    assert np.mean(coloured_noise(16000, rng) ** 2) == pytest.approx(1.0, rel=1e-3)
    click = np.zeros(16000, np.float32)
    click[100] = 1.0
    wet = reverberate(click, rng)
    assert (
        wet[100] == pytest.approx(1.0, abs=1e-3) and np.abs(wet[101:1000]).max() > 0 and np.abs(wet[:100]).max() < 1e-6
    )


@pytest.mark.parametrize("seed", range(6))
def test_codecs_return_the_same_recording(speech, seed):
    changed = codec(speech, np.random.default_rng(seed))
    assert changed.shape == speech.shape
    spectra = [np.abs(np.fft.rfft(x, 65536))[400:12000] for x in (speech, changed)]
    smooth = [np.convolve(s, np.ones(50) / 50, "same") for s in spectra]
    assert np.corrcoef(*smooth)[0, 1] > 0.9


@pytest.mark.parametrize(
    ("container", "subtype", "rate", "level"),
    [(c, s, r, q) for c, s, rates in CODECS for r in rates for q in ((0.0, 0.99) if s in LOSSY else (None,))],
)
def test_every_codec_returns_the_recording_in_its_place(speech, container, subtype, rate, level):
    options = {} if level is None else {"compression_level": level}
    modes = ["CONSTANT", "AVERAGE", "VARIABLE"] if subtype == "MPEG_LAYER_III" else [None]
    for mode in modes:
        changed = round_trip(speech, container, subtype, rate, **options, **({"bitrate_mode": mode} if mode else {}))
        late, alike = lag(speech, changed)
        assert changed.shape == speech.shape and abs(late) <= 2 and alike > 0.85
        assert not np.array_equal(changed, speech)


def test_a_chain_of_codecs_loses_more_than_its_first(speech):
    seeds = range(6)
    single = [augment(speech, Augmentation(codec=1), np.random.default_rng(s)) for s in seeds]
    double = [augment(speech, Augmentation(codec=1, codec_chain=1), np.random.default_rng(s)) for s in seeds]
    losses = [[np.sum((x - speech) ** 2) for x in coded] for coded in (single, double)]
    assert np.median(losses[1]) > np.median(losses[0])
    assert all(abs(lag(speech, x)[0]) <= 2 for x in double)


@pytest.mark.parametrize("seed", range(4))
def test_a_voice_note_is_the_recording_in_its_place(speech, seed):
    changed = voice_note(speech, np.random.default_rng(seed))
    late, alike = lag(speech, changed)
    assert changed.shape == speech.shape and abs(late) <= 2 and 0.85 < alike < 1 - 1e-6


def test_opus_at_a_low_bit_rate_loses_more(speech):
    lost = [np.sum((speech - opus(speech, kbits=kbits)) ** 2) for kbits in (64, 24, 8)]
    assert lost == sorted(lost) and lost[0] > 0


def test_a_codec_gives_back_a_recording_beyond_full_scale_unclipped(speech):
    loud = speech * np.float32(3 / np.abs(speech).max())
    assert np.abs(codec(loud, np.random.default_rng(0))).max() > 2


@pytest.mark.parametrize("speed", [0.9, 1.1])
def test_speed_moves_pitch_and_tempo(speed):
    faster = change_speed(tone(1000), speed)
    assert len(faster) == 32000 and loudest_hz(faster[:28000]) == pytest.approx(1000 * speed, abs=2)


@pytest.mark.parametrize("semitones", [-2.0, 0.7, 2.0])
def test_pitch_moves_and_tempo_stays(semitones):
    pulsed = tone(1000) * (np.arange(32000) // 8000 % 2)
    shifted = change_pitch(pulsed.astype(np.float32), semitones)
    assert loudest_hz(shifted) == pytest.approx(1000 * 2 ** (semitones / 12), abs=4)
    on = np.sqrt(np.mean(shifted.reshape(4, 8000)[:, 1000:-1000] ** 2, axis=1))
    assert on[[1, 3]].min() > 10 * on[[0, 2]].max()


def test_a_turned_phase_keeps_every_magnitude(speech):
    click = np.zeros(16000, np.float32)
    click[0] = 1.0
    for seed in range(5):
        turned = turn_phase(click, np.random.default_rng(seed))
        np.testing.assert_allclose(np.abs(np.fft.rfft(turned)), 1.0, atol=1e-4)
        assert np.abs(turned).max() < 0.99
    assert np.corrcoef(speech, turn_phase(speech, np.random.default_rng(0)))[0, 1] < 0.99


@pytest.mark.parametrize("seed", range(6))
def test_a_resampled_clip_stays_in_its_place_and_loses_its_top(seed):
    noise = coloured_noise(32000, np.random.default_rng(9))
    changed = resample(noise, np.random.default_rng(seed))
    late, alike = lag(noise, changed)
    top = [np.abs(np.fft.rfft(x))[-200:].sum() for x in (noise, changed)]
    assert changed.shape == noise.shape and late == 0 and alike > 0.6 and top[1] < top[0]


def test_silence_is_trimmed_off_both_ends():
    quiet = np.zeros(32000, np.float32)
    quiet[12000:20000] = tone(500, 8000)
    trimmed = augment(quiet, Augmentation(silence_trim=1), np.random.default_rng(0))
    assert len(trimmed) == 32000 and np.mean(trimmed**2) > 3 * np.mean(quiet**2)
    silence = np.zeros(16000, np.float32)
    np.testing.assert_array_equal(augment(silence, Augmentation(silence_trim=1), np.random.default_rng(0)), silence)


def test_silence_survives_everything():
    for seed in range(4):
        assert np.isfinite(augment(np.zeros(16000, np.float32), ALL, np.random.default_rng(seed))).all()
