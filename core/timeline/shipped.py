"""Which detector that ships marks segments."""

import functools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.detectors import checkpoint
from core.detectors.card import Localisation
from core.detectors.detector import Detector
from core.errors import CheckpointError
from core.timeline.measured import UNSEEN
from core.timeline.track import Timeline, timeline

if TYPE_CHECKING:
    from core.detectors.score import ClipScore
    from core.panel import Panel

__all__ = ["fitted_detector", "marked_by", "shipped_localiser"]


def shipped_localiser() -> Detector | None:
    """Return the shipped detector whose card has a localisation, loaded once; None where none ships.

    Of several, the one with the lowest segment EER on partial spoofs by systems that it was not trained on, as
    ``python -m trainers localise`` wrote it in its card; those that were not measured come last.

    Raises
    ------
    CheckpointError
        When a card or the weights are damaged.
    """
    folder = _folder(checkpoint.SHIPPED, tuple(checkpoint.shipped()))
    return _load(folder) if folder is not None else None


def marked_by(
    panel: "Panel", waveform: NDArray[np.float32], scores: "Mapping[str, ClipScore]"
) -> Timeline | None:
    """Return the timeline beside a panel's score; None where no localiser ships, or where it stands beside none.

    Parameters
    ----------
    panel : Panel
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz.
    scores : mapping of str to ClipScore
        The members' scores of it: what is known is not computed again.
    """
    localiser = shipped_localiser() if panel.marks_segments else None
    if localiser is None:
        return None
    # The panel's own is the one that has scored the clip, by the engine that was made ready.
    own = panel.detectors[localiser.name] if localiser.name in panel.members else localiser
    return timeline(waveform, own, score=scores.get(own.name))


def fitted_detector(name: str | None) -> Detector:
    """Return the detector that is named, or else the shipped one that marks segments.

    Raises
    ------
    UnknownNameError, CheckpointError
        When there is no such checkpoint, or none is named and none ships.
    """
    detector = checkpoint.load_detector(name) if name is not None else shipped_localiser()
    if detector is None:
        raise CheckpointError(
            "No detector that ships is fitted for timelines: name one whose score is the mean of local outputs by "
            "--checkpoint; `python -m trainers localise` fits it."
        )
    return detector


@functools.cache
def _folder(shipped: Path, names: tuple[str, ...]) -> Path | None:
    rules = {name: checkpoint.read_card(shipped / name).localisation for name in names}
    fitted = {name: rule for name, rule in rules.items() if rule is not None}
    best = min(fitted, key=lambda name: _segment_eer(fitted[name]), default=None)
    return shipped / best if best is not None else None


def _segment_eer(rule: Localisation) -> float:
    rows = (row["segment_eer"]["value"] for row in rule.figures if row["clips"] == UNSEEN)
    return float(next(rows, math.inf))


@functools.cache
def _load(folder: Path) -> Detector:
    return checkpoint.load_detector(folder)
