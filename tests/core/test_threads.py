"""Detectors hear side by side without more threads than cores."""

import threading

import pytest
import torch

from core import threads
from core.threads import side_by_side


@pytest.fixture
def two_cores():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    threads._pool.cache_clear()
    yield
    threads._pool.cache_clear()
    torch.set_num_threads(before)


def test_answers_come_in_the_order_of_the_questions(two_cores):
    assert side_by_side(lambda x: x * x, range(50)) == [x * x for x in range(50)]
    assert side_by_side(lambda x: x, []) == []


def test_two_hear_at_once_on_one_thread_each_and_others_keep_theirs(two_cores):
    met = threading.Barrier(2, timeout=120)

    def hear(_item):
        met.wait()
        torch.ones(400, 400) @ torch.ones(400, 400)
        return torch.get_num_threads()

    assert side_by_side(hear, range(4)) == [1, 1, 1, 1]
    assert torch.get_num_threads() == 2
    elsewhere = []
    thread = threading.Thread(target=lambda: elsewhere.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert elsewhere == [2]


def test_all_callers_share_as_many_threads_as_there_are_cores(two_cores):
    names = set()

    def ask():
        names.update(side_by_side(lambda _: threading.current_thread().name, range(20)))

    callers = [threading.Thread(target=ask) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert 1 <= len(names) <= 2 and all(name.startswith("side-by-side") for name in names)


def test_on_one_core_the_caller_hears_by_itself(two_cores):
    torch.set_num_threads(1)
    here = threading.current_thread()
    assert side_by_side(lambda _: threading.current_thread() is here, range(3)) == [True] * 3


def test_an_error_reaches_the_caller(two_cores):
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda x: 1 / x, [1, 0])
