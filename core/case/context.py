"""What a case is made with: the panel, the language, and what is known of the recordings already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.case.known import Known
    from core.detectors.card import Card
    from core.detectors.detector import Detector
    from core.panel import Panel

__all__ = ["Context"]


@dataclass(frozen=True)
class Context:
    """What a case is made with.

    Attributes
    ----------
    panel : Panel
    named : sequence of str or None
        The checkpoints that were named for the panel; None for the panel that ships.
    language : str
        Of the paragraph in words.
    known : mapping of Path to Known
        What was found of recordings already, by their files; the rest is scored and explained now.
    tries : bool
        Whether it is tried, where it was not yet, if the verdicts hold and what flips them.
    made : datetime
        When the case is made.
    """

    panel: "Panel"
    named: Sequence[str] | None = None
    language: str = "en"
    known: Mapping[Path, "Known"] = field(default_factory=dict)
    tries: bool = False
    made: datetime = field(default_factory=lambda: datetime.now(UTC))

    def detector(self, name: str) -> "Detector":
        """Return a detector of the panel, or the localiser that ships, which marks segments beside it."""
        from core.timeline.shipped import shipped_localiser

        localiser = None if name in self.panel.detectors else shipped_localiser()
        return localiser if localiser is not None and localiser.name == name else self.panel.detectors[name]

    def card(self, name: str) -> "Card":
        """Return its card; the weights of a detector of the panel are not loaded for it."""
        return self.panel.card(name) if name in self.panel.detectors else self.detector(name).card
