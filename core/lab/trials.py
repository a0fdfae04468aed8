"""What a detector's maps make of the lab's clips: each map is computed once and scored by all measures."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from core.analysis.localisation import excess_ms
from core.audio.clip import SAMPLE_RATE, Clip, DecodeRecord
from core.audio.edit import stft
from core.detectors.detector import ClipScore, Detector
from core.explain.base import Explanation, explain, smooth
from core.explain.earned import DECIDING
from core.files import sha256_bytes
from core.lab.control import control_factor
from core.lab.joins import JOINS, REACH_S, REJOINED, Joined, joined, marked_ms
from core.lab.measures import Measured, measure
from core.lab.planted import KINDS, Source, Waveform, plant, seed_of
from core.timeline.track import timeline

__all__ = [
    "BASELINES",
    "TIMELINE",
    "JoinTrial",
    "Scores",
    "Trial",
    "Trials",
    "baseline_trials",
    "run",
    "steps",
    "timeline_trials",
]  # fmt: skip

IDEAL = "ideal mask"
BASELINES = (IDEAL, "energy map", "random map")
"""Maps that know no detector: the best one possible, and two that know nothing of the evidence."""
#: What stands for the method where the timeline marks, not a map.
TIMELINE = "timeline"
# What the parts of a run may take of its time. What decides on the default method comes first and gets most.
_FIRST, _COPIES, _OTHERS, _JOINS = 0.4, 0.25, 0.2, 0.15


@dataclass(frozen=True)
class Trial:
    """One map of one clip with planted evidence.

    Attributes
    ----------
    kind, system, speaker : str
        ``system`` is empty where the evidence is no spoofing system's.
    planted, unplanted : Measured
        Of the map of the clip, and of the map of the same clip before planting, at the same place.
    control : float
        Factor of the map before planting at places alike (``core.lab.control``).
    change : float
        What the planting changed the score by, a log-likelihood ratio (negative = towards spoof).
    cpu_s : float
    """

    kind: str
    system: str
    speaker: str
    planted: Measured
    unplanted: Measured
    control: float
    change: float = 0.0
    cpu_s: float = 0.0


@dataclass(frozen=True)
class JoinTrial:
    """What is marked at an authentic join beyond what is marked at the self-rejoin, in milliseconds."""

    kind: str
    speaker: str
    excess_ms: float


@dataclass(frozen=True)
class Trials:
    """All trials of one method with one detector; of a baseline, ``detector`` is empty."""

    detector: str
    method: str
    planted: tuple[Trial, ...]
    joins: tuple[JoinTrial, ...] = ()


class Scores:
    """A detector's scores of the lab's clips, each made once for all methods."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self._known: dict[str, ClipScore] = {}

    def of(self, waveform: Waveform) -> ClipScore:
        """Return the score of a clip."""
        digest = sha256_bytes(waveform.tobytes())
        if digest not in self._known:
            self._known[digest] = self.detector.score(waveform)
        return self._known[digest]


class _Maps:
    """A detector's maps by one method, with the CPU seconds that each took."""

    def __init__(self, scores: Scores, method: str, budget_s: float) -> None:
        self._scores, self._method = scores, method
        self._budget_s, self._spent_s, self._allowed_s = budget_s, 0.0, 0.0
        self._unplanted: dict[str, tuple[Explanation, float]] = {}

    def allow(self, share: float) -> None:
        """Let a further share of the budget be spent, and what was left of those before."""
        self._allowed_s += share * self._budget_s

    @property
    def exhausted(self) -> bool:
        return bool(self._budget_s) and self._spent_s >= self._allowed_s

    def of(self, waveform: Waveform) -> tuple[Explanation, float]:
        score = self._scores.of(waveform)
        begun = time.process_time()
        found = explain(_clip(waveform), self._scores.detector, self._method, score=score, faithfulness=False)
        cpu_s = time.process_time() - begun
        self._spent_s += cpu_s
        # The inspection holds the clip's spectra, and many explanations are kept.
        return replace(found, inspection=None), cpu_s

    def unplanted(self, source: Source) -> Explanation:
        """Return the map of the recording itself, made once for all kinds."""
        if source.name not in self._unplanted:
            self._unplanted[source.name] = self.of(source.real)
        return self._unplanted[source.name][0]


def run(
    scores: Scores, method: str, sources: Sequence[Source], *, kinds: Sequence[str], clips: int,
    joins: bool = True, budget_s: float = 0.0, step: Callable[[], None] = lambda: None,
) -> Trials:  # fmt: skip
    """Try one method with one detector.

    Parameters
    ----------
    scores : Scores
        Of the detector; the same for all its methods.
    method : str
    sources : sequence of Source
        The first of many are tried where the time does not do for all.
    kinds : sequence of str
        Names out of ``KINDS``.
    clips : int
        The most clips of a kind that needs no copy, and of joins.
    joins : bool
        Also measure authentic joins, where the detector has no timeline to measure them by.
    budget_s : float
        CPU seconds after which no further clip is begun; 0 for all the time there is.
    step : callable
        Called ``steps`` times in all.
    """
    maps = _Maps(scores, method, budget_s)
    trials: list[Trial] = []
    at_joins: list[JoinTrial] = []
    parts = _parts(scores.detector, sources, kinds, clips=clips, joins=joins)
    for names, some, share in parts:
        maps.allow(share / sum(part.share for part in parts))
        for source in some:
            if maps.exhausted:
                pass
            elif names:
                trials += [trial for kind in names if (trial := _trial(maps, kind, source)) is not None]
            else:
                at_joins += _joins(source, lambda each: marked_ms(maps.of(each.waveform)[0].attribution, each.at_s))
            step()
    return Trials(scores.detector.name, method, tuple(trials), tuple(at_joins))


