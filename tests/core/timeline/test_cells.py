"""The map of a whole recording: windows must not show in it, and digital silence is not scored."""

import tracemalloc

import numpy as np
import pytest

from core.detectors.cells import map_cells
from core.detectors.detector import Detector
from core.errors import ExplanationError
from tests.core.detectors.untrained import untrained
from tests.core.timeline.toy import CONTEXT, HOP, WINDOW, Counted, detector


def expected(waveform):
    """The lower band of the toy network as if one window held the whole recording."""
    steps = waveform[: len(waveform) // HOP * HOP].reshape(-1, HOP).mean(1)
    padded = np.pad(steps, CONTEXT)
    return 3 * np.array([padded[k : k + 2 * CONTEXT + 1].mean() for k in range(len(steps))])


def noise(n, seed=0):
    return np.random.default_rng(seed).normal(0.1, 0.3, n).astype(np.float32)


@pytest.mark.parametrize("n", [WINDOW, WINDOW + HOP, 3 * WINDOW, 10 * WINDOW - 7 * HOP])
def test_windows_do_not_show(n):
    waveform = noise(n)
    cells = map_cells(waveform, detector())
    assert cells.raw.shape == (2, n // HOP)
    assert cells.raw[0] == pytest.approx(expected(waveform), abs=1e-5)
    assert cells.over_time == pytest.approx(expected(waveform) / 3, abs=1e-5)
    assert cells.edges_hz == (0.0, 4000.0, 8000.0)


@pytest.mark.parametrize(
    ("n", "more"), [(WINDOW // 2, 0), (3 * WINDOW, 0), (3 * WINDOW + HOP + 7, 1), (3 * WINDOW + 7 * HOP, 0)]
)
def test_a_known_score_is_not_computed_again_but_for_a_last_window_off_the_steps(n, more):
    scored, waveform = detector(), noise(n)
    scored.engine = Counted(scored.network)
    score = scored.score(waveform)
    before = scored.engine.windows
    cells = map_cells(waveform, scored, score=score)
    assert scored.engine.windows == before + more
    np.testing.assert_array_equal(cells.raw, map_cells(waveform, detector()).raw)


def test_a_last_part_shorter_than_a_step_has_a_step_of_its_own():
    n = 2 * WINDOW + 100
    cells = map_cells(noise(n), detector())
    assert cells.raw.shape[1] == -(-n // HOP)
    assert np.isfinite(cells.raw).all()


def test_a_clip_shorter_than_a_window_is_repeated_as_for_its_score():
    cells = map_cells(noise(WINDOW // 2), detector())
    assert cells.raw.shape[1] == WINDOW // 2 // HOP
    # In the midst, nothing of the repetition is within reach.
    assert cells.raw[0, 5:-5] == pytest.approx(expected(noise(WINDOW // 2))[5:-5], abs=1e-5)


def test_digital_silence_is_put_back_as_not_scored():
    first, last = noise(WINDOW), noise(2 * WINDOW, 1)
    silence = np.zeros(WINDOW + 160, np.float32)
    cells = map_cells(np.concatenate([first, silence, last]), detector())
    known = ~np.isnan(cells.over_time)
    starts, ends = len(first) // HOP, (len(first) + len(silence)) / HOP
    assert known[:starts].all() and known[int(np.ceil(ends)) :].all()
    assert not known[starts : int(ends)].any()
    # Past the silence the cells are those of the sound that follows, on the recording's own time.
    assert cells.raw[0, -30:-6] == pytest.approx(expected(last)[-30:-6], abs=0.03)


def test_a_silent_recording_is_not_scored_at_all():
    assert np.isnan(map_cells(np.zeros(2 * WINDOW, np.float32), detector()).raw).all()


def test_a_network_without_cells_is_refused():
    other = Detector(untrained("lcnn-lfcc"), detector().card)
    with pytest.raises(ExplanationError, match="has no cells: choose a detector"):
        map_cells(noise(WINDOW), other)


def test_cells_of_the_localiser_add_up_to_its_score():
    trained = Detector(untrained("localiser"), detector().card)
    waveform = noise(trained.network.window)
    raw = map_cells(waveform, trained).raw
    import torch

    with torch.inference_mode():
        assert raw.mean() == pytest.approx(float(trained.network(torch.from_numpy(waveform)[None]).raw), abs=1e-4)


def test_a_long_recording_needs_little_more_memory_than_itself():
    waveform = np.resize(noise(20 * WINDOW), 1200 * WINDOW)
    tracemalloc.start()
    try:
        cells = map_cells(waveform, detector())
        # The steps from sample to sample and whether each is still; then one window at a time.
        assert tracemalloc.get_traced_memory()[1] < 2 * waveform.nbytes
    finally:
        tracemalloc.stop()
    assert cells.raw.shape == (2, 1200 * WINDOW // HOP)
