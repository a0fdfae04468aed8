"""From a score every few milliseconds to segments: where a clip is marked as spoofed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.analysis.format import enumerated
from core.detectors.card import Localisation
from core.detectors.score import WindowScore
from core.timeline.smoothing import smoothed

__all__ = ["calibrated", "find_segments", "in_words"]


def calibrated(over_time: ArrayLike, rule: Localisation, *, hop_s: float) -> NDArray[np.float64]:
    """Return the log-likelihood ratio of each step from the mean of its cells [shape=(steps,)], by the rule."""
    return rule.slope * smoothed(over_time, round(rule.smooth_s / hop_s)) + rule.intercept


def find_segments(llr: ArrayLike, rule: Localisation, *, hop_s: float, duration_s: float) -> tuple[WindowScore, ...]:
    """Return the segments that the rule marks, each with the mean of its steps as score.

    Parameters
    ----------
    llr : array [shape=(steps,)]
        Log-likelihood ratio of each step, higher = more bona fide; NaN where nothing is scored, which is never marked.
    rule : Localisation
    hop_s, duration_s : float
        Length of a step, and of the clip.
    """
    steps = np.asarray(llr, dtype=float)
    runs = [(a, b) for a, b in _runs(steps < rule.keep_below) if (steps[a:b] < rule.mark_below).any()]
    joined: list[tuple[int, int]] = []
    for start, stop in runs:
        if joined and (start - joined[-1][1]) * hop_s <= rule.gap_s + 1e-9:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return tuple(
        WindowScore(start * hop_s, min(stop * hop_s, duration_s), float(np.nanmean(steps[start:stop])))
        for start, stop in joined
        if (stop - start) * hop_s >= rule.shortest_s - 1e-9
    )


def _runs(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the (start, stop) of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def in_words(segments: Sequence[WindowScore], *, most: int = 3) -> str:
    """Return where segments lie: ``3.1 to 4.0 s``, ``1.0 to 2.0 and 3.1 to 4.0 s``; beyond ``most``, how many more."""
    spans = [f"{segment.start_s:.1f} to {segment.end_s:.1f}" for segment in segments[:most]]
    if len(segments) > most:
        return f"{', '.join(spans)} s and {len(segments) - most} more"
    return f"{enumerated(spans)} s"
