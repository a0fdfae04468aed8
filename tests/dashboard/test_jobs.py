"""Scorings that the page has begun: one after the other, cancelled, gone on with, resumed by the next server."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest
import soundfile

from core.errors import ResultsError
from core.results.job import Asked
from core.results.library import Library
from dashboard import jobs as module
from dashboard.components.scoring import scoring_form, scorings
from dashboard.jobs import OVER, Jobs

# Counts to three; waits for a file before the third, so that a test can find it at work.
_STAND_IN = """
import json, os, sys, time
asked = json.loads(sys.stdin.readline())
place = asked["place"]
print(json.dumps({"found": "2 bona fide, 1 spoof."}), flush=True)
print(json.dumps({"needs": "3 clips."}), flush=True)
for done in range(4):
    while done == 3 and not os.path.exists(place + "/go"):
        time.sleep(0.01)
    print(json.dumps({"done": done, "total": 3, "before": 4}), flush=True)
if os.path.exists(place + "/wrong"):
    print(json.dumps({"error": "The disk is full."}), flush=True)
else:
    print(json.dumps({"run": "r", "key": "abc", "clips": 7, "problems": 1, "why": "a.wav: it is empty"}), flush=True)
"""


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "clips <b>"
    folder.mkdir()
    return folder


@pytest.fixture
def stand_in(monkeypatch):
    monkeypatch.setattr(module, "_COMMAND", (sys.executable, "-c", _STAND_IN))


@pytest.fixture
def begin(tmp_path):
    """Make a registry as a server does; all are closed at the end."""
    made = []

    def new(allowed=lambda path: True):
        made.append(Jobs(tmp_path / "jobs", allowed))
        made[-1].resume()
        return made[-1]

    yield new
    for each in made:
        each.close()


def asked(place, *detectors):
    return Asked(str(place), detectors or ("one",))


def wait(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_job_shows_what_it_needs_how_far_it_is_and_which_run_it_made(begin, stand_in, place):
    jobs = begin()
    job = jobs.start(asked(place))
    wait(lambda: job.done == 2)
    page = scorings(jobs.all())
    assert "6 of 7 clips scored, about" in page and "3 clips." in page and "Cancel" in page
    assert "2 bona fide, 1 spoof." in page
    assert "<b>clips" not in page and "clips &lt;b&gt;" in page
    assert jobs.busy()
    (place / "go").touch()
    wait(lambda: job.state == "done")
    assert (job.key, job.clips, job.left_out) == ("abc", 7, 1)
    page = scorings(jobs.all())
    assert "7 clips scored, 1 left out." in page and "Left out: a.wav: it is empty." in page and not jobs.busy()


def test_jobs_are_done_one_after_the_other(begin, stand_in, place, tmp_path):
    jobs = begin()
    first, second = jobs.start(asked(place)), jobs.start(asked(tmp_path))
    wait(lambda: first.done == 2)
    assert second.state == "waiting"
    for folder in (place, tmp_path):
        (folder / "go").touch()
    wait(lambda: second.state == "done")
    assert [job.state for job in jobs.all()] == ["done", "done"]


def test_a_cancelled_job_goes_on_when_asked(begin, stand_in, place):
    jobs = begin()
    job = jobs.start(asked(place))
    wait(lambda: job.done == 2)
    jobs.cancel(job.id)
    assert job.state == "cancelled" and "Go on" in scorings(jobs.all())
    assert "Cancelled at 6 of 7 clips: what was scored is kept." in scorings(jobs.all())
    wait(lambda: job._process is None)
    assert job.state == "cancelled"
    (place / "go").touch()
    jobs.go_on(job.id)
    wait(lambda: job.state == "done")
    jobs.forget(job.id)
    assert jobs.all() == [] and begin().all() == []


def test_a_job_whose_process_is_killed_fails_and_goes_on(begin, stand_in, place):
    jobs = begin()
    job = jobs.start(asked(place))
    wait(lambda: job.done == 2)
    os.kill(job._process.pid, signal.SIGKILL)
    wait(lambda: job.state == "failed")
    assert "what was scored is kept" in scorings(jobs.all())
    (place / "go").touch()
    jobs.go_on(job.id)
    wait(lambda: job.state == "done")


def test_the_next_server_goes_on_with_what_was_under_way(begin, stand_in, place):
    first = begin()
    job = first.start(asked(place))
    wait(lambda: job.done == 2)
    # While a server lives, another one of the same user leaves its jobs alone.
    other = begin()
    time.sleep(0.1)
    assert [each.state for each in other.all()] == ["waiting"]
    first.close()
    (place / "go").touch()
    wait(lambda: not list((place.parent / "jobs").glob("*.lock")))
    again = begin()
    wait(lambda: again.all()[0].state == "done")
    assert again.all()[0].asked == job.asked
    assert [each.state for each in begin().all()] == ["done"]


def test_what_went_wrong_is_shown(begin, stand_in, place):
    (place / "go").touch()
    (place / "wrong").touch()
    jobs = begin()
    job = jobs.start(asked(place))
    wait(lambda: job.state in OVER)
    assert "The disk is full." in scorings(jobs.all())


def test_who_is_elsewhere_may_have_scored_only_what_is_named_and_is_refused_all_else_alike(begin, place, tmp_path):
    jobs = begin(lambda path: path.is_relative_to(place))
    refusals = []
    for folder in (tmp_path, tmp_path / "absent", place / "..", Path("~")):
        with pytest.raises(ResultsError) as refused:
            jobs.start(asked(folder))
        refusals.append(str(refused.value))
    assert len(set(refusals)) == 1 and "From elsewhere only folders below" in refusals[0]
    with pytest.raises(ResultsError, match="There is no file or folder"):
        jobs.start(asked(place / "absent"))
    with pytest.raises(ResultsError, match="No detector is chosen"):
        jobs.start(Asked(f'"{place}" ', ()))
    assert jobs.all() == []


def test_a_damaged_record_is_passed_over(begin, tmp_path):
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs/a.json").write_text(json.dumps({"id": "a"}))
    assert begin().all() == []


def test_a_folder_without_labels_is_scored_into_the_library(begin, speech, place, tmp_path, monkeypatch):
    from tests.dashboard.small_panel import NAMES, small_panel

    for number in range(3):
        soundfile.write(place / f"{number}.flac", speech[: 16_000 * (number + 1)], 16_000)
    (place / "broken.wav").write_bytes(b"no audio")
    monkeypatch.setenv("SPOOFSCOPE_DATA", str(tmp_path / "data"))
    small_panel(tmp_path / "panel")
    jobs = begin()
    job = jobs.start(Asked(str(place), (str(tmp_path / "panel" / NAMES[0]),), jobs=1))
    wait(lambda: job.state in OVER)
    assert (job.state, job.problem) == ("done", "")
    run = Library().open(job.key)
    assert run.folder.name.startswith("clips-b-")
    assert (len(run), job.left_out) == (3, 1)
    assert job.why.startswith("broken.wav: ") and "none with a label" in job.found
    assert not run.real.any() and not run.fake.any()
    assert "1 detector" in job.needs and "are free" in job.needs
    assert Library().locate(run, run.rows([0], ["path"])["path"][0]).is_file()


def test_the_form_ticks_the_panel_and_states_what_each_detector_is():
    form = scoring_form({"The panel": {"one": "Big <b>."}, "Nobody": {}, "Others": {"two": "Is wrong on purpose."}})
    assert 'title="Big &lt;b&gt;."><input type="checkbox" name="detector" value="one" checked>' in form
    assert 'title="Is wrong on purpose."><input type="checkbox" name="detector" value="two">' in form
    assert "the panel’s 1, or others of 2" in form and "Nobody" not in form
