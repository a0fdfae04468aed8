"""What is planted lies in its place and nowhere else, and is the same each time."""

import numpy as np
import pytest
import torch

from core.audio.edit import grid_freqs_hz, grid_times_s, stft
from core.lab.joins import JOINS, REJOINED, joined, marked_ms
from core.lab.planted import KINDS, Place, Source, audible_start, plant
from tests.core.lab.conftest import RATE, made_source


@pytest.mark.parametrize("kind", KINDS.names())
def test_what_is_planted_changes_its_place_and_leaves_the_rest(kind):
    source = made_source(0)
    planted = plant(kind, source)
    assert planted is not None
    assert planted.waveform.shape == source.real.shape and planted.waveform.dtype == np.float32
    waves = (source.real, planted.waveform - source.real)
    real, changed = (stft(torch.from_numpy(wave)).abs().square().numpy() for wave in waves)
    place = planted.place
    # A frame of 32 ms reaches a little further than what it is centred on, and filters have edges.
    near = Place(place.start_s - 0.03, place.end_s + 0.03, place.low_hz - 150, place.high_hz + 150).mask(real.shape[1])
    assert 0 < planted.mask.mean() < 0.5
    assert changed[near].sum() > 0.98 * changed.sum()
    assert changed[planted.mask].sum() > 0.05 * real[planted.mask].sum()


@pytest.mark.parametrize("kind", KINDS.names())
def test_the_same_clip_is_planted_each_time(kind):
    first, again = (plant(kind, made_source(1)) for _ in range(2))
    assert first is not None and again is not None
    assert first.place == again.place
    np.testing.assert_array_equal(first.waveform, again.waveform)


@pytest.mark.parametrize("kind", KINDS.names())
def test_nothing_is_planted_where_there_is_no_room(kind, monkeypatch):
    source = made_source(2, seconds=0.25)
    if kind == "band":
        source = Source(source.name, source.real, None, "", "")
    assert plant(kind, source) is None


def test_a_place_covers_its_seconds_and_hertz():
    rows, columns = np.nonzero(Place(1.0, 2.0, 2000, 4000).mask(301))
    times, freqs = grid_times_s(301), grid_freqs_hz()
    assert (times[columns.min()], times[columns.max()]) == pytest.approx((1.0, 1.99))
    assert (freqs[rows.min()], freqs[rows.max()]) == (2000, 4000)


def test_a_pause_holds_no_evidence():
    wave = np.concatenate([np.full(3 * RATE, 1e-5), np.random.default_rng(0).normal(0, 0.1, RATE)]).astype(np.float32)
    starts = [audible_start(wave, 0.5, np.random.default_rng(seed)) for seed in range(10)]
    found = [start for start in starts if start is not None]
    assert len(found) > 5 and min(found) > 2.4


def test_joins_are_authentic_and_at_one_place():
    source = made_source(3)
    made = joined(source)
    assert set(made) == {REJOINED, *JOINS}
    at = made[REJOINED].at_s
    assert {each.at_s for each in made.values()} == {at}
    np.testing.assert_allclose(made[REJOINED].waveform, source.real, atol=1e-6)
    assert len(made["deletion"].waveform) == len(source.real) - round(0.3 * RATE)
    before, splice = round((at - 0.02) * RATE), made["same-speaker splice"].waveform
    np.testing.assert_array_equal(splice[:before], source.real[:before])
    np.testing.assert_array_equal(splice[-RATE // 4 :], source.other[-RATE // 4 :])


def test_without_another_recording_of_the_speaker_there_is_no_splice():
    source = made_source(3)
    assert set(joined(Source(source.name, source.real, None, "", "speaker"))) == {REJOINED, "deletion"}


def test_what_is_marked_around_a_join_is_counted_in_milliseconds():
    flat = np.ones((257, 401))
    assert marked_ms(flat, 2.0) == pytest.approx(500, rel=0.03)
    near = np.zeros((257, 401))
    near[:, 190:200] = 1
    assert marked_ms(near, 2.0) == pytest.approx(4000)
    assert marked_ms(-flat, 2.0) == 0
