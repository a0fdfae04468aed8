"""Examples for the first screen: real, spoofed, and wrong, by the panel's own verdicts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED
from core.audio.examples import Example
from core.showcase import showcase


@dataclass(frozen=True)
class Verdict:
    verdict: str


def shown(monkeypatch: pytest.MonkeyPatch, *cases: tuple[str, str, str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Names and outcomes that are shown where each (name, label) gets its verdict, and what was scored for it."""
    verdicts, scored = {name: verdict for name, _, verdict in cases}, []

    def analyse(path: Any, panel: Any, *, name: str) -> Verdict:
        scored.append(name)
        return Verdict(verdicts[name])

    monkeypatch.setattr("core.usecases.analyse_file", analyse)
    examples = [Example(name, label, "", Path(name)) for name, label, _ in cases]  # type: ignore[arg-type]
    return [(one.example.name, one.outcome) for one in showcase(examples, panel=None)], scored  # type: ignore[arg-type]


def test_one_of_each_kind_is_shown_and_no_more_are_scored_than_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    found, scored = shown(
        monkeypatch, ("a", "bonafide", BONAFIDE), ("b", "bonafide", BONAFIDE), ("c", "spoof", NOT_SURE),
        ("d", "spoof", SPOOFED), ("e", "spoof", BONAFIDE), ("f", "spoof", SPOOFED),
    )  # fmt: skip
    assert found == [("a", "right"), ("d", "right"), ("e", "wrong")]
    assert scored == ["a", "b", "c", "d", "e"]


def test_what_the_panel_never_gets_wrong_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = shown(monkeypatch, ("a", "bonafide", NOT_SURE), ("b", "spoof", SPOOFED))
    assert found == [("b", "right")]
