"""The comparison of two builds' explanations: one row a build, and the ratio of what they compute."""

from tests.benchmarks.bench_explain import Cost, table


def cost(cpu_s: float) -> Cost:
    one = {"detector": "d", "method": "m", "check": "Faithful", "wall_s": 1.0, "cpu_s": cpu_s}
    return {"default": one}


def test_the_table_states_how_many_times_as_much_the_other_build_computes() -> None:
    lines = table({"this build": cost(0.5), "abc": cost(3.0)}).splitlines()
    assert lines[0].startswith("| explanation | build | by | check |")
    assert [line.rsplit("|", 2)[1].strip() for line in lines[2:]] == ["1.0", "6.0"]


def test_one_build_alone_has_no_ratio() -> None:
    assert table({"this build": cost(0.5)}).splitlines()[2].endswith("| - |")
