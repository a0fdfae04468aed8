"""How the scores of several detectors become the panel's, and how that is written down."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import Calibration
from core.analysis.combination import Combination
from core.analysis.verdict import Decision
from core.errors import CheckpointError

__all__ = ["Fusion", "panel_decision", "panel_llr"]


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
        """The members of the panel, those that most resamples chose first."""
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
            return cls.from_json(json.loads(path.read_bytes().decode()))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # ValidationError and UnicodeDecodeError are ValueErrors.
            raise CheckpointError(f"{path} does not describe how a panel is fused: {error}") from error

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Fusion":
        """Read what ``to_json`` wrote."""
        return cls(
            combination=Combination(
                {str(name): float(weight) for name, weight in stored["members"].items()},
                {str(name): [float(q) for q in values] for name, values in stored.get("quantiles", {}).items()},
                math.inf if stored.get("limit") is None else float(stored["limit"]),
            ),
            calibration=Calibration.from_json(stored["calibration"]),
            decision=Decision(**stored["decision"]),
            basis=str(stored.get("basis", "")),
            figures=stored.get("figures"),
        )

    def to_json(self) -> dict[str, Any]:
        """Return all that decides the panel's score and verdict, as plain JSON values."""
        limit = self.combination.limit
        return {
            "members": self.combination.weights, "quantiles": self.combination.quantiles,
            "limit": None if math.isinf(limit) else limit, "calibration": self.calibration.to_json(),
            "decision": self.decision.model_dump(mode="json"), "basis": self.basis,
        }  # fmt: skip

    def llr(self, scores: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the fused log-likelihood ratio of the members' [any shape]."""
        return np.asarray(self.calibration.llr(self.combination.combine(dict(scores))))


def panel_llr(scores: Mapping[str, Any], fusion: Fusion | None) -> NDArray[np.float64]:
    """Return the panel's log-likelihood ratio from its members' [any shape]: fused, or else their mean."""
    if fusion is not None:
        return fusion.llr(scores)
    return np.asarray(np.mean([np.asarray(score, dtype=float) for score in scores.values()], axis=0))


def panel_decision(decisions: Mapping[str, Decision], fusion: Fusion | None) -> Decision:
    """Return the thresholds of the panel's verdict: its only member's, or the fusion's."""
    if len(decisions) == 1:
        return next(iter(decisions.values()))
    return fusion.decision if fusion else Decision()
