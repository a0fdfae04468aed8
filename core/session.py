"""What a person who looks at one recording asks for after its verdict."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from core.errors import CheckpointError
from core.watch import report

if TYPE_CHECKING:
    from core.panel import Panel
    from core.usecases import Analysis

__all__ = ["score_others"]


def score_others(analysis: "Analysis", panel: "Panel") -> Iterator["Analysis"]:
    """Score a clip with the detectors outside of the panel too, one after the other; the verdict stays as it is.

    Each is loaded when its turn comes; one whose checkpoint turns out to be damaged is passed over.

    Yields
    ------
    Analysis
        After each detector; ``detectors`` holds the panel's members and those scored so far.
    """
    from core.usecases import add_detectors

    waiting = [name for name in panel.others if name not in analysis.detectors]
    for done, name in enumerate(waiting):
        report(done, len(waiting))
        with suppress(CheckpointError):
            analysis = add_detectors(analysis, panel, [name])
            yield analysis
