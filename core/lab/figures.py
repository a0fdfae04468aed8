"""What the lab's trials come to: means with intervals over speakers and systems, one row a kind of evidence."""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.lab.joins import JOINS
from core.lab.planted import KINDS
from core.lab.trials import JoinTrial, Trial, Trials

__all__ = ["ALL", "SEEN", "UNSEEN", "Estimate", "Figures", "JoinFigures", "crossed_interval", "figures", "join_figures"]

SEEN, UNSEEN, ALL = "seen in training", "unseen", "all"
_RESAMPLES = 1000


@dataclass(frozen=True)
class Estimate:
    """A mean and its 95 % interval; None where it is not known."""

    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Figures:
    """How well one method found one kind of planted evidence.

    Attributes
    ----------
    detector, method, kind : str
        ``detector`` is empty for a map that knows none.
    systems : str
        ``SEEN``, ``UNSEEN`` or ``ALL`` of the spoofing systems; empty where the evidence is none's.
    clips : int
    mass, factor, rank, pointing, top3, eer : Estimate
        Of the clips' measures (``core.lab.measures``); a map without any evidence for spoof has mass and factor 0.
    hits : int
        Clips whose strongest cell lies in the place.
    unplanted_factor : Estimate
        Of the same place before planting, over those maps that hold any evidence for spoof.
    unplanted_hits : int
    control : Estimate
        The same at places alike, many of each recording, over those maps.
    gain : Estimate
        Factor less unplanted factor, clip by clip.
    fell : int
        Clips whose score fell by the planting.
    change : float
        Mean change of the score, a log-likelihood ratio.
    cpu_s : float
        CPU seconds a map.
    """

    detector: str
    method: str
    kind: str
    systems: str
    clips: int
    mass: Estimate
    factor: Estimate
    rank: Estimate
    pointing: Estimate
    top3: Estimate
    eer: Estimate
    hits: int
    unplanted_factor: Estimate
    unplanted_hits: int
    control: Estimate
    gain: Estimate
    fell: int
    change: float
    cpu_s: float


@dataclass(frozen=True)
class JoinFigures:
    """What one method marks at an authentic join beyond the self-rejoin, in milliseconds."""

    detector: str
    method: str
    kind: str
    clips: int
    excess_ms: Estimate


def figures(trials: Trials, *, trained: Collection[str] = ()) -> list[Figures]:
    """Return a row for each kind of evidence, and for copies one each of systems of training, unseen ones and all.

    Parameters
    ----------
    trials : Trials
    trained : collection of str
        The systems that the detector was trained on.
    """
    found = []
    kinds = {trial.kind for trial in trials.planted}
    for kind in sorted(kinds, key=lambda kind: (not KINDS.get(kind).needs_copy, kind)):
        of_kind = [trial for trial in trials.planted if trial.kind == kind]
        found += [_figures(trials, kind, name, some) for name, some in _groups(of_kind, kind, trained) if some]
    return found


def _groups(trials: Sequence[Trial], kind: str, trained: Collection[str]) -> Iterator[tuple[str, list[Trial]]]:
    if not KINDS.get(kind).needs_copy:
        yield "", list(trials)
        return
    yield SEEN, [trial for trial in trials if trial.system in trained]
    yield UNSEEN, [trial for trial in trials if trial.system not in trained]
    yield ALL, list(trials)


def _figures(trials: Trials, kind: str, systems: str, some: Sequence[Trial]) -> Figures:
    def estimate(value: Callable[[Trial], float]) -> Estimate:
        return _estimate([value(trial) for trial in some], some)

    unplanted = [trial.unplanted.factor for trial in some]
    planted = [_or_nothing(trial.planted.factor) for trial in some]
    return Figures(
        detector=trials.detector, method=trials.method, kind=kind, systems=systems, clips=len(some),
        mass=estimate(lambda trial: _or_nothing(trial.planted.mass)), factor=_estimate(planted, some),
        rank=estimate(lambda trial: trial.planted.rank), pointing=estimate(lambda trial: trial.planted.pointing),
        top3=estimate(lambda trial: trial.planted.top3), eer=estimate(lambda trial: trial.planted.eer),
        hits=sum(trial.planted.pointing >= 0.5 for trial in some), unplanted_factor=_estimate(unplanted, some),
        unplanted_hits=sum(trial.unplanted.pointing >= 0.5 for trial in some),
        control=estimate(lambda trial: trial.control),
        gain=_estimate(np.subtract(planted, unplanted), some), fell=sum(trial.change < 0 for trial in some),
        change=float(np.mean([trial.change for trial in some])), cpu_s=float(np.mean([trial.cpu_s for trial in some])),
    )  # fmt: skip


def _or_nothing(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def _estimate(values: ArrayLike, trials: Sequence[Trial | JoinTrial]) -> Estimate:
    """Return the mean of those values that are numbers, and its interval over speakers and systems."""
    numbers = np.asarray(values, dtype=float)
    kept = ~np.isnan(numbers)
    if not kept.any():
        return Estimate(None, None, None)
    some = [trial for trial, known in zip(trials, kept, strict=True) if known]
    speakers = [trial.speaker for trial in some]
    systems = [getattr(trial, "system", "") for trial in some]
    low, high = crossed_interval(numbers[kept], speakers, systems)
    return Estimate(float(numbers[kept].mean()), low, high)


def join_figures(trials: Trials) -> list[JoinFigures]:
    """Return a row for each kind of authentic join."""
    found = []
    for kind in JOINS:
        some = [trial for trial in trials.joins if trial.kind == kind]
        if some:
            excess = _estimate([trial.excess_ms for trial in some], some)
            found.append(JoinFigures(trials.detector, trials.method, kind, len(some), excess))
    return found


def crossed_interval(
    values: ArrayLike, first: Sequence[str], second: Sequence[str], *, resamples: int = _RESAMPLES, seed: int = 0
) -> tuple[float | None, float | None]:
    """Return the 95 % percentile bootstrap interval of a mean over values that share one of two things.

    Both are drawn with replacement, independently, and a value counts as often as both of its owners were drawn: the
    pigeonhole bootstrap (Owen, Annals of Applied Statistics 1, 2007). Where all share one of the two, the other is
    drawn alone.

    Parameters
    ----------
    values : array [shape=(n,)]
    first, second : sequence of str
        What each value shares with others: its speaker, its spoofing system.
    resamples, seed : int

    Returns
    -------
    (low, high)
        None where fewer than two of each are there: nothing is known of the spread then.
    """
    numbers = np.asarray(values, dtype=float)
    rng = np.random.default_rng(seed)
    times = np.ones((resamples, len(numbers)))
    crossed = [owners for owners in (first, second) if len(set(owners)) > 1]
    for owners in crossed:
        times *= _drawn(owners, resamples, rng)
    weights = times.sum(1)
    if not crossed or not (weights > 0).any():
        return None, None
    means = (times @ numbers)[weights > 0] / weights[weights > 0]
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def _drawn(owners: Sequence[str], resamples: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return how often the owner of each value is drawn in each resample [shape=(resamples, n)]."""
    names, owner = np.unique(np.asarray(owners), return_inverse=True)
    counts = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)
    return np.asarray(counts[:, owner], dtype=float)
