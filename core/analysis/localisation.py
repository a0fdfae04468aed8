"""Figures of merit of spoof localisation: where in a clip the spoofed parts are, and how well that was found.

A clip's truth is the spans that are spoofed; its prediction is a score every ``hop_s`` seconds (higher = more bona
fide, NaN where there is no speech to score), or spans that were marked. Times are seconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.analysis.metrics import EqualErrorRate

__all__ = [
    "Durations",
    "ErrorSeconds",
    "EventCounts",
    "Span",
    "covered_s",
    "error_seconds",
    "event_counts",
    "excess_ms",
    "range_eer",
    "segment_scores",
    "step_durations",
]

Span = tuple[float, float]
"""Start and end in seconds."""

# Shorter than this, an overlap is a rounding error: a sample at 16 kHz lasts 62 microseconds.
_TOUCH_S = 1e-6


class Durations(NamedTuple):
    """Scores [shape=(n,)] and how many seconds of each are bona fide and how many spoofed [shape=(n,)]."""

    scores: NDArray[np.float64]
    bonafide_s: NDArray[np.float64]
    spoof_s: NDArray[np.float64]


def covered_s(edges_s: ArrayLike, spans: Iterable[Span]) -> NDArray[np.float64]:
    """Return how many seconds of each cell, between neighbouring edges [shape=(n + 1,)], lie in the spans.

    Spans that overlap count once.

    Returns
    -------
    ndarray [shape=(n,)]
    """
    edges = np.asarray(edges_s, dtype=float)
    covered = np.zeros(len(edges) - 1)
    for start, end in _merged(spans):
        covered += np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], start), 0.0, None)
    return covered


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def segment_scores(
    llr: ArrayLike, spoofed: Iterable[Span], *, hop_s: float, resolution_s: float = 0.16
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return score and truth of a clip's segments of one length, for the segment-level EER at that resolution.

    Zhang et al., "The PartialSpoof database and countermeasures for the detection of short fake speech segments
    embedded in an utterance", IEEE/ACM TASLP 31, 2023: a segment is spoofed where any part of it is, and its score at a
    coarser resolution than the network's is the lowest of its steps.

    Parameters
    ----------
    llr : array [shape=(steps,)]
        Higher = more bona fide; steps that are NaN count for nothing, and so does a segment of them alone.
    spoofed : iterable of (start, end)
    hop_s : float
        Length of a step.
    resolution_s : float
        Length of a segment, a whole number of steps.

    Returns
    -------
    scores : ndarray [shape=(segments,)]
    is_bonafide : ndarray of bool [shape=(segments,)]
    """
    steps = np.asarray(llr, dtype=float)
    per = round(resolution_s / hop_s)
    if per < 1 or abs(per * hop_s - resolution_s) > _TOUCH_S:
        raise ValueError(f"Segments of {resolution_s} s are no whole number of steps of {hop_s} s: choose a multiple.")
    padded = np.concatenate([steps, np.full(-len(steps) % per, np.nan)]).reshape(-1, per)
    spoof_s = covered_s(np.arange(padded.size + 1) * hop_s, spoofed).reshape(-1, per)
    # What is not scored is not judged: a span in digital silence makes no segment spoofed.
    spoof_s = np.where(np.isnan(padded), 0.0, spoof_s).sum(axis=1)
    kept = ~np.isnan(padded).all(axis=1)
    return np.asarray(np.nanmin(padded[kept], axis=1)), spoof_s[kept] <= _TOUCH_S


def step_durations(llr: ArrayLike, spoofed: Iterable[Span], *, hop_s: float, duration_s: float) -> Durations:
    """Return each scored step with its bona fide and spoofed seconds; the last step ends with the clip."""
    steps = np.asarray(llr, dtype=float)
    edges = np.minimum(np.arange(len(steps) + 1) * hop_s, duration_s)
    spoof_s = covered_s(edges, spoofed)
    kept = ~np.isnan(steps)
    return Durations(steps[kept], (np.diff(edges) - spoof_s)[kept], spoof_s[kept])


