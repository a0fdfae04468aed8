"""Trainings side by side: what was changed, and what that did on development and evaluation data."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.analysis.format import NOTHING, rate
from core.detectors.card import Card
from core.detectors.checkpoint import read_card

__all__ = ["compare_markdown"]

_NOT_A_CHANGE = {"name", "summary", "limits"}
_COLUMNS = (("dev", "all"), ("dev", "published"), ("eval", "all"), ("eval", "unseen attacks"), ("eval", "published"))


def compare_markdown(folders: Sequence[Path | str]) -> str:
    """Return a table in Markdown: one row a checkpoint, the first being what the others are compared with.

    Parameters
    ----------
    folders : sequence of Path or str
        Checkpoints that ``fit`` wrote.

    Raises
    ------
    CheckpointError
        When a folder holds no card, or a damaged one.
    """
    cards = [read_card(folder) for folder in folders]
    head = ["run", "changed", *[f"{split} {part}" for split, part in _COLUMNS]]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for card in cards:
        cells = [f"`{card.name}`", _changes(cards[0], card), *[_rate(card, split, part) for split, part in _COLUMNS]]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _flat(settings: Any, prefix: str = "") -> dict[str, Any]:
    items = enumerate(settings) if isinstance(settings, list) else settings.items()
    flat: dict[str, Any] = {}
    for key, value in items:
        if isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict)):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _changes(first: Card, card: Card) -> str:
    """Return what has to be set to get from one recipe to another, as ``fit`` takes it."""
    recipes = [_flat(c.training.recipe) if c.training else {} for c in (first, card)]
    changed = [
        f"`--set {key}={value}`"
        for key, value in recipes[1].items()
        if key not in _NOT_A_CHANGE and recipes[0].get(key) != value
    ]
    return " ".join(changed) or "–"


def _rate(card: Card, split: str, part: str) -> str:
    row = next((row for row in card.metrics.get(split, []) if row["slice"] == part), None)
    return NOTHING if row is None else rate(row["eer"], (row["eer_low"], row["eer_high"]))
