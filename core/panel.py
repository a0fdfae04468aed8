"""The panel: several detectors that hear the same clips, and how their scores become one."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import Calibration
from core.analysis.fusion import Combination
from core.analysis.verdict import Decision
from core.detectors import checkpoint
from core.detectors.detector import Detector
from core.errors import CheckpointError

__all__ = ["Fusion", "Panel", "default_detector", "load_panel"]


@dataclass(frozen=True)
class Fusion:
    """How the scores of several detectors become the panel's: a combination, calibrated again.

    Attributes
    ----------
    combination : Combination
        The members, and what their scores are summed up to.
    calibration : Calibration
        That sum to log-likelihood ratio.
    decision : Decision
        The panel's own thresholds.
    basis : str
        The data that all this was set on.
    figures : dict
        What the panel achieved, and where.
    """

    combination: Combination
    calibration: Calibration
    decision: Decision
    basis: str = ""
    figures: dict[str, Any] | None = None

    @property
    def members(self) -> list[str]:
        """The detectors that have a say, in the order in which they were chosen."""
        return list(self.combination.weights)

    @classmethod
    def read(cls, path: Path) -> "Fusion | None":
        """Read ``panel.json``; None where there is none.

        Raises
        ------
        CheckpointError
            When the file is damaged.
        """
        if not path.is_file():
            return None
        try:
            stored = json.loads(path.read_bytes().decode())
            return cls(
                combination=Combination(
                    {str(name): float(weight) for name, weight in stored["members"].items()},
                    {str(name): [float(q) for q in values] for name, values in stored.get("quantiles", {}).items()},
                    math.inf if stored.get("limit") is None else float(stored["limit"]),
                ),
                calibration=Calibration(**{k: float(stored["calibration"][k]) for k in ("slope", "intercept")}),
                decision=Decision(**stored["decision"]),
                basis=str(stored.get("basis", "")),
                figures=stored.get("figures"),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # ValidationError and UnicodeDecodeError are ValueErrors.
            raise CheckpointError(f"{path} does not say how a panel is fused: {error}") from error

    def llr(self, scores: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the fused log-likelihood ratio of the members' [any shape]."""
        return np.asarray(self.calibration.llr(self.combination.combine(dict(scores))))


@dataclass(frozen=True)
class Panel:
    """Several detectors that hear the same clips.

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
        if len(self.detectors) == 1:
            return next(iter(self.detectors.values())).card.decision
        return self.fusion.decision if self.fusion else Decision()

    def llr(self, scores: Mapping[str, Any]) -> NDArray[np.float64]:
        """Return the panel's log-likelihood ratio from its members' [any shape]."""
        if self.fusion is not None:
            return self.fusion.llr(scores)
        return np.mean([np.asarray(scores[name], dtype=float) for name in self.detectors], axis=0)


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
        raise CheckpointError("There is no checkpoint to listen with: train one, or name a folder that holds one.")
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
