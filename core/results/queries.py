"""What is asked of a run: its members and their order, one detector's rows, and its answers to a slice.

The page, the command line and the tables of the documents all take their figures from here.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis import resampled
from core.analysis.bootstrap import Groups, intervals
from core.analysis.calibration import p_spoof
from core.analysis.shares import clustered_shares
from core.analysis.slices import BY_ATTACK, SLICES, in_slice
from core.analysis.sorted_scores import SortedScores
from core.analysis.verdict import Decision
from core.fusion import PANEL
from core.results.clusters import clusters, owners

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = [
    "PANEL", "SLICES", "Interval", "Pair", "Slice", "best", "cut", "decision_of", "detectors", "members", "names",
    "ready", "rows", "seen_systems", "together", "unscored",
]  # fmt: skip

Interval = tuple[float, float]
_Found = TypeVar("_Found")
_FEWEST = 2
Pair = tuple[NDArray[np.float64], NDArray[np.float64]]


# Who is there, in which order.


def _ranking(run: "Run") -> tuple[str, ...]:
    # The order stays as it is whatever clips are selected.
    return _ranked(run.whole)


@lru_cache(maxsize=8)
def _ranked(run: "Run") -> tuple[str, ...]:
    """Return the run's detectors from the lowest equal error rate on all clips to the highest."""
    ready(run, run.detectors)
    rates = {name: cut(run, name).eer for name in run.detectors}
    return tuple(sorted(rates, key=lambda name: (np.isnan(rates[name]), rates[name], name)))


def members(run: "Run") -> list[str]:
    """Return the detectors that the panel's score is made of, the lowest equal error rate first.

    Those of the run's fusion; where the panel's score is a mean, all that are not at chance on the run's labelled
    clips (``core.results.competent``).
    """
    return [name for name in _ranking(run) if name in run.members]


def detectors(run: "Run") -> list[str]:
    """Return all detectors: the panel's members, then the others, each from the lowest equal error rate."""
    first = members(run)
    return [*first, *(name for name in _ranking(run) if name not in first)]


def names(run: "Run") -> list[str]:
    """Return the panel and then all detectors."""
    return [PANEL, *detectors(run)]


def best(run: "Run") -> str:
    """Return the detector with the lowest equal error rate on all clips."""
    return _ranking(run)[0]


def unscored(run: "Run", wanted: Iterable[str]) -> list[str]:
    """Return which of these detectors the run does not hold: they are not scored yet."""
    return [name for name in wanted if name != PANEL and name not in run.detectors]


def decision_of(run: "Run", name: str) -> Decision:
    """Return the thresholds that a detector, or the panel, decided by."""
    stored = run.manifest["decision"] if name == PANEL else run.manifest["detectors"][name]["decision"]
    return Decision(**stored)


def seen_systems(run: "Run", name: str) -> list[str] | None:
    """Return the attacks that a detector saw in training, or for the panel that any member did; None if unknown."""
    about = run.manifest["detectors"]
    seen = [about[member]["seen_systems"] for member in (members(run) if name == PANEL else [name])]
    if any(systems is None for systems in seen):
        return None
    return sorted({system for systems in seen for system in systems})


# One detector's answers.


@lru_cache(maxsize=16)
def _table(run: "Run", name: str) -> pd.DataFrame:
    decision, llr = decision_of(run, name), run.llr(name)
    words = np.array([decision.verdict(score) for score in llr], dtype=object)
    table = run.clips.assign(detector=name, score=llr, p_spoof=p_spoof(llr), verdict=words)
    return table if name == PANEL else table.assign(raw=run.raw(name))


def rows(run: "Run", name: str) -> pd.DataFrame:
    """Return what one detector, or the panel, scored: one row per clip in the order of ``run.clips``.

    For tables of documents; views take ``run.llr`` and ``run.rows``.

    Raises
    ------
    ResultsError
        When the run does not hold the detector.
    """
    run.llr(name)
    return _table(run, name)


@lru_cache(maxsize=32)
def _mask(run: "Run", part: str, seen: frozenset[str]) -> NDArray[np.bool_]:
    """Return which clips of a run belong to one of ``SLICES``."""
    if part == "all":
        # Without reading a column.
        return np.ones(len(run), dtype=bool)
    given = [name for name in ("label", "system", "part") if name in run.columns]
    return in_slice({name: run.column(name) for name in given}, part, seen, n=len(run))


@lru_cache(maxsize=16)
def _groups(run: "Run", part: str, seen: frozenset[str]) -> Groups:
    """Return what the bootstrap draws of the labelled clips of a slice: all detectors share it."""
    labelled = _mask(run, part, seen) & (run.real | run.fake)
    return Groups.of(owners(run)[labelled], run.real[labelled])


