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
    score: float


def shown(monkeypatch: pytest.MonkeyPatch, *cases: tuple[str, str, str, float]) -> list[tuple[str, str]]:
    """Names and outcomes that are shown where each (name, label) gets its verdict by its score."""
    verdicts = {name: Verdict(verdict, score) for name, _, verdict, score in cases}

    def analyse(path: Any, panel: Any, *, name: str) -> Verdict:
        return verdicts[name]

    monkeypatch.setattr("core.usecases.analyse_file", analyse)
    examples = [Example(name, label, "", Path(name)) for name, label, *_ in cases]  # type: ignore[arg-type]
    return [(one.example.name, one.outcome) for one in showcase(examples, panel=None)]  # type: ignore[arg-type]


def test_the_clearest_of_each_kind_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    found = shown(
        monkeypatch, ("a", "bonafide", BONAFIDE, 0.9), ("b", "bonafide", BONAFIDE, 2.0), ("c", "spoof", NOT_SURE, 0.1),
        ("d", "spoof", SPOOFED, -1.1), ("e", "spoof", BONAFIDE, 3.0), ("f", "spoof", SPOOFED, -4.0),
        ("g", "bonafide", SPOOFED, -1.0),
    )  # fmt: skip
    assert found == [("b", "right"), ("f", "right"), ("e", "wrong")]


def test_what_the_panel_never_gets_wrong_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    found = shown(monkeypatch, ("a", "bonafide", NOT_SURE, 0.2), ("b", "spoof", SPOOFED, -2.0))
    assert found == [("b", "right")]
