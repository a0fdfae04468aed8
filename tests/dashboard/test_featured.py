"""The example on the first screen: one whose evidence is faithful, where there is one; each is explained once."""

from types import SimpleNamespace
from typing import Any

import pytest

from core.showcase import Shown
from dashboard.featured import Featured


@pytest.mark.parametrize(
    ("faithful", "chosen", "asked"), [({"b"}, "b", "ab"), ({"a", "b"}, "a", "a"), (set(), "a", "abc")]
)
def test_the_first_example_whose_map_is_faithful_is_shown(
    monkeypatch: pytest.MonkeyPatch, faithful: set[str], chosen: str, asked: str
) -> None:
    explained: list[str] = []

    def explain(analysis: Any, name: str, _method: Any) -> Any:
        assert featured.wait(chosen=False), "the cards need no explanation"
        explained.append(analysis.path)
        return SimpleNamespace(detector=name, faithfulness=SimpleNamespace(faithful=analysis.path in faithful))

    featured = _featured(monkeypatch, explain, lambda name: "native")
    featured.prepare()
    assert featured.wait()
    assert featured.first is not None
    assert featured.first.example.name == chosen
    assert featured.explanation is not None
    assert "".join(explained) == asked


def test_detectors_without_a_default_map_explain_no_example(monkeypatch: pytest.MonkeyPatch) -> None:
    def explain(*_: Any) -> Any:
        pytest.fail("there is no method to explain by")

    featured = _featured(monkeypatch, explain, lambda name: None)
    featured.prepare()
    assert featured.first is featured.shown[0]
    assert featured.explanation is None


def _featured(monkeypatch: pytest.MonkeyPatch, explain: Any, default_method: Any) -> Featured:
    shown = [Shown(*_example(name)) for name in "abc"]
    monkeypatch.setattr("core.showcase.showcase", lambda *_: shown)
    monkeypatch.setattr("core.session.explained_first", lambda *_: "one-that-explains")
    resources: Any = SimpleNamespace(examples=[], panel=None, explain=explain, default_method=default_method)
    return Featured(resources)


def _example(name: str) -> Any:
    return SimpleNamespace(name=name, label="spoof"), SimpleNamespace(verdict="probably spoofed", path=name)
