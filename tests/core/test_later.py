"""Work that takes long is done by one thread, once, and what was asked for last comes first."""

import threading
from collections.abc import Iterator
from functools import partial

import pytest

from core.later import Later
from core.watch import report


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What the first work waits for; open at the end, so that no thread stays."""
    event = threading.Event()
    yield event
    event.set()


def test_the_last_asked_is_the_next_done_and_each_only_once(gate: threading.Event) -> None:
    later, order = Later("test"), []

    def work(name: str) -> str:
        gate.wait(10)
        order.append(name)
        return name

    began = threading.Event()

    def first_work() -> str:
        began.set()
        return work("a")

    first = later.ask("a", first_work)
    began.wait(10)
    tasks = [later.ask(name, partial(work, name)) for name in "bcb"]
    assert not first.done
    gate.set()
    assert [first.result(10), *(task.result(10) for task in tasks)] == ["a", "b", "c", "b"]
    assert order == ["a", "b", "c"]
    assert later.ask("c", partial(work, "again")) is tasks[1]


def test_progress_is_what_the_work_reports(gate: threading.Event) -> None:
    later, half = Later("test"), threading.Event()

    def work() -> None:
        report(3, 10)
        half.set()
        gate.wait(10)

    task = later.ask("a", work)
    half.wait(10)
    assert (task.progress.done, task.progress.total) == (3, 10)
    with pytest.raises(TimeoutError):
        task.result(0.0)


def test_what_failed_raises_where_its_result_is_asked_for_and_begins_anew_when_asked_again() -> None:
    later, tries = Later("test"), iter([ValueError("not yet"), None])

    def work() -> str:
        if (error := next(tries)) is not None:
            raise error
        return "done"

    task = later.ask("a", work)
    with pytest.raises(ValueError, match="not yet"):
        task.result(10)
    assert later.find("a") is task
    assert later.ask("a", work).result(10) == "done"


def test_only_so_many_results_are_kept() -> None:
    later = Later("test", most=2)
    for number in range(4):
        later.ask(number, partial(int, number)).result(10)
    later.ask("last", lambda: 0).result(10)
    assert later.find(0) is None
    assert later.find(3) is not None
    later.clear()
    assert later.find(3) is None
