"""All that a paragraph can state of a recording, found for it alone: for commands, which have found nothing yet."""

from pathlib import Path
from typing import TYPE_CHECKING

from core.words.facts import Facts
from core.words.gather import facts_of

if TYPE_CHECKING:
    from core.detectors.detector import Detector
    from core.panel import Panel
    from core.usecases import Analysis

__all__ = ["whole_facts"]


def whole_facts(analysis: "Analysis", panel: "Panel", path: Path) -> Facts:
    """Return the facts of an analysed file: with the map that is shown unasked, and what the file states of itself.

    Parameters
    ----------
    analysis : Analysis
    panel : Panel
        The one that made it.
    path : Path
        The file.

    Raises
    ------
    ExplanationError
        When the map cannot be made.
    """
    from core.explain.base import default_method
    from core.provenance import provenance
    from core.usecases import explain_clip

    detector = _shown_unasked(analysis, panel)
    method = default_method(detector) if detector is not None else None
    found = None
    if detector is not None and method is not None:
        found = explain_clip(analysis.clip, detector, method, score=analysis.detectors.get(detector.name))
    stated = provenance(path, clip=analysis.clip)
    return facts_of(analysis, panel, detector=detector, explanation=found, provenance=stated)


def _shown_unasked(analysis: "Analysis", panel: "Panel") -> "Detector | None":
    from core.session import explained_first
    from core.timeline.shipped import shipped_localiser

    name = explained_first(analysis, panel)
    if name is None or name in panel.detectors:
        return None if name is None else panel.detectors[name]
    return shipped_localiser()
