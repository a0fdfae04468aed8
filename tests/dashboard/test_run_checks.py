"""The checks of a run in a line each: what is wrong comes first, what is unknown is called so."""

import re

from core.results.store import Run
from dashboard.components.run_checks import run_checks


def signs(text: str) -> list[tuple[str, str]]:
    """Return sign and title of each line."""
    found = re.findall(r'<li data-sign="(.)">.*?<span><b>(.*?):</b>', text)
    return [(sign, re.sub("<[^>]+>", "", title)) for sign, title in found]


def test_what_is_wrong_comes_first_and_what_is_not_known_is_no_fault(run: Run) -> None:
    audit = {"rows": 9, "compared": 9, "has_leak": True, "findings": [], "searched": 9, "trained": 2}
    text = str(run_checks(run, audit))
    assert [sign for sign, _ in signs(text)][:2] == ["!", "!"]
    assert "2 of 9 clips of the whole corpus, all its splits (22.2 %), were in a detector&#39;s training set" in text
    assert "2 of 4 checks found something wrong" in text
    quiet = run_checks(run, None)
    assert ("–", "Leakage") in signs(quiet) and ("–", "Shortcuts") in signs(quiet)
    assert ("✓", "Detectors") in signs(quiet)
    assert "no check found anything wrong; 3 of 4 could not be made" in quiet
