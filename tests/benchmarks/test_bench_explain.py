"""The comparison of two builds' explanations: one row a build, and the ratio of what they compute."""

import io
import json

import pytest

from tests.benchmarks.bench_explain import Cost, Worker, in_turns, table


def cost(cpu_s: float, wall_s: float = 1.0) -> Cost:
    one = {"detector": "d", "method": "m", "check": "Faithful", "wall_s": wall_s, "cpu_s": cpu_s}
    return {"default": one}


def test_the_table_states_how_many_times_as_much_the_other_build_computes() -> None:
    lines = table({"this build": cost(0.5), "abc": cost(3.0)}).splitlines()
    assert lines[0].startswith("| explanation | build | by | check |")
    assert [line.rsplit("|", 2)[1].strip() for line in lines[2:]] == ["1.0", "6.0"]


def test_one_build_alone_has_no_ratio() -> None:
    assert table({"this build": cost(0.5)}).splitlines()[2].endswith("| - |")


def test_the_first_answer_warms_up_and_the_least_of_the_others_counts() -> None:
    asks, answers = io.StringIO(), [cost(0.1, 0.1), cost(3.0, 5.0), cost(4.0, 2.0)]
    found = in_turns([Worker("build", asks, io.StringIO("\n".join(map(json.dumps, answers))))], turns=2)
    assert found == {"build": cost(3.0, 2.0)}
    assert asks.getvalue() == "\n\n"


def test_a_build_that_fails_ends_the_comparison() -> None:
    with pytest.raises(RuntimeError, match="measuring of build ended early"):
        in_turns([Worker("build", io.StringIO(), io.StringIO())], turns=1)
