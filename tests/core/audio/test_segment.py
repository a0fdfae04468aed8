"""Windows cover a clip exactly; short clips are repeated, long ones overlap."""

import itertools

import numpy as np
import pytest

from core.audio.segment import cut_windows, fit_length, window_spans


@pytest.mark.parametrize("n", [1, 99, 100, 101, 149, 150, 151, 1000, 1037])
def test_every_sample_is_heard_and_none_is_invented(n):
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
