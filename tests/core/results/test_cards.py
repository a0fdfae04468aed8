"""Every shipped card and its learning curve can be read."""

from pathlib import Path

import pytest

from core.detectors import checkpoint
from core.errors import CheckpointError
from core.results.cards import read_cards, read_curves, read_members


@pytest.mark.parametrize("name", checkpoint.shipped())
def test_every_shipped_learning_curve_is_a_table_or_nothing(name: str) -> None:
    curves = read_curves(name)
    assert curves.empty or "step" in curves


def test_every_shipped_card_is_read() -> None:
    cards, problems = read_cards()
    assert problems == []
    assert sorted(card.name for card in cards) == sorted(checkpoint.shipped())
    assert set(read_members()[0]) <= set(checkpoint.shipped())


def test_a_curve_that_is_no_table_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "find_checkpoint", lambda name: tmp_path)
    assert read_curves("x").empty
    (tmp_path / "curves.csv").write_text("\n")
    assert read_curves("x").empty
    (tmp_path / "curves.csv").write_text('a,b\n1,2,3,4\n"')
    with pytest.raises(CheckpointError, match="no learning curve"):
        read_curves("x")
