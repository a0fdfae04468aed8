"""Windows cover a clip exactly; short clips are repeated, long ones overlap."""

import itertools

import numpy as np
import pytest

from core.audio.segment import Sound, cut_windows, fit_length, overlap_mean, window_spans


@pytest.mark.parametrize("n", [1, 99, 100, 101, 149, 150, 151, 1000, 1037])
def test_every_sample_is_in_a_window_and_none_is_invented(n):
    spans = window_spans(n, window=100, hop=50)
    heard = np.zeros(n, int)
    for start, stop in spans:
        assert 0 <= start < stop <= n
        heard[start:stop] += 1
    assert heard.min() >= 1
    assert all(stop - start == min(n, 100) for start, stop in spans)
    assert all(b[0] - a[0] <= 50 for a, b in itertools.pairwise(spans))


def test_a_clip_of_one_window_is_one_span():
    assert window_spans(64600, window=64600, hop=32300) == [(0, 64600)]


def test_a_short_clip_is_repeated():
    wave = np.arange(3, dtype=np.float32)
    np.testing.assert_array_equal(fit_length(wave, 8), [0, 1, 2, 0, 1, 2, 0, 1])
    pieces, spans = cut_windows(wave, window=8, hop=4)
    assert pieces.shape == (1, 8) and spans == [(0, 3)]


def test_windows_are_the_samples_of_their_spans():
    wave = np.random.default_rng(0).standard_normal(1037).astype(np.float32)
    pieces, spans = cut_windows(wave, window=100, hop=50)
    for piece, (start, stop) in zip(pieces, spans, strict=True):
        np.testing.assert_array_equal(piece, wave[start:stop])


@pytest.mark.parametrize("hop", [0, 101])
def test_an_impossible_hop_is_refused(hop):
    with pytest.raises(ValueError, match="hop"):
        window_spans(1000, window=100, hop=hop)


RATE = 16000


def still(seconds: float, value: float = 0.0) -> np.ndarray:
    return np.full(int(seconds * RATE), value, np.float32)


def lively(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.05, int(seconds * RATE)).astype(np.float32)


def test_a_clip_without_long_silence_is_left_as_it_is():
    wave = np.concatenate([lively(1), still(0.4), lively(1)])
    sound = Sound.of(wave)
    assert sound.waveform is wave
    assert sound.silent_s == 0 and not sound.silent
    assert sound.in_clip(100, 200) == (100, 200)
    np.testing.assert_array_equal(sound.clip_frames(160), np.arange(1 + len(wave) // 160))


@pytest.mark.parametrize("level", [0.0, 0.25])
@pytest.mark.parametrize("where", ["front", "behind", "between"])
def test_long_digital_silence_is_taken_out_to_the_sample(where, level):
    first, second, gap = lively(1, 1), lively(1.5, 2), still(3, level)
    parts = {"front": [gap, first, second], "behind": [first, second, gap], "between": [first, gap, second]}[where]
    sound = Sound.of(np.concatenate(parts))
    np.testing.assert_array_equal(sound.waveform, np.concatenate([first, second]))
    assert sound.silent_s == 3.0
    # The second half begins where it stands in the clip.
    at = {"front": 4.0, "behind": 1.0, "between": 4.0}[where]
    assert sound.in_clip(RATE, RATE + 10) == (at * RATE, at * RATE + 10)


def test_frames_of_the_sound_lie_on_the_clips_frames():
    sound = Sound.of(np.concatenate([lively(1), still(2), lively(1)]))
    frames = sound.clip_frames(160)
    assert len(set(frames)) == len(frames) == 201
    assert frames[50] == 50 and frames[150] == 350


@pytest.mark.parametrize("extra", range(0, 160, 16))
def test_no_frame_of_the_sound_lies_past_the_clips_last(extra):
    rng = np.random.default_rng(0)
    parts = [rng.normal(size=1601), np.zeros(16_090), rng.normal(size=3200 + extra)]
    clip = np.concatenate(parts).astype(np.float32)
    assert Sound.of(clip).clip_frames(160).max() <= len(clip) // 160


def test_a_noise_floor_is_no_digital_silence():
    dither = np.random.default_rng(3).integers(-1, 2, 2 * RATE) / 32768
    assert Sound.of(np.concatenate([lively(1), dither.astype(np.float32)])).silent_s == 0


def test_what_is_still_throughout_is_silent_and_left_whole():
    for wave in (still(2), still(2, 0.1)):
        sound = Sound.of(wave)
        assert sound.silent and len(sound.waveform) == len(wave)


def test_a_click_in_silence_is_no_recording():
    assert Sound.of(np.concatenate([lively(0.01), still(2), lively(0.01)])).silent


def test_windows_of_an_array_and_of_a_tensor_are_cut_alike():
    torch = pytest.importorskip("torch")
    wave = lively(0.3)
    for length in (1000, len(wave), 10_000):
        np.testing.assert_array_equal(fit_length(wave, length), fit_length(torch.from_numpy(wave), length).numpy())
    np.testing.assert_array_equal(fit_length(wave, 10_000), np.tile(wave, 3)[:10_000])


def test_overlapping_parts_are_averaged():
    parts = [np.full((2, 4), 1.0), np.full((2, 4), 3.0)]
    np.testing.assert_array_equal(overlap_mean(parts, [0, 2], 5)[0], [1, 1, 2, 2, 3])
    np.testing.assert_array_equal(overlap_mean(parts, [0, 2], 8)[1], [1, 1, 2, 2, 3, 3, 0, 0])