def steps(detector: Detector, sources: Sequence[Source], kinds: Sequence[str], *, clips: int, joins: bool) -> int:
    """Return how many steps a run has."""
    return sum(len(part.sources) for part in _parts(detector, sources, kinds, clips=clips, joins=joins))


class _Part(NamedTuple):
    """Kinds that are planted into some sources, or joins where there is no kind; and their share of the time."""

    kinds: tuple[str, ...]
    sources: Sequence[Source]
    share: float


def _parts(
    detector: Detector, sources: Sequence[Source], kinds: Sequence[str], *, clips: int, joins: bool
) -> list[_Part]:  # fmt: skip
    copies = tuple(kind for kind in kinds if KINDS.get(kind).needs_copy and kind != DECIDING)
    others = tuple(kind for kind in kinds if not KINDS.get(kind).needs_copy)
    parts = [_Part((DECIDING,), sources, _FIRST)] if DECIDING in kinds else []
    parts += [_Part(copies, sources, _COPIES)] if copies else []
    parts += [_Part(others, sources[:clips], _OTHERS)] if others else []
    # Where there is a timeline, it is what marks joins.
    return [*parts, _Part((), sources[:clips], _JOINS)] if joins and detector.network.grid() is None else parts


def _trial(maps: _Maps, kind: str, source: Source) -> Trial | None:
    planted = plant(kind, source)
    if planted is None:
        return None
    before = maps.unplanted(source)
    after, cpu_s = maps.of(planted.waveform)
    change = after.score.score - before.score.score
    found, unplanted = (measure(each.attribution, planted.mask) for each in (after, before))
    control = control_factor(before.attribution, planted.place, source)
    return Trial(kind, _system(kind, source), source.speaker, found, unplanted, control, change, cpu_s)


def _system(kind: str, source: Source) -> str:
    return source.system if KINDS.get(kind).needs_copy else ""


def timeline_trials(detector: Detector, sources: Sequence[Source]) -> Trials:
    """Return what the timeline of a detector that localises marks at authentic joins."""

    def marked(each: Joined) -> float:
        spans = [(segment.start_s, segment.end_s) for segment in timeline(each.waveform, detector).segments]
        return excess_ms(spans, (), at_s=each.at_s, around_s=REACH_S)

    return Trials(detector.name, TIMELINE, (), tuple(trial for source in sources for trial in _joins(source, marked)))


def _joins(source: Source, marked_ms_of: Callable[[Joined], float]) -> list[JoinTrial]:
    marked = {name: marked_ms_of(each) for name, each in joined(source).items()}
    return [JoinTrial(name, source.speaker, marked[name] - marked[REJOINED]) for name in JOINS if name in marked]


def baseline_trials(sources: Sequence[Source], *, kinds: Sequence[str], clips: int) -> list[Trials]:
    """Return the trials of the maps that know no detector: what the best one gets, and what chance gets."""
    trials: dict[str, list[Trial]] = {name: [] for name in BASELINES}
    for row, source in enumerate(sources):
        before = _baselines(source.real, source)
        for kind in kinds:
            planted = plant(kind, source) if KINDS.get(kind).needs_copy or row < clips else None
            if planted is None:
                continue
            after = _baselines(planted.waveform, source) | {IDEAL: planted.mask.astype(np.float32)}
            for name in BASELINES:
                found, unplanted = (measure(each[name], planted.mask) for each in (after, before))
                control = control_factor(before[name], planted.place, source)
                trials[name].append(Trial(kind, _system(kind, source), source.speaker, found, unplanted, control))
    return [Trials("", name, tuple(found)) for name, found in trials.items()]


def _baselines(waveform: Waveform, source: Source) -> dict[str, NDArray[np.floating]]:
    """Return the baselines' maps of a clip; the ideal mask is empty, as it is before anything is planted."""
    magnitude = stft(torch.from_numpy(waveform)).abs().numpy()
    noise = np.random.default_rng(seed_of(source.name, "random map")).normal(size=magnitude.shape)
    maps: Iterable[NDArray[np.floating]] = (np.zeros_like(magnitude), smooth(magnitude), smooth(noise))
    return dict(zip(BASELINES, maps, strict=True))


def _clip(waveform: Waveform) -> Clip:
    seconds = len(waveform) / SAMPLE_RATE
    return Clip("planted", waveform, DecodeRecord("-", "-", SAMPLE_RATE, 1, seconds, seconds))
