"""The measures of a map, against maps whose figures are known on paper."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_curve

from core.lab.measures import (
    cells_of,
    localisation_eer,
    mass_accuracy,
    measure,
    pointing_game,
    rank_accuracy,
    top_precision,
)

SHAPE = (257, 300)


def place(bins=slice(None), frames=slice(100, 200)):
    mask = np.zeros(SHAPE, bool)
    mask[bins, frames] = True
    return mask


def test_the_ideal_mask_scores_the_ideal():
    mask = place(slice(64, 128))
    found = measure(mask.astype(np.float32), mask)
    assert found == pytest.approx((1, mask.size / mask.sum(), 1, 1, 1, 0))


def test_the_opposite_of_the_ideal_mask_scores_nothing():
    mask = place(slice(64, 128))
    found = measure((~mask).astype(np.float32), mask)
    assert found == pytest.approx((0, 0, 0, 0, 0, 1))


def test_a_flat_map_is_at_chance():
    found = measure(np.ones(SHAPE), place())
    assert found[:4] == pytest.approx((1 / 3, 1, 1 / 3, 1 / 3))
    assert found.eer == pytest.approx(0.5)


def test_random_maps_are_at_chance():
    rng = np.random.default_rng(0)
    mask = place(slice(64, 128))
    found = np.mean([measure(rng.normal(size=SHAPE), mask) for _ in range(40)], axis=0)
    assert found[1] == pytest.approx(1, abs=0.02)
    assert found[2] == pytest.approx(mask.mean(), abs=0.01)
    assert found[5] == pytest.approx(0.5, abs=0.03)


def test_mass_is_the_share_of_what_is_positive():
    attribution = np.zeros(SHAPE)
    attribution[10, 150], attribution[10, 250], attribution[20, 150] = 3, 1, -100
    assert mass_accuracy(attribution, place()) == 0.75


def test_a_map_without_evidence_has_no_mass_and_points_nowhere():
    found = measure(-np.ones(SHAPE), place())
    assert np.isnan(found.mass) and np.isnan(found.factor)
    assert found.pointing == 0


def test_rank_counts_the_strongest_cells_and_of_those_that_tie_as_many_as_by_chance():
    attribution = np.zeros(SHAPE)
    mask = place(slice(0, 2), slice(0, 5))
    attribution[0, :5], attribution[200, :3], attribution[1, 0] = 9, 8, 7
    # Ten cells are asked for: six of the nine that stand out, and one of those that tie at zero.
    by_chance = 4 / (attribution == 0).sum()
    assert rank_accuracy(attribution, mask) == pytest.approx((6 + by_chance) / 10)


@pytest.mark.parametrize(("frame", "hit"), [(150, 1), (99, 0)])
def test_the_pointing_game_has_no_tolerance(frame, hit):
    attribution = np.zeros(SHAPE)
    attribution[100, frame] = 1
    assert pointing_game(attribution, place()) == hit


def test_cells_are_means_over_500_hz_and_a_tenth_of_a_second():
    values = np.zeros((257, 25))
    values[240:257, 20:] = 1
    values[0, 0] = 160
    cells = cells_of(values)
    assert cells.shape == (16, 3)
    assert cells[15, 2] == pytest.approx(1) and cells[0, 0] == pytest.approx(1)
    assert cells.sum() == pytest.approx(2)


def test_precision_of_the_three_strongest_cells():
    attribution = np.zeros(SHAPE)
    # Ranks: inside, outside, inside.
    attribution[0:16, 150:160], attribution[0:16, 0:10], attribution[32:48, 110:120] = 3, 2, 1
    assert top_precision(attribution, place()) == pytest.approx((1 + 2 / 3) / 3)


def test_with_two_relevant_cells_among_the_first_three_it_is_sklearns_average_precision():
    levels = np.random.default_rng(1).normal(size=16)
    attribution = np.repeat(np.append(levels, levels[-1]), 16)[:257, None] * np.ones((1, 10))
    order = np.argsort(-levels)
    mask = np.zeros(attribution.shape, bool)
    for rank in (0, 2):
        mask[16 * order[rank] : 16 * order[rank] + 16] = True
    inside = cells_of(mask).ravel() >= 0.5
    assert top_precision(attribution, mask) == pytest.approx(average_precision_score(inside, levels))


def test_localisation_eer_is_where_the_errors_of_sklearns_curve_meet():
    rng = np.random.default_rng(2)
    mask = place()
    attribution = np.kron(rng.normal(size=(17, 30)), np.ones((16, 10)))[:257] + 0.8 * mask
    inside = cells_of(mask).ravel() >= 0.5
    alarms, hits, _ = roc_curve(inside, cells_of(attribution).ravel(), drop_intermediate=False)
    grid = np.linspace(0, 1, 200_001)
    expected = grid[np.argmin(np.abs(grid - (1 - np.interp(grid, alarms, hits))))]
    assert localisation_eer(attribution, mask) == pytest.approx(expected, abs=4e-3)


@pytest.mark.parametrize("mask", [np.zeros(SHAPE, bool), np.ones(SHAPE, bool), np.ones((257, 10), bool)])
def test_a_place_that_is_nothing_or_everything_is_refused(mask):
    with pytest.raises(ValueError, match="some of it and not all"):
        measure(np.ones(SHAPE), mask)
