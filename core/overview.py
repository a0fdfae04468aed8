"""What a list of recordings shows of each: an analysis without its samples, of a recording of up to an hour."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.audio.clip import DecodeRecord
from core.audio.excerpt import decode_long
from core.caution import worst_seconds
from core.detectors.score import WindowScore

if TYPE_CHECKING:
    from core.panel import Panel
    from core.timeline.track import Timeline
    from core.usecases import Analysis

__all__ = ["BARS", "Minute", "Overview", "overview", "overview_file", "worst_minutes"]

#: Values of the level that are kept of a recording, whatever its length.
BARS = 1200
_MINUTE_S = 60.0


@dataclass(frozen=True, eq=False)
class Overview:
    """An analysis without its samples.

    Attributes
    ----------
    name : str
        As the person calls it; not trusted, escape it before showing it.
    verdict : str or None
    note : str
        Why the verdict is not plainly the score's; empty where it is.
    score : float
        The panel's score; higher = more bona fide.
    relied_p_spoof : float or None
        The panel's P(spoof); None where it would only mislead (``Analysis.relied_p_spoof``).
    duration_s : float
        Seconds that were scored.
    record : DecodeRecord
    pieces : tuple of WindowScore
        The panel's scores, second by second; none in digital silence.
    track : Timeline or None
        The localiser's, every few milliseconds.
    level : ndarray [shape=(n,), float32]
        Peaks of the waveform in ``n`` equal parts, at most ``BARS``.
    """

    name: str
    verdict: str | None
    note: str
    score: float
    relied_p_spoof: float | None
    duration_s: float
    record: DecodeRecord
    pieces: tuple[WindowScore, ...]
    track: "Timeline | None"
    level: NDArray[np.float32]

    @property
    def segments(self) -> tuple[WindowScore, ...]:
        """The marked segments; none where there is no verdict, on parts neither."""
        return self.track.segments if self.track is not None and self.verdict is not None else ()

    @property
    def problems(self) -> tuple[str, ...]:
        """What a person should know of it: the verdict's note, what decoding remarked, what was dropped."""
        dropped = f"{self.record.dropped_s:.1f} s dropped" if self.record.dropped_s >= 0.05 else ""
        return tuple(filter(None, (self.note, dropped, *self.record.notes)))


@dataclass(frozen=True)
class Minute:
    """A minute of a recording.

    Attributes
    ----------
    start_s, end_s : float
    mean : float
        The panel's mean score over it.
    worst : WindowScore
        Its few seconds that are most likely spoofed (``core.caution.worst_seconds``).
    marked_s : float
        Seconds of it that are marked.
    """

    start_s: float
    end_s: float
    mean: float
    worst: WindowScore
    marked_s: float

    @property
    def p_spoof(self) -> float:
        """The panel's probability of spoof of the whole minute, at its prior."""
        return float(p_spoof(self.mean))


def overview(analysis: "Analysis") -> Overview:
    """Return what is kept of an analysis."""
    clip = analysis.clip
    return Overview(
        name=clip.name, verdict=analysis.verdict, note=analysis.note, score=analysis.score,
        relied_p_spoof=analysis.relied_p_spoof, duration_s=clip.duration_s, record=clip.record,
        pieces=analysis.timeline, track=analysis.localised, level=_level(clip.waveform),
    )  # fmt: skip


def overview_file(
    path: Path | str, panel: "Panel", *, name: str | None = None, cancel: threading.Event | None = None
) -> Overview:
    """Score a recording of up to an hour as a whole, and let its samples go.

    Windows are views of the samples and are scored one by one: at most twice the samples' own room is taken.

    Parameters
    ----------
    path : Path or str
    panel : Panel
    name : str, optional
        What the person called the file.
    cancel : Event, optional
        Set from another thread, it ends the decoding.

    Raises
    ------
    AudioError
        When the file cannot be read; one sentence that says why.
    """
    from core.usecases import analyse_clip

    return overview(analyse_clip(decode_long(path, name=name, cancel=cancel), panel))


def worst_minutes(found: Overview) -> list[Minute]:
    """Return a recording's minutes, first the one whose worst seconds are most likely spoofed.

    A minute of digital silence is left out. What is left at the end is a minute of its own where it is half as long;
    else it belongs to the one before.
    """
    count = max(1, round(found.duration_s / _MINUTE_S))
    edges = [_MINUTE_S * number for number in range(count)] + [found.duration_s]
    minutes = _minutes(found.pieces, found.segments, edges)
    return sorted(minutes, key=lambda minute: minute.worst.score)


def _minutes(
    pieces: Sequence[WindowScore], segments: Sequence[WindowScore], edges: Sequence[float]
) -> Iterator[Minute]:
    middles = np.array([(piece.start_s + piece.end_s) / 2 for piece in pieces])
    borders = np.searchsorted(middles, edges)
    for start_s, end_s, first, last in zip(edges, edges[1:], borders, borders[1:], strict=False):
        if own := pieces[first:last]:
            marked_s = sum(max(0.0, min(s.end_s, end_s) - max(s.start_s, start_s)) for s in segments)
            mean = float(np.mean([piece.score for piece in own]))
            yield Minute(start_s, end_s, mean, worst_seconds(own), marked_s)


def _level(waveform: NDArray[np.float32]) -> NDArray[np.float32]:
    edges = np.unique(np.linspace(0, len(waveform), min(BARS, len(waveform)) + 1).astype(int)[:-1])
    highest, lowest = np.maximum.reduceat(waveform, edges), np.minimum.reduceat(waveform, edges)
    return np.maximum(highest, -lowest).astype(np.float32)
