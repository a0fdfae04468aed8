"""What a person who looks at one recording asks for after its verdict."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import CheckpointError
from core.watch import report

if TYPE_CHECKING:
    from core.detectors.detector import Detector
    from core.usecases import Analysis

__all__ = ["score_others"]


def score_others(analysis: "Analysis", others: Mapping[str, "Detector"]) -> Iterator["Analysis"]:
    """Score a clip with detectors outside of the panel too, one after the other; the verdict stays as it is.

    Each is taken out of ``others`` when its turn comes, so that a mapping may load it only then; one whose checkpoint
    turns out to be damaged is passed over.

    Yields
    ------
    Analysis
        After each detector; ``detectors`` holds the panel's members and those scored so far.
    """
    from core.panel import Panel
    from core.usecases import analyse_clip

    scores = dict(analysis.detectors)
    for done, name in enumerate(others):
        report(done, len(others))
        if name in scores:
            continue
        with suppress(CheckpointError):
            scores |= analyse_clip(analysis.clip, Panel({name: others[name]})).detectors
            yield replace(analysis, detectors=dict(scores))
