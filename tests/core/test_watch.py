"""Work under watch: its progress is seen, and it ends where nobody waits any more."""

import threading
import time

import pytest

from core.threads import side_by_side
from core.watch import Progress, StoppedError, Watch, report, watched


def test_work_that_nobody_watches_reports_to_nobody() -> None:
    assert side_by_side(lambda number: number + 1, [1, 2, 3]) == [2, 3, 4]
    report(1, 2)


def test_progress_comes_before_the_result() -> None:
    *steps, result = watched(lambda: side_by_side(str, range(4)), Watch(), every_s=0)
    assert result == ["0", "1", "2", "3"]
    assert [(step.done, step.total) for step in steps] == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_time_left_follows_from_the_time_taken() -> None:
    assert Progress(1, 4, taken_s=2.0).left_s == pytest.approx(6.0)
    assert Progress(0, 4, taken_s=2.0).left_s is None


def test_an_error_of_the_work_is_the_watchers() -> None:
    def fail() -> None:
        raise ValueError("no such thing")

    with pytest.raises(ValueError, match="no such thing"):
        list(watched(fail, Watch()))


@pytest.mark.parametrize("how", ["stopped", "no longer read"])
def test_work_ends_between_two_pieces_where_nobody_waits(how: str) -> None:
    begun: list[int] = []
    go_on, ended = threading.Event(), threading.Event()

    def piece(number: int) -> int:
        begun.append(number)
        if number:
            go_on.wait(120)
            time.sleep(0.005)
        return number

    def work() -> list[int]:
        try:
            return side_by_side(piece, range(200))
        finally:
            ended.set()

    watch = Watch()
    steps = watched(work, watch, every_s=0)
    assert isinstance(next(steps), Progress)
    watch.stop() if how == "stopped" else steps.close()
    go_on.set()
    if how == "stopped":
        with pytest.raises(StoppedError):
            list(steps)
    assert ended.wait(120)
    assert len(begun) < 200


def test_who_waits_is_woken_also_where_the_work_reports_nothing() -> None:
    go_on = threading.Event()
    steps = watched(lambda: go_on.wait(120), Watch(), pulse_s=0.01)
    assert [isinstance(step, Progress) and step.total for step in (next(steps), next(steps))] == [0, 0]
    go_on.set()
    assert list(steps)[-1] is True


def test_who_stops_the_whole_stops_its_parts_and_not_the_other_way_round() -> None:
    whole = Watch()
    part, other = Watch(whole), Watch(whole)
    part.stop()
    assert (whole.stopped, part.stopped, other.stopped) == (False, True, False)
    whole.stop()
    assert other.stopped


def test_an_error_of_work_that_was_stopped_is_no_error() -> None:
    watch = Watch()

    def ended_half_way() -> None:
        watch.event.wait(120)
        raise ValueError("ended half-way")

    threading.Timer(0.02, watch.stop).start()
    with pytest.raises(StoppedError):
        list(watched(ended_half_way, watch))


def test_a_result_that_comes_too_late_is_not_handed_out() -> None:
    watch = Watch()

    def work() -> str:
        watch.stop()
        return "the verdict of a removed recording"

    with pytest.raises(StoppedError):
        list(watched(work, watch))