def range_eer(clips: Sequence[Durations]) -> EqualErrorRate:
    """Return the range-based equal error rate of clips: both error rates are shares of time, not of segments.

    Zhang, Wang, Cooper, Evans, Yamagishi, "Range-based equal error rate for spoof localization", Interspeech 2023.
    They search the threshold by bisection; here every threshold is looked at, which is exact.

    Parameters
    ----------
    clips : sequence of Durations
        Of all clips, as ``step_durations`` gives them.

    Raises
    ------
    ValueError
        When no time at all is bona fide, or none is spoofed.
    """
    scores, bonafide_s, spoof_s = (np.concatenate(parts) for parts in zip(*clips, strict=True))
    if bonafide_s.sum() <= 0 or spoof_s.sum() <= 0:
        raise ValueError("The range-based equal error rate needs both bona fide and spoofed time.")
    order = np.argsort(scores, kind="stable")
    # The last of equal scores: a threshold rejects all of them or none.
    last = np.append(np.diff(scores[order]) > 0, True)
    rejected = np.append(0.0, np.cumsum(bonafide_s[order])[last]) / bonafide_s.sum()
    accepted = 1 - np.append(0.0, np.cumsum(spoof_s[order])[last]) / spoof_s.sum()
    at = int(np.argmin(np.abs(rejected - accepted)))
    thresholds = np.append(scores[order[0]] - 1e-3, scores[order][last])
    ties = int(((bonafide_s > _TOUCH_S) & (spoof_s > _TOUCH_S)).sum())
    return EqualErrorRate(float(rejected[at] + accepted[at]) / 2, float(thresholds[at]), ties)


class EventCounts(NamedTuple):
    """How many events were found, marked where there is none, and missed; counts of several clips add up."""

    found: int
    false_alarms: int
    missed: int

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall; NaN where there is neither an event nor a mark."""
        total = 2 * self.found + self.false_alarms + self.missed
        return 2 * self.found / total if total else float("nan")


def event_counts(marked: Sequence[Span], spoofed: Sequence[Span], *, iou: float = 0.5) -> EventCounts:
    """Return how many spoofed spans were found: each by one mark whose intersection over union is at least ``iou``.

    As in temporal action localisation: pairs are made one to one, those that agree best first.
    """
    pairs = sorted(
        ((_iou(mark, span), i, j) for i, mark in enumerate(marked) for j, span in enumerate(spoofed)), reverse=True
    )
    marks: set[int] = set()
    spans: set[int] = set()
    for agreement, i, j in pairs:
        if agreement >= iou and i not in marks and j not in spans:
            marks.add(i)
            spans.add(j)
    return EventCounts(len(marks), len(marked) - len(marks), len(spoofed) - len(spans))


def _iou(first: Span, second: Span) -> float:
    shared = max(0.0, min(first[1], second[1]) - max(first[0], second[0]))
    return shared / (first[1] - first[0] + second[1] - second[0] - shared)


@dataclass(frozen=True)
class ErrorSeconds:
    """Seconds that are spoofed and not marked, marked and not spoofed, and how many there are of each class."""

    miss_s: float
    false_alarm_s: float
    spoof_s: float
    bonafide_s: float

    def __add__(self, other: "ErrorSeconds") -> "ErrorSeconds":
        return ErrorSeconds(
            self.miss_s + other.miss_s, self.false_alarm_s + other.false_alarm_s, self.spoof_s + other.spoof_s,
            self.bonafide_s + other.bonafide_s,
        )  # fmt: skip


def error_seconds(marked: Iterable[Span], spoofed: Iterable[Span], *, duration_s: float) -> ErrorSeconds:
    """Return the missed and the falsely marked seconds of a clip."""
    marks, spans = _merged(marked), _merged(spoofed)
    edges = np.unique(np.clip([0.0, duration_s, *(edge for span in (*marks, *spans) for edge in span)], 0, duration_s))
    lengths = np.diff(edges)
    # Between two edges that any span has, a stretch is wholly in a span or wholly outside.
    is_marked, is_spoof = (covered_s(edges, each) > lengths / 2 for each in (marks, spans))
    return ErrorSeconds(
        *(float(lengths[which].sum()) for which in (is_spoof & ~is_marked, is_marked & ~is_spoof, is_spoof, ~is_spoof))
    )


def excess_ms(marked: Iterable[Span], control: Iterable[Span], *, at_s: float, around_s: float = 0.25) -> float:
    """Return how many milliseconds are marked around a joint beyond those that are marked there in a control.

    Parameters
    ----------
    marked, control : iterable of (start, end)
        What is marked in the clip with the joint, and in the same clip without it.
    at_s : float
        Where the joint is.
    around_s : float
        How far before and after it marks count.
    """
    window = np.array([at_s - around_s, at_s + around_s])
    return 1000 * float(covered_s(window, marked)[0] - covered_s(window, control)[0])
