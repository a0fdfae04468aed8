"""Partial spoofs: the copy lies in the spans and nowhere else."""

import numpy as np
import pytest

from core.timeline.partial import partial_spoof

RATE = 16000


@pytest.mark.parametrize("seed", range(6))
def test_the_copy_lies_in_the_spans_and_nowhere_else(speech, seed):
    real = np.tile(speech, 3)
    made = partial_spoof(real, -real, np.random.default_rng(seed))
    assert made is not None and 1 <= len(made.spans) <= 3
    inside = np.zeros(len(real), bool)
    for start, end in made.spans:
        assert 0.3 <= end - start <= 3.0
        inside[round(start * RATE) : round(end * RATE)] = True
    assert inside.mean() <= 0.5
    assert np.array_equal(made.waveform[~inside], real[~inside])
    loud = inside & (np.abs(real) > 1e-3)
    # Turned round, but for cross-fades of up to 50 ms at either end of at least 300 ms.
    assert (np.sign(made.waveform[loud]) == -np.sign(real[loud])).mean() > 0.6
    gaps = [b[0] - a[1] for a, b in zip(made.spans, made.spans[1:], strict=False)]
    assert all(gap > 0.3 for gap in gaps)


def test_no_span_lies_in_a_pause(speech):
    real = np.concatenate([speech, np.full(4 * RATE, 1e-6, np.float32)])
    for seed in range(10):
        made = partial_spoof(real, -real, np.random.default_rng(seed))
        assert made is not None and all(start < 4.0 for start, _ in made.spans)


def test_a_recording_too_short_for_a_span_makes_none(speech):
    assert partial_spoof(speech[:8000], -speech[:8000], np.random.default_rng(0)) is None
