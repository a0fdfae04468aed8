"""What a person who looks at one recording asks for after its verdict."""

import threading
import time
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from core.audio.clip import SAMPLE_RATE
from core.errors import CheckpointError
from core.watch import Progress, StoppedError, Watch, watched

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.panel import Panel
    from core.usecases import Analysis

__all__ = ["Pace", "explained_first", "part_to_try", "samples_to_try", "score_others", "waiting"]

# Of a longer clip a part is tried, as long as this.
_TRIED_S = 60.0

_LOADING_S, _PER_S = 0.6, 0.02
"""What a detector is expected to take that was not timed yet: to be loaded, and for a second of sound.

Means of the detectors that shipped in 2026 on two cores, the slow ones included.
"""


def explained_first(analysis: "Analysis", panel: "Panel") -> str | None:
    """Return the detector whose map by its default method is shown unasked; None where nobody speaks in the clip.

    The maps that cost least come first: of a detector's own cells (``native`` and its peaks), of a member or of the
    localiser that ships. A member that opposes the verdict does not explain it, unless no other has such a map. Of
    several, the one that surely found planted seconds and bands best in the lab; of those that it never measured, that
    of the member that decides most. Where there is none, the member that decides most of those that have a default
    method; where none has, the deciding one.
    """
    from core.explain.base import METHODS, default_method
    from core.explain.earned import surely_found
    from core.explain.methods.native import Native
    from core.timeline.shipped import shipped_localiser
    from core.usecases import by_contribution

    if analysis.verdict is None:
        return None
    moved_by = by_contribution(analysis, panel)
    members = list(moved_by)
    detectors = {name: panel.detectors[name] for name in members}
    localiser = shipped_localiser() if analysis.localised is not None else None
    if localiser is not None:
        detectors.setdefault(localiser.name, localiser)
    methods = {name: default_method(detector) for name, detector in detectors.items()}
    own = {name: method for name, method in methods.items() if method and issubclass(METHODS.get(method), Native)}
    if own:
        agreeing = [name for name in own if moved_by.get(name, 0.0) >= 0] or own
        return max(agreeing, key=lambda name: surely_found(detectors[name], own[name]))
    return next(filter(methods.get, members), members[0])


def part_to_try(analysis: "Analysis") -> tuple[float, float]:
    """Return the seconds of a clip that are scored again and again: all of a short one, else a minute at its worst."""
    duration = analysis.clip.duration_s
    if duration <= _TRIED_S:
        return 0.0, duration
    middle = (analysis.worst.start_s + analysis.worst.end_s) / 2
    start = min(max(0.0, middle - _TRIED_S / 2), duration - _TRIED_S)
    return start, start + _TRIED_S


def samples_to_try(analysis: "Analysis") -> "tuple[NDArray[np.float32], bool]":
    """Return the samples [shape=(n,)] of those seconds, and whether they are the whole recording."""
    waveform = analysis.clip.waveform
    start, end = (round(edge * SAMPLE_RATE) for edge in part_to_try(analysis))
    return waveform[start:end], end - start >= len(waveform)


class Pace:
    """How long detectors take to score a clip on this machine, loading included; learnt as they do.

    For any number of threads.
    """

    def __init__(self) -> None:
        self._timed: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def note(self, name: str, *, taken_s: float, clip_s: float) -> None:
        """Remember that a detector took so many seconds for a clip of so many."""
        with self._lock:
            self._timed[name] = (taken_s, clip_s)

    def expect(self, names: Iterable[str], clip_s: float) -> float:
        """Return how many seconds several detectors will take for a clip, one after the other."""
        with self._lock:
            return sum((self._one(name, clip_s) for name in names), start=0.0)

    def _one(self, name: str, clip_s: float) -> float:
        if name not in self._timed:
            return _LOADING_S + _PER_S * clip_s
        taken_s, before_s = self._timed[name]
        loading_s = min(_LOADING_S, taken_s)
        return loading_s + (taken_s - loading_s) * clip_s / max(before_s, 1.0)


def waiting(analysis: "Analysis", panel: "Panel") -> list[str]:
    """Return the detectors outside of the panel that have not scored the clip, the quick ones first."""
    return sorted((name for name in panel.others if name not in analysis.detectors), key=partial(_is_slow, panel))


def _is_slow(panel: "Panel", name: str) -> bool:
    try:
        return panel.is_slow(name)
    except CheckpointError:
        # It will be passed over, at the end.
        return True


def score_others(analysis: "Analysis", panel: "Panel", *, watch: Watch, pace: Pace) -> Iterator["Analysis"]:
    """Score a clip with the detectors outside of the panel too, one after the other; the verdict stays as it is.

    Each is loaded when its turn comes; one whose checkpoint turns out to be damaged is passed over. It ends when
    ``watch`` is stopped, also in the midst of a detector.

    Parameters
    ----------
    analysis : Analysis
    panel : Panel
        The one that made it.
    watch : Watch
    pace : Pace
        Learns from it.

    Yields
    ------
    Analysis
        After each detector, and about once a second meanwhile; ``detectors`` holds the panel's members and those
        scored so far.
    """
    from core.usecases import add_detectors

    for name in waiting(analysis, panel):
        began = time.monotonic()
        try:
            for step in watched(partial(add_detectors, analysis, panel, [name]), Watch(watch)):
                if not isinstance(step, Progress):
                    analysis = step
                    pace.note(name, taken_s=time.monotonic() - began, clip_s=analysis.clip.duration_s)
                yield analysis
        except StoppedError:
            return
        except CheckpointError:
            continue
