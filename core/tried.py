"""Boxes of the spectrogram, tried out: the clip without them and they alone, to listen to and to score again.

What stands in the place of what is taken out is that of ``core.audio.removal``. What is scored is what is played.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.audio.clip import SAMPLE_RATE
from core.audio.edit import grid_freqs_hz, grid_times_s
from core.audio.removal import Removal
from core.audio.segment import Sound
from core.errors import TrialError
from core.explain.evidence import softened
from core.panel import Panel
from core.speech import speech_seconds
from core.watch import report

__all__ = [
    "LEAST_SPEECH_S", "MOST_BOXES", "MOST_S", "Box", "Scored", "Sounds", "Tried", "read_boxes", "sounds", "try_out",
]  # fmt: skip

Wave = NDArray[np.float32]

MOST_BOXES = 12
MOST_S = 300.0
"""The most seconds that the boxes of one trial may span."""
LEAST_SPEECH_S = 0.5
"""With less speech than this in them, scores of the boxes alone mean little."""

_TOP_HZ = SAMPLE_RATE / 2
_LEAST_S, _LEAST_HZ = 0.02, 60.0
# Up to this length the whole clip is scored again; of a longer one the boxes and what is around them.
_WHOLE_S, _AROUND_S = 60.0, 15.0
_ELSEWHERE = 3
_LEAST_EFFECT, _FACTOR = 0.1, 1.5


@dataclass(frozen=True)
class Box:
    """A box of the spectrogram, in seconds of the clip and in hertz."""

    start_s: float
    end_s: float
    low_hz: float = 0.0
    high_hz: float = _TOP_HZ


@dataclass(frozen=True, eq=False)
class Sounds:
    """What the boxes part a clip into.

    Attributes
    ----------
    start_s, end_s : float
        The stretch of the clip that is tried: all of it, or what is around the boxes where it is long.
    original, without : ndarray [shape=(n,), float32]
        That stretch as it is, and with the boxes taken out.
    alone_s : float
        Where ``alone`` begins in the clip.
    alone : ndarray [shape=(m,), float32]
        The seconds from the first box to the last, with all but the boxes taken out.
    """

    start_s: float
    end_s: float
    original: Wave
    without: Wave
    alone_s: float
    alone: Wave


@dataclass(frozen=True)
class Scored:
    """What the panel predicts for one sound.

    Attributes
    ----------
    score : float
        The panel's score; higher = more bona fide.
    verdict : str
        Its words.
    members : dict of str to (float, str)
        Each member's score and its own verdict.
    """

    score: float
    verdict: str
    members: dict[str, tuple[float, str]]

    @property
    def p_spoof(self) -> float:
        """The panel's probability of spoof."""
        return float(p_spoof(self.score))


@dataclass(frozen=True)
class Tried:
    """How the panel scores a clip without some boxes, and them alone, beside the original.

    Attributes
    ----------
    boxes : tuple of Box
    start_s, end_s : float
        The stretch of the clip that was scored.
    original, without, alone : Scored
    elsewhere : tuple of Scored
        Without boxes as large that were moved elsewhere by chance, along both axes; not into long digital silence.
    alone_speech_s : float
        Seconds of speech in the boxes alone.
    """

    boxes: tuple[Box, ...]
    start_s: float
    end_s: float
    original: Scored
    without: Scored
    elsewhere: tuple[Scored, ...]
    alone: Scored
    alone_speech_s: float

    @property
    def change(self) -> float:
        """Change of the panel's score without the boxes; positive = towards bona fide."""
        return self.without.score - self.original.score

    @property
    def stands_out(self) -> bool:
        """Whether that change is at least 0.1, and by half larger than each of those elsewhere."""
        others = [abs(each.score - self.original.score) for each in self.elsewhere]
        return abs(self.change) >= max(_LEAST_EFFECT, _FACTOR * max(others, default=0.0))


def read_boxes(asked: Iterable[Mapping[str, Any]], duration_s: float) -> tuple[Box, ...]:
    """Return boxes as they were drawn on a clip, cut at its edges; those too small to hold a cell are left out.

    Parameters
    ----------
    asked : iterable of mapping
        Each with ``start_s``, ``end_s``, ``low_hz`` and ``high_hz``, in any order of the two.
    duration_s : float
        The clip's.

    Raises
    ------
    TrialError
        When there is none, there are too many, or they lie too far apart.
    """
    boxes = []
    for each in asked:
        try:
            start, end = sorted(min(max(float(each[key]), 0.0), duration_s) for key in ("start_s", "end_s"))
            low, high = sorted(min(max(float(each[key]), 0.0), _TOP_HZ) for key in ("low_hz", "high_hz"))
        except (KeyError, TypeError, ValueError):
            raise TrialError("A box needs start, end, lowest and highest frequency as numbers: fill them in.") from None
        if end - start >= _LEAST_S and high - low >= _LEAST_HZ:
            boxes.append(Box(start, end, low, high))
    if not boxes:
        raise TrialError("There is no box on the recording: draw one on the spectrogram, at least 20 ms by 60 Hz.")
    if len(boxes) > MOST_BOXES:
        raise TrialError(f"There are {len(boxes)} boxes, and at most {MOST_BOXES} are tried at once: remove some.")
    if (span := _last(boxes) - _first(boxes)) > MOST_S:
        raise TrialError(f"The boxes span {span:.0f} s, and at most {MOST_S:.0f} s are tried: draw them closer.")
    return tuple(boxes)