@dataclass(frozen=True, eq=False)
class Slice:
    """One detector's answers to the clips of one slice of a run.

    Attributes
    ----------
    run : Run
    name, part : str
        Detector and slice.
    seen : frozenset of str
        The attacks that it was trained on; empty where that is not known.
    """

    run: "Run"
    name: str
    part: str
    seen: frozenset[str]

    @property
    def _key(self) -> frozenset[str]:
        return self.seen if self.part in BY_ATTACK else frozenset()

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Which clips of the run are in the slice [shape=(n,)]."""
        return _mask(self.run, self.part, self._key)

    @property
    def real(self) -> NDArray[np.bool_]:
        """Which clips of the run are in the slice and bona fide [shape=(n,)]."""
        return self.mask & self.run.real

    @property
    def fake(self) -> NDArray[np.bool_]:
        """Which clips of the run are in the slice and spoofs [shape=(n,)]."""
        return self.mask & self.run.fake

    @property
    def prior(self) -> float:
        """The prior of a spoof at which P(spoof) of the detector's scores is stated."""
        return self.run.prior(self.name)

    @cached_property
    def n(self) -> int:
        """How many clips are in the slice, with a label or without."""
        return int(self.mask.sum())

    @property
    def scores(self) -> SortedScores:
        """The log-likelihood ratios of both classes, sorted."""
        return _sorted(self)

    @cached_property
    def unlabelled(self) -> NDArray[np.float64]:
        """The log-likelihood ratios of clips without a label, ascending."""
        return np.sort(self.run.llr(self.name)[self.mask & ~self.run.real & ~self.run.fake])

    @property
    def pair(self) -> Pair:
        """Log-likelihood ratios of the bona fide clips, and of the spoofs, each ascending."""
        return self.scores.real, self.scores.fake

    @property
    def labelled(self) -> bool:
        """Whether any clip has a label."""
        return bool(len(self.scores.real) or len(self.scores.fake))

    @property
    def whole(self) -> bool:
        """Whether both classes are there."""
        return self.scores.whole

    @property
    def equal_error(self) -> tuple[float, float]:
        """Equal error rate and its threshold, a log-likelihood ratio; NaN without both classes."""
        return self.scores.equal_error

    @property
    def eer(self) -> float:
        """Equal error rate, 0 to 1; NaN without both classes."""
        return self.equal_error[0]

    @property
    def eer_interval(self) -> Interval:
        """95 % interval of the equal error rate, by resampling speakers and sources; NaN without both classes."""
        return _eer_interval(self.run, self.name, self.part, self._key)

    def rates_at(self, llr: float) -> tuple[float, float]:
        """Return false alarm rate and miss rate where scores below ``llr`` are called spoof; NaN without clips."""
        return self.scores.rates_at(llr)

    def error_intervals(self, llr: float) -> tuple[Interval, Interval]:
        """Return 95 % intervals of both rates at a threshold, by speaker and source; NaN without clips of a class."""
        scores, owner = self.run.llr(self.name), clusters(self.run)
        found = []
        for of, is_real in ((self.real, True), (self.fake, False)):
            places = np.flatnonzero(of)
            wrong = (scores[places] < llr) == is_real
            share = clustered_shares(np.zeros(len(places), np.int64), owner[places], wrong, slices=1)
            found.append((float(share.low[0]), float(share.high[0])))
        return found[0], found[1]


def cut(run: "Run", name: str, part: str = "all") -> Slice:
    """Return one detector's answers to one slice of a run; the last few dozen are kept, with their sorted scores.

    Raises
    ------
    ResultsError
        When the run does not hold the detector.
    """
    # A cache takes a slice that is named and one that is left out for two.
    return _cut(run, name, part)


@lru_cache(maxsize=24)
def _cut(run: "Run", name: str, part: str) -> Slice:
    if name != PANEL and name not in run.parts:
        run.raw(name)
    return Slice(run, name, part, frozenset(seen_systems(run, name) or ()))


# A cached property would be locked while it is computed, in Python 3.11 for all slices at once: one would be sorted
# after the other.
@lru_cache(maxsize=24)
def _sorted(here: Slice) -> SortedScores:
    llr = here.run.llr(here.name)
    if here.part in BY_ATTACK:
        # All bona fide clips stand against either kind of attack.
        return SortedScores(cut(here.run, here.name).scores.real, np.sort(llr[here.fake]))
    return SortedScores.of(llr[here.real], llr[here.fake])


# Figures that take long.


@lru_cache(maxsize=1024)
def _eer_interval(run: "Run", name: str, part: str, seen: frozenset[str]) -> Interval:
    """Return the interval: kept longer than the slices, since it takes a thousand resamples."""
    mask, groups = _mask(run, part, seen), _groups(run, part, seen)
    n_real = int(groups.real.sum())
    if min(n_real, len(groups.real) - n_real) < _FEWEST:
        return float("nan"), float("nan")
    llr = run.llr(name)[mask & (run.real | run.fake)]
    return intervals({"eer": resampled.eer}, llr, groups.real, groups)["eer"]


def ready(run: "Run", chosen: Iterable[str], part: str = "all") -> None:
    """Read and sort the scores of several detectors, some at a time: what is asked of them then is there."""

    def sort(name: str) -> None:
        cut(run, name, part).scores.equal_error  # noqa: B018 - kept by the slice

    def share() -> None:
        clusters(run)

    # Who shares clips is read from other files than scores, and asked for as soon as they are sorted.
    tasks: list[Callable[[], None]] = [share, *(partial(sort, name) for name in chosen)]
    together(tasks)


def together(tasks: Iterable[Callable[[], _Found]]) -> list[_Found]:
    """Do several tasks, some at a time, and return what each returns."""
    # Threads of its own: those of the detectors may be busy with a recording, and sorting lets others compute.
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        return [future.result() for future in [pool.submit(task) for task in tasks]]
