"""Crops put together of pieces, and where they are spoofed."""

import numpy as np
import pandas as pd
import pytest

from core.audio.clip import SAMPLE_RATE
from core.detectors.network import Grid
from trainers.recipe import Sampling, Splices
from trainers.splices import Splicer, cell_shares

GRID = Grid(0.02, tuple(500.0 * band for band in range(17)))
CROP = 2 * SAMPLE_RATE


@pytest.fixture(scope="module")
def waves() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.normal(0, 0.1, 3 * SAMPLE_RATE).astype(np.float32) for _ in range(4)]


def splicer(waves: list[np.ndarray], **settings: float) -> Splicer:
    labels = ["bonafide", "spoof", "bonafide", "bonafide"]
    systems = ["-", "vocoder", "-", "-"]
    frame = pd.DataFrame({"label": labels, "system": systems, "speaker": ["a", "a", "b", "b"]})
    pairs = pd.DataFrame({"real": [0], "copy": [1], "lag": [160], "system": ["vocoder"], "page": ["-"]})
    return Splicer(frame, waves, pairs, GRID, Splices(**settings), Sampling())


def test_the_shares_of_the_cells_are_those_of_time_and_band() -> None:
    gain = np.zeros(SAMPLE_RATE, np.float32)
    gain[320:800] = 1
    shares = cell_shares(gain, GRID, band_hz=(500, 1250))
    assert shares.shape == (16, 50)
    assert shares[:, 1].tolist() == [0, 1, 0.5] + 13 * [0]
    assert shares[1, :4].tolist() == [0, 1, 0.5, 0]
    assert cell_shares(gain, GRID).sum() == pytest.approx(16 * 1.5)


@pytest.mark.parametrize("row", [0, 1])
def test_a_splice_is_spoofed_where_the_copy_is(waves: list[np.ndarray], row: int) -> None:
    make = splicer(waves, pairs=1.0)
    for seed in range(6):
        crop, target = make(row, CROP, np.random.default_rng(seed))
        assert crop.shape == (CROP,) and target.shape == (16, 100)
        assert 0 < target.mean() < 1
        steps = crop.reshape(-1, 320)
        for label, own in ((1, waves[0]), (0, waves[1])):
            whole = np.flatnonzero((target == label).all(0))
            here = [np.flatnonzero(np.isclose(own, steps[step][0], atol=0)) for step in whole]
            # What is wholly of the host is sample for sample its own; the piece put in was filtered.
            if sum(map(len, here)) > len(whole) / 2:
                break
        else:
            raise AssertionError("neither class keeps its samples")


def test_a_copy_in_a_band_takes_some_bands_alone(waves: list[np.ndarray]) -> None:
    make = splicer(waves, pairs=1.0, bands=1.0)
    for seed in range(4):
        target = make(0, CROP, np.random.default_rng(seed))[1]
        assert np.isin(target.std(0).round(3), 0).mean() < 1
        assert target.std(0).max() > 0


@pytest.mark.parametrize(("row", "label"), [(1, 0.0), (2, 1.0), (3, 1.0)])
def test_joins_within_a_class_are_of_that_class(waves: list[np.ndarray], row: int, label: float) -> None:
    make = splicer(waves, joins=1.0)
    crops = [make(row, CROP, np.random.default_rng(seed)) for seed in range(6)]
    assert all((target == label).all() for _crop, target in crops)
    pieces = np.lib.stride_tricks.sliding_window_view(waves[row], CROP)
    starts = [np.flatnonzero(pieces[:, 0] == crop[0]) for crop, _target in crops]
    # Some crops hold a join: they are no stretch of the clip.
    assert any(
        len(at) == 0 or not np.array_equal(pieces[at[0]], crop) for at, (crop, _) in zip(starts, crops, strict=True)
    )


def test_a_spoof_made_on_the_fly_is_spliced_into_its_recording(waves: list[np.ndarray]) -> None:
    target = splicer(waves, invented=1.0)(2, CROP, np.random.default_rng(0))[1]
    assert 0 < target.mean() < 1


def test_a_seed_gives_one_crop(waves: list[np.ndarray]) -> None:
    make = splicer(waves, pairs=0.3, invented=0.5, joins=0.5, bands=0.5)
    for row in range(4):
        once, again = (make(row, CROP, np.random.default_rng(7)) for _ in range(2))
        assert np.array_equal(once[0], again[0]) and np.array_equal(once[1], again[1])
