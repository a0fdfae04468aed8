"""Which detector is explained first, and what its explanation is worth."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.audio.clip import Clip
    from core.detectors.base import Detector
    from core.explain.base import Explanation
    from core.usecases import Analysis

__all__ = ["is_dear", "leading_detector", "with_receipt"]

_FINE_HOP_S = 0.001


def is_dear(detector: "Detector") -> bool:
    """Return whether explaining takes a minute: networks that run at the rate of the samples."""
    return detector.network.frontend.hop_s < _FINE_HOP_S


def with_receipt(clip: "Clip", detector: "Detector", explanation: "Explanation") -> "Explanation":
    """Return the explanation with the test of whether the detector relies on what it marks."""
    from core.explain.inspection import Inspection
    from core.explain.receipt import write_receipt

    return replace(explanation, receipt=write_receipt(Inspection(clip.waveform, detector), explanation.attribution))


def leading_detector(analysis: "Analysis", names: Sequence[str]) -> str | None:
    """Return which of the detectors to explain first: the surest of those that say what the panel says."""
    results = [analysis.detectors[name] for name in names]
    agreeing = [result for result in results if result.verdict == analysis.verdict] or results
    return max(agreeing, key=lambda result: abs(result.score)).name if agreeing else None
