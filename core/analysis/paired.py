"""Two detectors on the same clips: what one errs less than the other, as far as speakers and systems bear it out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.analysis import resampled
from core.analysis.bins import Bins
from core.analysis.bootstrap import EXACT, RESAMPLES, Groups
from core.analysis.sorted_scores import SortedScores

__all__ = ["Difference", "Scored", "compare"]

# More speakers, and more systems, are put together at random first.
_MOST_SPEAKERS, _MOST_SYSTEMS = 250, 150
_BLOCK = 4_000_000
_Drawn = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Difference:
    """How a figure of the first detector differs from the second's, on the same clips.

    Attributes
    ----------
    figure : str
        "equal error rate", "false alarm rate" or "miss rate".
    first, second : float
        Of each detector.
    low, high : float
        95 % interval of the first less the second, speakers and systems drawn anew; NaN where there are too few.
    trials_low, trials_high : float
        The same with single clips drawn anew: what is found if clips of one speaker are taken for independent.
    """

    figure: str
    first: float
    second: float
    low: float
    high: float
    trials_low: float
    trials_high: float

    @property
    def difference(self) -> float:
        """The first less the second: negative where the first errs less."""
        return self.first - self.second

    @property
    def borne_out(self) -> bool:
        """Whether the interval by speakers and systems leaves 0 out."""
        return self.low > 0 or self.high < 0

    @property
    def only_trials(self) -> bool:
        """Whether the interval by single clips leaves 0 out and the other holds it: no difference is shown."""
        return self.low <= 0 <= self.high and (self.trials_low > 0 or self.trials_high < 0)


@dataclass(frozen=True, eq=False)
class Scored:
    """A detector's log-likelihood ratios [shape=(n,)], and the threshold below which clips are called spoof."""

    llr: NDArray[np.float64]
    threshold: float


def compare(
    first: Scored, second: Scored, real: NDArray[np.bool_], speaker: NDArray[np.integer],
    system: NDArray[np.integer], *, resamples: int = RESAMPLES, seed: int = 0,
) -> list[Difference]:  # fmt: skip
    """Return by how much two detectors' error rates differ on the same labelled clips, with paired intervals.

    Both are counted on the same resamples, so that what makes a resample hard is hard for both. Speakers and systems
    are drawn independently, and a spoof counts as often as its speaker was drawn times how often its system was (the
    pigeonhole bootstrap: Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1, 2007): it is two-way
    clustered, and errs on the wide side. A bona fide clip has no system and counts by its speaker.

    Parameters
    ----------
    first, second : Scored
        Higher = more bona fide.
    real : ndarray of bool [shape=(n,)]
        Which clips are bona fide; the others are spoofs.
    speaker, system : ndarray of int [shape=(n,)]
        Who speaks, and what made a spoof, as numbers from 0.
    resamples, seed : int

    Raises
    ------
    ValueError
        When a class is missing.
    """
    both = [SortedScores.of(one.llr[real], one.llr[~real]) for one in (first, second)]
    if not both[0].whole:
        raise ValueError("A comparison needs clips of both classes.")
    stated = [
        (scores.equal_error[0], *scores.rates_at(one.threshold))
        for scores, one in zip(both, (first, second), strict=True)
    ]
    clustered = _Draw.of(real, speaker, system, resamples, seed)
    single = _Draw.of(real, np.arange(len(real)), np.zeros(len(real), np.int64), resamples, seed)
    ends = [_intervals(first, second, real, draw) for draw in (clustered, single)]
    names = ("equal error rate", "false alarm rate", "miss rate")
    return [
        Difference(name, stated[0][place], stated[1][place], *ends[0][name], *ends[1][name])
        for place, name in enumerate(names)
    ]


@dataclass(frozen=True, eq=False)
class _Draw:
    """How often each speaker and each system is drawn [each of shape=(resamples, groups)], and those of each clip."""

    speaker: NDArray[np.intp]
    system: NDArray[np.intp]
    speakers: NDArray[np.float32]
    systems: NDArray[np.float32]
    enough: bool

    @classmethod
    def of(
        cls, real: NDArray[np.bool_], speaker: NDArray[np.integer], system: NDArray[np.integer], resamples: int,
        seed: int,
    ) -> "_Draw":  # fmt: skip
        rng = np.random.default_rng(seed)
        groups = Groups.of(speaker, real)
        # Single clips are many, but what is summed over so many groups of them spreads as they do.
        who, sizes = groups.together(_MOST_SPEAKERS)
        what = Groups.of(system[~real], np.zeros(int((~real).sum()), bool))
        of_spoof, kinds = what.together(_MOST_SYSTEMS)
        # One system is nothing to be drawn from: it counts once.
        systems = _times(kinds, resamples, rng) if sum(kinds) > 1 else np.ones((resamples, 1), np.float32)
        full = np.zeros(len(real), np.intp)
        full[~real] = of_spoof
        return cls(who, full, _times(sizes, resamples, rng), systems, groups.fewest >= 2)

    def sums(self, of: NDArray[np.bool_], values: NDArray[np.float64], *, by_system: bool) -> NDArray[np.float64]:
        """Return the sum over some clips in each resample [shape=(resamples,)]."""
        n_speakers, n_systems = self.speakers.shape[1], self.systems.shape[1]
        key = self.speaker[of] * n_systems + self.system[of]
        cells = np.bincount(key, values, minlength=n_speakers * n_systems).reshape(n_speakers, n_systems)
        if not by_system:
            return np.asarray(self.speakers @ cells.sum(axis=1))
        return np.asarray(((self.speakers @ cells) * self.systems).sum(axis=1))


