"""The fixtures give what they promise, and what several processes exchange arrives."""

import warnings

import numpy as np


def test_speech_is_four_seconds_of_voiced_audio(speech):
    assert speech.shape == (64000,) and speech.dtype == np.float32
    power = np.abs(np.fft.rfft(speech)) ** 2
    freqs_hz = np.fft.rfftfreq(speech.size, 1 / 16000)
    assert 0.05 < np.abs(speech).max() <= 1.1
    assert power[(freqs_hz > 80) & (freqs_hz < 4000)].sum() > 0.9 * power.sum()


def test_speech_is_each_tests_own(speech, speech_source):
    speech[:] = 0
    assert np.abs(speech_source).max() > 0.05


def test_recordings_exist(recordings):
    assert [path.name for path in recordings.values() if not path.is_file()] == []


def test_what_is_named_to_start_first_exists():
    from tests.conftest import LONGEST, REPOSITORY

    assert [path for path in LONGEST if not (REPOSITORY / path).exists()] == []


def test_a_warning_reaches_another_process_that_cannot_import_its_class(monkeypatch):
    from xdist.remote import serialize_warning_message
    from xdist.workermanage import unserialize_warning_message

    from tests.conftest import pytest_warning_recorded

    class LocalWarning(UserWarning):
        pass

    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.warn(LocalWarning("scores are tied"), stacklevel=1)
    pytest_warning_recorded(caught[0])
    received = unserialize_warning_message(serialize_warning_message(caught[0]))
    assert received.category is UserWarning
    assert str(received.message) == "LocalWarning: scores are tied"


def test_two_processes_share_the_browser_tests_and_each_file_goes_to_one():
    from tests.conftest import BROWSER_TESTS, REPOSITORY, schedule

    kind = schedule()
    at_work = kind.__new__(kind)
    files = [f"{BROWSER_TESTS}/{path.name}" for path in (REPOSITORY / BROWSER_TESTS).glob("test_*.py")]
    scopes = {file: {at_work._split_scope(f"{file}::test_{n}") for n in "az"} for file in files}
    assert all(len(of) == 1 for of in scopes.values())
    sizes = [sum(of == {half} for of in scopes.values()) for half in set.union(*scopes.values())]
    assert len(sizes) == 2 and min(sizes) >= len(files) // 3
    assert at_work._split_scope("tests/test_layout.py::test_a") == "tests/test_layout.py"


def test_what_a_dropped_process_still_reports_does_not_end_the_run():
    from tests.conftest import schedule

    kind = schedule()
    at_work = kind.__new__(kind)
    at_work.assigned_work = {}
    at_work.mark_test_complete("a dropped process", 0)
    assert at_work.assigned_work == {}
