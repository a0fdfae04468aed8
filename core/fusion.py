"""How the scores of several detectors become the panel's, and how that is written down.

The panel's score is its log-likelihood ratio plus the log odds of its prior, so that P(spoof) of it, and the thresholds
that were set on it, are those at that prior. Without a fusion the prior is 0.5, and the score a log-likelihood ratio.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import EVEN, Calibration, log_odds
from core.analysis.combination import Combination
from core.analysis.verdict import Decision
from core.errors import CheckpointError

__all__ = ["PANEL", "Fusion", "Loss", "panel_decision", "panel_score"]

#: The name of the panel among the detectors.
PANEL = "panel"


class Loss(NamedTuple):
    """What a panel loses without one of its members, on held-out pages.

    Attributes
    ----------
    eer_without : float
        Equal error rate of the others, combined and calibrated again.
    loss : float
        That less the panel's own: positive where the member brings something.
    low, high : float or None
        95 % interval of the loss, both panels on the same resampled pages.
    """

    eer_without: float
    loss: float
    low: float | None
    high: float | None


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
        The panel's own thresholds, of its score.
    prior : float
        How likely a spoof is taken to be before a clip is scored, above 0 and below 1.
    basis : str
        The data that all this was set on.
    figures : dict
        What the panel achieved on held-out pages, as ``python -m trainers panel`` wrote it: ``rows`` (see
        ``core.analysis.held_out``), and under ``members`` of each member ``family``, ``eer``, ``eer_without``,
        ``loss``, ``loss_low`` and ``loss_high``.
    """

    combination: Combination
    calibration: Calibration
    decision: Decision
    prior: float = EVEN
    basis: str = ""
    figures: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if not 0 < self.prior < 1:
            raise ValueError(f"the prior of a spoof must lie between 0 and 1, and is {self.prior}.")

    @property
    def members(self) -> list[str]:
        """The members of the panel, those that most resamples chose first."""
        return list(self.combination.weights)

    @property
    def held_out(self) -> list[dict[str, Any]]:
        """The panel's figures on held-out pages, the rows of ``core.analysis.held_out``; none where it has none."""
        return list((self.figures or {}).get("rows", []))

    def loss_without(self, name: str) -> Loss | None:
        """Return what the panel loses without a member; None where that was not measured."""
        about = (self.figures or {}).get("members", {}).get(name, {})
        if about.get("loss") is None:
            return None
        return Loss(about["eer_without"], about["loss"], about.get("loss_low"), about.get("loss_high"))

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
            prior=float(stored.get("prior", EVEN)),
            basis=str(stored.get("basis", "")),
            figures=stored.get("figures"),
        )

    def to_json(self) -> dict[str, Any]:
        """Return all that decides the panel's score and verdict, as plain JSON values."""
        limit = self.combination.limit
        return {
            "members": self.combination.weights, "quantiles": self.combination.quantiles,
            "limit": None if math.isinf(limit) else limit, "calibration": self.calibration.to_json(),
            "prior": self.prior, "decision": self.decision.model_dump(mode="json"), "basis": self.basis,
        }  # fmt: skip

    def llr(self, scores: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the fused log-likelihood ratio of the members' [any shape]."""
        return np.asarray(self.calibration.llr(self.combination.combine(dict(scores))))

    def score(self, scores: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the panel's score from the members' [any shape]: its log odds of bona fide at its prior."""
        return self.llr(scores) + log_odds(self.prior)


def panel_score(scores: Mapping[str, Any], fusion: Fusion | None) -> NDArray[np.float64]:
    """Return the panel's score from its members' [any shape]: fused, or else their mean."""
    if fusion is not None:
        return fusion.score(scores)
    # One after the other: of a million clips, all members side by side would first be copied.
    total = sum(np.asarray(score, dtype=float) for score in scores.values())
    return np.asarray(total / len(scores))


def panel_decision(decisions: Mapping[str, Decision], fusion: Fusion | None) -> Decision:
    """Return the thresholds of the panel's verdict: the fusion's, which are for its score, or its only member's."""
    if fusion is not None:
        return fusion.decision
    return next(iter(decisions.values())) if len(decisions) == 1 else Decision()
