from urllib.parse import quote

import pytest

from core.results.selection import Is, Selection
from dashboard.address import Restored, restored

TEXT = (Selection() & Is("kind", ("vocoder", "a&b=ü"))).text


def test_an_address_brings_run_tab_and_selection_back() -> None:
    found = restored(f"?run=0123456789ab&tab=map&select={quote(TEXT)}&__theme=dark")
    assert found == Restored("0123456789ab", TEXT)
    assert restored("") == restored("?") == restored(None) == Restored()


@pytest.mark.parametrize(("search", "said"), [
    ("?run=../../etc/passwd", "names no run"),
    ("?run=0123456789AB", "names no run"),
    ("?run=%3Cscript%3E", "names no run"),
    ("?select=%5B%5B", "was left out"),
    ("?select=[[%22is%22,1,2]]", "was left out"),
    ("?" + "&".join(f"a{n}=1" for n in range(60)), "cannot be read"),
    ("?select=" + "x" * 20_000, "cannot be read"),
])  # fmt: skip
def test_what_an_address_has_wrong_is_left_out_with_a_sentence(search: str, said: str) -> None:
    found = restored(search)
    assert (found.choice, found.selection) == ("", "")
    assert len(found.problems) == 1
    assert said in found.problems[0]
    assert "<" not in found.problems[0]


def test_what_is_right_in_an_address_stays() -> None:
    found = restored("?run=0123456789ab&select=x")
    assert (found.choice, found.selection, len(found.problems)) == ("0123456789ab", "", 1)
