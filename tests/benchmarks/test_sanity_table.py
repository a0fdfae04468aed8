"""The table of planted evidence says what was measured, and keeps what was measured before."""

import numpy as np
import pytest

from tests.benchmarks.sanity_table import END, START, Estimate, Found, estimate, markdown, merged

EMPTY = f"# Title\n\n{START}\n{END}\n\nmore\n"


def found(detector: str, method: str, *, factor: float, plant: str = "second") -> Found:
    sure = Estimate(factor, factor - 0.1, factor + 0.1)
    return Found(detector, method, plant, 14, 9, -0.5, sure, sure, control=None, faithful=3)


def test_a_factor_is_good_when_its_interval_lies_above_chance() -> None:
    assert [found("a", "m", factor=f).finds for f in (1.5, 1.05, 0.5)] == [
        "yes", "no better than chance", "looks elsewhere",
    ]  # fmt: skip


def test_a_row_has_a_cell_for_each_head() -> None:
    head, rule, row = markdown([found("a", "m", factor=2).cells()]).splitlines()
    assert head.count("|") == rule.count("|") == row.count("|")
    assert "| 9 (-0.50) | 2.00 [1.90, 2.10] | yes |" in row
    assert row.endswith("| – | 3 |")


def test_a_later_measurement_replaces_its_like_and_keeps_the_rest() -> None:
    once = merged(EMPTY, [found("b", "m", factor=2), found("a", "n", factor=3)])
    twice = merged(once, [found("a", "n", factor=1), found("a", "m", factor=4)])
    rows = [line for line in twice.splitlines() if line.startswith("| `")]
    assert [row.split(" | ")[:2] for row in rows] == [["| `a`", "m"], ["| `a`", "n"], ["| `b`", "m"]]
    assert "1.00 [0.90, 1.10]" in rows[1]
    assert twice.startswith("# Title\n\n")
    assert twice.endswith(f"{END}\n\nmore\n")
    assert merged(twice, []) == twice


def test_a_file_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="explanation-sanity:start"):
        merged("nothing", [])


def test_the_interval_holds_the_mean_and_narrows_with_more_clips() -> None:
    values = np.random.default_rng(1).normal(3, 1, 400)
    few, many = estimate(values[:20]), estimate(values)
    assert few.low < few.mean < few.high
    assert many.high - many.low < few.high - few.low
    assert many.mean == pytest.approx(values.mean())
