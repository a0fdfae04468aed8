"""The panel: several detectors that score the same clips, and whose scores become one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.verdict import Decision
from core.detectors import checkpoint
from core.detectors.detector import Detector
from core.errors import CheckpointError
from core.fusion import Fusion, panel_decision, panel_llr

__all__ = ["Fusion", "Panel", "default_detector", "load_panel"]


@dataclass(frozen=True)
class Panel:
    """Several detectors that score the same clips.

    Attributes
    ----------
    detectors : dict of str to Detector
    fusion : Fusion or None
        Only where all its members are here; otherwise the panel's score is the mean of all detectors.
    """

    detectors: dict[str, Detector]
    fusion: Fusion | None = None

    @property
    def decision(self) -> Decision:
        """The thresholds of the panel's verdict; those of its only member where it has one."""
        return panel_decision({name: detector.card.decision for name, detector in self.detectors.items()}, self.fusion)

    def llr(self, scores: Mapping[str, Any]) -> NDArray[np.float64]:
        """Return the panel's log-likelihood ratio from its members' [any shape]."""
        return panel_llr(scores if self.fusion else {name: scores[name] for name in self.detectors}, self.fusion)


def load_panel(names: Sequence[str | Path] | None = None) -> Panel:
    """Load detectors by name or folder; None loads the members of the panel that ships.

    Raises
    ------
    UnknownNameError
        When there is no such checkpoint.
    CheckpointError
        When none is named and none ships, when two carry one name, or when one is damaged.
    """
    fusion = Fusion.read(checkpoint.SHIPPED / "panel.json")
    if names is None:
        names = [name for name in checkpoint.shipped() if fusion is None or name in fusion.members]
    chosen: Sequence[str | Path] = names
    if not chosen:
        raise CheckpointError("There is no checkpoint to score with: train one, or name a folder that holds one.")
    detectors: dict[str, Detector] = {}
    for name in chosen:
        detector = checkpoint.load_detector(name)
        if detector.name in detectors:
            raise CheckpointError(f"Two of the checkpoints are called {detector.name!r}: give each once.")
        detectors[detector.name] = detector
    fits = fusion is not None and len(detectors) > 1 and set(fusion.members) <= detectors.keys()
    return Panel(detectors, fusion if fits else None)


def default_detector() -> str:
    """Return the shipped detector to explain by: the one that told development data apart best.

    Raises
    ------
    CheckpointError
        When none ships, or a card is damaged.
    """
    names = checkpoint.shipped()
    if not names:
        raise CheckpointError("There is no checkpoint to explain: train one, or name a folder that holds one.")
    cards = {name: checkpoint.read_card(checkpoint.SHIPPED / name) for name in names}
    return max(names, key=lambda name: cards[name].polarity.dev_auc or 0.0)
