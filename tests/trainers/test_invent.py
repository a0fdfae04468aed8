"""An invented spoof is the same recording, as loud and in its place, with what its family leaves of it."""

import numpy as np
import pytest

from trainers.invent import FAMILIES, invent


def tone(hz, size=32000):
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(size) / 16000)).astype(np.float32)


def spectrum(wave):
    return np.abs(np.fft.rfft(wave * np.hanning(len(wave))))


def short_time(wave):
    frames = np.lib.stride_tricks.sliding_window_view(wave, 512)[::128] * np.hanning(512)
    return np.abs(np.fft.rfft(frames))


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("seed", range(5))
def test_a_family_keeps_length_and_words(speech, name, seed):
    spoof = FAMILIES[name](speech, np.random.default_rng(seed))
    assert spoof.shape == speech.shape and np.isfinite(spoof).all()
    assert np.linalg.norm(spoof - speech) > 0.01 * np.linalg.norm(speech)
    envelopes = [short_time(x)[:, 4:100].sum(1) for x in (speech, spoof)]
    assert np.corrcoef(envelopes)[0, 1] > 0.85


@pytest.mark.parametrize("seed", range(4))
def test_a_mel_bottleneck_lifts_what_lies_beside_a_high_tone(seed):
    both = tone(6000) + 0.03 * tone(6300)
    changed = [spectrum(x) for x in (both, FAMILIES["mel-bottleneck"](both, np.random.default_rng(seed)))]
    ratio = [x[12600] / x[12000] for x in changed]
    assert ratio[0] == pytest.approx(0.03, rel=0.05) and ratio[1] > 2 * ratio[0]


@pytest.mark.parametrize("seed", range(6))
def test_jitter_turns_the_high_band_and_keeps_its_envelope(speech, seed):
    both = [speech, FAMILIES["jitter"](speech, np.random.default_rng(seed))]
    high = [np.fft.irfft(np.fft.rfft(x) * (np.fft.rfftfreq(len(x), 1 / 16000) > 4500)) for x in both]
    envelopes = [short_time(x).sum(1) for x in high]
    assert np.corrcoef(envelopes)[0, 1] > 0.9 > 0.85 > np.corrcoef(high)[0, 1]


@pytest.mark.parametrize("seed", range(4))
def test_a_held_tone_is_mirrored_at_a_multiple_of_the_low_rate(seed):
    changed = spectrum(FAMILIES["hold"](tone(1000), np.random.default_rng(seed)))
    images = [16000 // stride - 1000 for stride in (2, 3, 4)]
    assert max(changed[2 * hz] for hz in images) > 0.01 * changed[2000]
    assert changed.argmax() == 2000


@pytest.mark.parametrize("seed", range(10))
def test_an_invented_spoof_is_as_loud_as_its_source_and_repeats_with_its_seed(speech, seed):
    one, two = (invent(speech, np.random.default_rng(seed)) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert one.dtype == np.float32
    assert np.linalg.norm(one) == pytest.approx(np.linalg.norm(speech), rel=1e-3)
    assert not np.allclose(one, speech, atol=1e-3)


def test_spoofs_of_one_clip_are_many(speech):
    spoofs = [invent(speech, np.random.default_rng(seed)) for seed in range(8)]
    alike = np.corrcoef(spoofs) - np.eye(8)
    assert alike.max() < 0.9999


def test_silence_stays_silence():
    for seed in range(8):
        spoof = invent(np.zeros(16000, np.float32), np.random.default_rng(seed))
        assert np.isfinite(spoof).all() and np.abs(spoof).max() < 1e-3
