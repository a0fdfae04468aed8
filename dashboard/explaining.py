"""Which detector is explained first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.usecases import Analysis, Panel

__all__ = ["first_explained", "leading_detector"]


def first_explained(analysis: "Analysis", panel: "Panel") -> str:
    """Return which of the panel's detectors to explain first, unasked: the one that moves the verdict most."""
    return leading_detector(analysis, list(panel.detectors))


def leading_detector(analysis: "Analysis", names: Sequence[str]) -> str:
    """Return the surest of the detectors that say what the panel says, or else the surest of all."""
    results = [analysis.detectors[name] for name in names]
    agreeing = [result for result in results if result.verdict == analysis.verdict] or results
    return max(agreeing, key=lambda result: abs(result.score)).name
