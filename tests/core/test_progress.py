"""Progress: silent where it is quick, a line now and then in a file, a bar that is gone at the end on a terminal."""

import io
import sys

import pytest

from core import progress as module
from core.progress import progress, time_left
from core.watch import report, reporting_to


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(module, "_EVERY_S", 20.0)
    return clock


def test_what_is_quick_prints_nothing(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with progress("clips scored") as reporter:
        for done in range(1, 11):
            reporter(done, 10)
    assert capsys.readouterr() == ("", "")


def test_a_file_gets_a_line_now_and_then_with_the_time_left(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with progress("clips scored") as report:
        for done in range(1, 1001):
            clock.now += 1.0
            report(done, 1000)
            if done == 40:
                report.line("a result")
    output = capsys.readouterr()
    lines = output.err.splitlines()
    assert lines[0] == "20 of 1,000 clips scored, 16 min left"
    assert lines[-1] == "980 of 1,000 clips scored, less than a minute left"
    assert len(lines) == 49
    assert output.out == "a result\n"


def test_what_an_earlier_run_did_does_not_make_this_one_fast(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with progress("clips scored") as report:
        report(900, 1000)
        for done in range(901, 931):
            clock.now += 60.0
            report(done, 1000)
    assert capsys.readouterr().err.splitlines()[-1] == "930 of 1,000 clips scored, 1 h 10 min left"


def test_a_second_pass_is_timed_by_itself(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with progress("windows of this pass explained") as report:
        for step_s in (1.0, 60.0):
            for done in range(30):
                clock.now += step_s
                report(done, 30)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "19 of 30 windows of this pass explained, less than a minute left"
    assert lines[-1] == "29 of 30 windows of this pass explained, 1 min left"


def test_what_works_below_reports_here(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with progress("windows scored") as reporter, reporting_to(reporter):
        clock.now += 30.0
        report(1, 4)
    report(2, 4)
    assert capsys.readouterr().err == "1 of 4 windows scored, 2 min left\n"


@pytest.mark.parametrize(
    ("taken_s", "done", "words"),
    [(10, 0, ""), (1, 5, "less than a minute"), (100, 10, "15 min"), (100, 1, "2 h 45 min")],
)
def test_time_left_goes_by_the_present_speed(taken_s: float, done: int, words: str) -> None:
    assert time_left(taken_s, done, 100) == words


def test_on_a_terminal_a_bar_is_drawn_and_results_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen, out = Terminal(), io.StringIO()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(sys, "stdout", out)
    with progress("clips scored") as report:
        report(3, 10)
        report.line("a result")
        report(4, 10)
    assert "clips scored" in screen.getvalue() and "4/10" in screen.getvalue()
    assert out.getvalue() == "a result\n"
