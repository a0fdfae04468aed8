"""The example on the first screen: explained by a member whose map is faithful, where there is one."""

from types import SimpleNamespace
from typing import Any

import pytest

from core.showcase import Shown
from dashboard.featured import Featured


@pytest.mark.parametrize(
    ("faithful", "chosen", "asked"), [({"b"}, "b", "ab"), ({"a", "b"}, "a", "a"), (set(), "a", "abc")]
)
def test_the_example_is_explained_by_the_first_member_whose_map_is_faithful(
    monkeypatch: pytest.MonkeyPatch, faithful: set[str], chosen: str, asked: str
) -> None:
    explained: list[str] = []

    def explain(_analysis: Any, name: str, _method: Any) -> Any:
        explained.append(name)
        return SimpleNamespace(detector=name, faithfulness=SimpleNamespace(faithful=name in faithful))

    example: Any = SimpleNamespace(name="x", label="spoof")
    found = Shown(example, SimpleNamespace(verdict="probably spoofed"))  # type: ignore[arg-type]
    monkeypatch.setattr("core.showcase.showcase", lambda *_: [found])
    monkeypatch.setattr("core.usecases.by_contribution", lambda *_: ["a", "b", "c"])
    featured = Featured(_resources(explain, lambda name: "grad-cam"))
    featured.prepare()
    assert featured.wait()
    assert featured.explanation is not None
    assert featured.explanation.detector == chosen
    assert "".join(explained) == asked


def test_members_without_a_default_map_explain_no_example(monkeypatch: pytest.MonkeyPatch) -> None:
    def explain(*_: Any) -> Any:
        pytest.fail("there is no method to explain by")

    example: Any = SimpleNamespace(name="x", label="spoof")
    found = Shown(example, SimpleNamespace(verdict="probably spoofed"))  # type: ignore[arg-type]
    monkeypatch.setattr("core.showcase.showcase", lambda *_: [found])
    monkeypatch.setattr("core.usecases.by_contribution", lambda *_: ["a", "b"])
    featured = Featured(_resources(explain, lambda name: None))
    featured.prepare()
    assert featured.first is found
    assert featured.explanation is None


def _resources(explain: Any, default_method: Any) -> Any:
    return SimpleNamespace(examples=[], panel=None, explain=explain, default_method=default_method)
