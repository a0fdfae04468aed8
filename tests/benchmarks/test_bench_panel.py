"""The comparison of two panels: sums over members, medians over turns, ratios."""

import pytest

from tests.benchmarks.bench_panel import medians, table


def cost(*members: float, verdict: float) -> dict[str, object]:
    return {"members": {str(n): [s, 2 * s] for n, s in enumerate(members)}, "verdict": [verdict, verdict / 2]}


def test_members_are_summed_and_turns_have_their_median() -> None:
    found = medians([cost(0.1, 0.2, verdict=1.0), cost(0.2, 0.2, verdict=9.0), cost(0.1, 0.25, verdict=2.0)])
    assert found == pytest.approx({"cpu": 0.35, "wall": 0.7, "verdict_cpu": 2.0, "verdict": 1.0})


def test_the_table_states_the_ratio_of_this_build_to_the_other() -> None:
    ours, theirs = medians([cost(0.1, verdict=0.5)]), medians([cost(0.3, 0.1, verdict=2.0)])
    lines = table(ours, theirs, base="abc", members=(1, 2)).splitlines()
    assert lines[0] == "| s | abc, panel of 2 | this build, panel of 1 | ratio |"
    assert {line.rsplit("|", 2)[1].strip() for line in lines[2:]} == {"0.25"}