def sounds(waveform: Wave, boxes: Sequence[Box]) -> Sounds:
    """Return a clip without its boxes, and the boxes alone.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz.
    boxes : sequence of Box
        As ``read_boxes`` returns them.
    """
    start_s, end_s = _stretch(boxes, len(waveform) / SAMPLE_RATE)
    stretch = _Stretch(waveform[round(start_s * SAMPLE_RATE) : round(end_s * SAMPLE_RATE)], start_s)
    first, last = (round((edge - start_s) * SAMPLE_RATE) for edge in (_first(boxes), _last(boxes)))
    marked = stretch.cells(boxes)
    alone = stretch.without(1 - marked)[first:last]
    return Sounds(start_s, end_s, stretch.waveform, stretch.without(marked), _first(boxes), alone)


def try_out(waveform: Wave, panel: Panel, boxes: Sequence[Box], *, seed: int = 0) -> Tried:
    """Score a clip without its boxes and the boxes alone, beside the original and boxes as large elsewhere.

    It reports how far it is (``core.watch``).

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz.
    panel : Panel
        Its members score.
    boxes : sequence of Box
        As ``read_boxes`` returns them.
    seed : int
        Of the places elsewhere.
    """
    parts = sounds(waveform, boxes)
    # Elsewhere in what is scored: from digital silence nothing can be taken out.
    sounding, rng = Sound.of(parts.original), np.random.default_rng(seed)
    stretch, placed = _Stretch(sounding.waveform, 0.0), _in_sound(boxes, sounding, parts.start_s)
    moved = [_moved(placed, (0.0, len(sounding.waveform) / SAMPLE_RATE), rng) for _ in range(_ELSEWHERE)]
    total = 3 + len(moved)
    scored: list[Scored] = []
    for sound in (parts.original, parts.without, parts.alone):
        report(len(scored), total)
        scored.append(_score(sound, panel))
    for each in moved:
        report(len(scored), total)
        scored.append(_score(stretch.without(stretch.cells(each)), panel))
    original, without, alone, *elsewhere = scored
    return Tried(
        tuple(boxes), parts.start_s, parts.end_s, original, without, tuple(elsewhere), alone,
        speech_seconds(parts.alone),
    )  # fmt: skip


class _Stretch(Removal):
    """A stretch of a clip that begins at ``start_s``, on its time-frequency grid."""

    def __init__(self, waveform: Wave, start_s: float) -> None:
        super().__init__(waveform)
        self.start_s = start_s

    def cells(self, boxes: Iterable[Box]) -> NDArray[np.float32]:
        """Return which cells lie in a box, as gains in [0, 1] [shape=(257, frames)] whose edges fall off."""
        times, hertz = grid_times_s(self.magnitude.shape[1]) + self.start_s, grid_freqs_hz()
        marked = np.zeros(self.magnitude.shape, dtype=bool)
        for box in boxes:
            rows = (hertz >= box.low_hz) & (hertz <= box.high_hz)
            marked |= rows[:, None] & ((times >= box.start_s) & (times <= box.end_s))
        return softened(marked)


def _first(boxes: Sequence[Box]) -> float:
    return min(box.start_s for box in boxes)


def _last(boxes: Sequence[Box]) -> float:
    return max(box.end_s for box in boxes)


def _stretch(boxes: Sequence[Box], duration_s: float) -> tuple[float, float]:
    if duration_s <= _WHOLE_S:
        return 0.0, duration_s
    return max(0.0, _first(boxes) - _AROUND_S), min(duration_s, _last(boxes) + _AROUND_S)


def _score(sound: Wave, panel: Panel) -> Scored:
    members = panel.score(sound)
    score = float(panel.fused({name: own.score for name, own in members.items()}))
    own = {name: (each.score, each.verdict) for name, each in members.items()}
    return Scored(score, panel.decision.verdict(score), own)


def _in_sound(boxes: Sequence[Box], sound: Sound, start_s: float) -> list[Box]:
    """Return boxes of a clip whose sound begins at ``start_s`` with the seconds of that sound."""
    edges = np.ravel(sound.stretches) / SAMPLE_RATE
    lengths = np.diff(edges)
    lengths[1::2] = 0.0
    at = np.concatenate([[0.0], np.cumsum(lengths)])
    times = [np.interp([box.start_s - start_s, box.end_s - start_s], edges, at).tolist() for box in boxes]
    return [replace(box, start_s=start, end_s=end) for box, (start, end) in zip(boxes, times, strict=True)]


def _moved(boxes: Sequence[Box], stretch: tuple[float, float], rng: np.random.Generator) -> list[Box]:
    """Return the boxes moved by one random step along both axes; what passes an edge comes in at the other."""
    start, end = stretch
    later, higher = ((end - start) * rng.uniform(1 / 8, 7 / 8), _TOP_HZ * rng.uniform(1 / 8, 7 / 8))
    return [
        Box(*times, *hertz)
        for box in boxes
        for times in _wrapped(box.start_s + later, box.end_s + later, start, end)
        for hertz in _wrapped(box.low_hz + higher, box.high_hz + higher, 0.0, _TOP_HZ)
    ]


def _wrapped(low: float, high: float, first: float, last: float) -> list[tuple[float, float]]:
    """Return a stretch that may pass ``last`` as one or two within ``first`` and ``last``."""
    length = last - first
    if low >= last:
        return [(low - length, high - length)]
    return [(low, high)] if high <= last else [(low, last), (first, high - length)]
