"""The benchmark of cases: what it prints."""

from tests.benchmarks.bench_case import line, timed


def test_the_least_of_the_runs_is_taken_and_the_first_only_loads() -> None:
    calls: list[int] = []
    timed(lambda: calls.append(1), 3)
    assert len(calls) == 4
    assert line("written", (1.234, 0.5)) == "written: 1.23 s by the clock, 0.50 s computed"
