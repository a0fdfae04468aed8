"""Executors: each item once, whoever dies meanwhile."""

import os
import signal
from collections import Counter

import pytest

from core.errors import ScoringError, WorkerDiedError
from core.scoring.base import TRIES, Work, usable_cores
from core.scoring.executors.local import Local
from core.scoring.executors.process import Processes


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log"


def squares(log, **more):
    return Work("tests.core.scoring.made_up:Squares", {"log": str(log), **more})


def numbers(count, **of_three):
    return [{"n": n, **(of_three if n == 3 else {})} for n in range(count)]


def begun(log):
    return Counter(map(int, log.read_text().split()))


@pytest.mark.parametrize("executor", [Local(), Processes(2)])
def test_each_item_comes_once_with_what_came_of_it(executor, log):
    found = list(executor.map(squares(log), numbers(9)))
    assert sorted((item["n"], result["square"]) for item, result in found) == [(n, n * n) for n in range(9)]
    assert set(begun(log).values()) == {1}
    assert (os.getpid() in {result["pid"] for _, result in found}) == isinstance(executor, Local)


def test_where_there_is_no_item_no_worker_is_made(log):
    for executor in (Local(), Processes(2)):
        assert list(executor.map(squares(log, refuse="not today"), [])) == []


@pytest.mark.parametrize("executor", [Local(), Processes(2)])
def test_an_item_that_fails_comes_with_the_reason_and_the_others_go_on(executor, log):
    found = {item["n"]: result for item, result in executor.map(squares(log), numbers(6, fail=True))}
    assert str(found[3]) == "A worker failed: ValueError: no square"
    assert isinstance(found.pop(3), ScoringError)
    assert sorted(result["square"] for result in found.values()) == [0, 1, 4, 16, 25]


def test_what_a_killed_worker_was_at_is_done_by_another_and_nothing_else_twice(log, tmp_path):
    found = list(Processes(2).map(squares(log), numbers(12, die=str(tmp_path / "died"))))
    assert sorted(result["square"] for _, result in found) == [n * n for n in range(12)]
    assert begun(log) == {**dict.fromkeys(range(12), 1), 3: 2}


def test_a_worker_that_is_killed_from_outside_loses_nothing(log):
    pool = Processes(2)
    found = []
    for number, (_, result) in enumerate(pool.map(squares(log), [{"n": n, "seconds": 0.02} for n in range(30)])):
        found.append(result["square"])
        if number in (4, 11):
            os.kill(pool.pids()[0], signal.SIGKILL)
    assert sorted(found) == [n * n for n in range(30)]
    # What was at work in the two that were killed.
    assert begun(log).total() <= 32
    assert pool.pids() == []


def test_an_item_that_ends_every_worker_is_given_up_and_the_others_go_on(log):
    found = {item["n"]: result for item, result in Processes(1).map(squares(log), numbers(6, die="always"))}
    assert isinstance(found[3], WorkerDiedError)
    assert "SIGKILL" in str(found.pop(3))
    assert begun(log)[3] == TRIES
    assert sorted(result["square"] for result in found.values()) == [0, 1, 4, 16, 25]


def test_workers_that_die_one_after_the_other_end_the_work(log):
    always = [{"n": n, "die": "always"} for n in range(9)]
    with pytest.raises(ScoringError, match="One worker after the other ends"):
        list(Processes(1).map(squares(log), always))


def test_what_a_worker_refuses_is_the_error(log):
    with pytest.raises(ScoringError, match="was changed"):
        list(Processes(2).map(squares(log, refuse="it was changed"), numbers(4)))


def test_workers_that_cannot_be_started_are_the_error(log):
    with pytest.raises(ScoringError, match="cannot be started: SIGKILL"):
        list(Processes(1).map(squares(log, die_at_start=True), numbers(4)))


def test_all_workers_end_when_nobody_takes_their_results_any_more(log):
    pool = Processes(2)
    stream = pool.map(squares(log), [{"n": n, "seconds": 30.0 if n > 1 else 0.0} for n in range(9)])
    next(stream)
    pids = pool.pids()
    assert pids
    stream.close()
    assert pool.pids() == []
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_workers_that_were_started_early_do_the_work_and_those_not_needed_end(log):
    pool = Processes(3)
    pool.expect("tests.core.scoring.made_up")
    early = pool.pids()
    assert len(early) == 3
    (found,) = [result for _, result in pool.map(squares(log), numbers(1))]
    assert found["pid"] in early
    assert pool.pids() == []


def test_by_itself_a_pool_has_a_worker_a_core():
    assert Processes().workers == usable_cores() >= 1