def _times(sizes: tuple[int, ...], resamples: int, rng: np.random.Generator) -> NDArray[np.float32]:
    drawn = [rng.multinomial(size, np.full(size, 1 / size), size=resamples) for size in sizes]
    return np.concatenate(drawn, axis=1).astype(np.float32)


def _intervals(
    first: Scored, second: Scored, real: NDArray[np.bool_], draw: _Draw
) -> dict[str, tuple[float, float]]:  # fmt: skip
    names = ("equal error rate", "false alarm rate", "miss rate")
    if not draw.enough:
        return dict.fromkeys(names, (np.nan, np.nan))
    eers = [_equal_errors(one.llr, real, draw) for one in (first, second)]
    drawn: _Drawn = {names[0]: eers[0] - eers[1]}
    wrong = [((one.llr < one.threshold) == real).astype(float) for one in (first, second)]
    for name, of, by_system in ((names[1], real, False), (names[2], ~real, True)):
        whole = draw.sums(of, np.ones(int(of.sum())), by_system=by_system)
        with np.errstate(invalid="ignore", divide="ignore"):
            drawn[name] = draw.sums(of, (wrong[0] - wrong[1])[of], by_system=by_system) / whole
    return {name: _ends(values) for name, values in drawn.items()}


def _ends(values: NDArray[np.float64]) -> tuple[float, float]:
    # A resample may miss a class where speakers and systems are few.
    known = values[np.isfinite(values)]
    if len(known) < len(values) / 2:
        return np.nan, np.nan
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def _equal_errors(llr: NDArray[np.float64], real: NDArray[np.bool_], draw: _Draw) -> NDArray[np.float64]:
    """Return the equal error rate of each resample [shape=(resamples,)]; NaN where it lacks a class."""
    blocks = _exact(llr, real, draw) if len(llr) <= EXACT else iter([_in_bins(llr, real, draw)])
    return np.concatenate(list(blocks))


def _exact(llr: NDArray[np.float64], real: NDArray[np.bool_], draw: _Draw) -> Iterator[NDArray[np.float64]]:
    order = np.lexsort((~real, llr))
    scores, truth, who, what = llr[order], real[order], draw.speaker[order], draw.system[order]
    size = max(1, _BLOCK // len(llr))
    for start in range(0, len(draw.speakers), size):
        here = slice(start, start + size)
        counts = draw.speakers[here][:, who]
        counts[:, ~truth] *= draw.systems[here][:, what[~truth]]
        yield _known(partial(resampled.eer, scores, truth), truth, counts.astype(np.intp))


def _in_bins(llr: NDArray[np.float64], real: NDArray[np.bool_], draw: _Draw) -> NDArray[np.float64]:
    bins = Bins.of(llr, real)
    size, n_speakers, n_systems = len(bins.means), draw.speakers.shape[1], draw.systems.shape[1]
    key = draw.speaker * size + bins.of_clip
    held = np.bincount(key[real], minlength=n_speakers * size).reshape(n_speakers, size).astype(np.float32)
    of_real = draw.speakers @ held
    of_fake = np.zeros_like(of_real)
    key = draw.system * (n_speakers * size) + key
    cells = np.bincount(key[~real], minlength=n_systems * n_speakers * size).astype(np.float32)
    for number, held in enumerate(cells.reshape(n_systems, n_speakers, size)):
        of_fake += draw.systems[:, number : number + 1] * (draw.speakers @ held)
    counts = np.rint(np.stack([of_real, of_fake], axis=2).reshape(len(of_real), -1)).astype(np.intp)
    return _known(bins.equal_errors, np.arange(2 * size) % 2 == 0, counts)


def _known(
    figure: Callable[[NDArray[np.intp]], NDArray[np.float64]], real: NDArray[np.bool_], counts: NDArray[np.intp]
) -> NDArray[np.float64]:
    found = np.full(len(counts), np.nan)
    whole = (counts[:, real].sum(axis=1) > 0) & (counts[:, ~real].sum(axis=1) > 0)
    if whole.any():
        found[whole] = figure(counts[whole])
    return found
