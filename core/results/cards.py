"""The cards of the checkpoints that ship, their learning curves, and which of them the panel is made of."""

import io

import pandas as pd

from core.detectors import checkpoint
from core.detectors.card import Card
from core.errors import CheckpointError
from core.panel import Fusion

__all__ = ["read_cards", "read_curves", "read_members"]


def read_cards() -> tuple[list[Card], list[str]]:
    """Return the cards of all shipped checkpoints, and a sentence for each that cannot be read."""
    cards, problems = [], []
    for name in checkpoint.shipped():
        try:
            cards.append(checkpoint.read_card(checkpoint.find_checkpoint(name)))
        except CheckpointError as error:
            problems.append(str(error))
    return cards, problems


def read_members() -> tuple[list[str], list[str]]:
    """Return the members of the panel that ships, and a sentence where they cannot be read."""
    try:
        fusion = Fusion.read(checkpoint.SHIPPED / "panel.json")
    except CheckpointError as error:
        return [], [str(error)]
    return ([] if fusion is None else list(fusion.members)), []


def read_curves(name: str, *, repeated: bool = False) -> pd.DataFrame:
    """Return the learning curve of a shipped checkpoint, a row for each validation; empty where it kept none.

    Parameters
    ----------
    name : str
    repeated : bool
        That of a second training of the same recipe, whose weights do not ship, with what the first did not keep.

    Raises
    ------
    CheckpointError
        When the file is no table.
    """
    path = checkpoint.find_checkpoint(name) / ("repeated.csv" if repeated else "curves.csv")
    content = path.read_bytes().strip() if path.is_file() else b""
    try:
        # A detector that is fitted at once, without steps, keeps an empty file.
        return pd.read_csv(io.BytesIO(content)) if content else pd.DataFrame()
    except ValueError as error:
        raise CheckpointError(f"{path} is no learning curve: {error}; restore it, or delete it.") from error
