"""Scores of both classes, each sorted once: every threshold is then answered by looking up two places."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.analysis.calibration import EVEN
from core.analysis.metrics import ThresholdReport, report_of_counts

__all__ = ["CURVE_POINTS", "Curve", "Reliability", "RiskCoverage", "SortedScores"]

#: The most points that a curve is drawn by.
CURVE_POINTS = 2_000
_BELOW_ALL = 0.001


class Curve(NamedTuple):
    """Both error rates at ascending thresholds [each of shape=(k,)]."""

    threshold: NDArray[np.float64]
    false_alarm: NDArray[np.float64]
    miss: NDArray[np.float64]


class Reliability(NamedTuple):
    """Bins of P(spoof): what was predicted in each, what came true, and how many clips of each class it holds."""

    predicted: NDArray[np.float64]
    observed: NDArray[np.float64]
    n_real: NDArray[np.int64]
    n_fake: NDArray[np.int64]


class RiskCoverage(NamedTuple):
    """Bands of *not sure* from none to all: half its width, the share that is decided, the share of errors in it."""

    half_width: NDArray[np.float64]
    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SortedScores:
    """Log-likelihood ratios of bona fide clips and of spoofs, both ascending; higher = more bona fide.

    Attributes
    ----------
    real : ndarray [shape=(n,)]
    fake : ndarray [shape=(m,)]
    """

    real: NDArray[np.float64]
    fake: NDArray[np.float64]

    @classmethod
    def of(cls, real: ArrayLike, fake: ArrayLike) -> "SortedScores":
        """Sort the scores of both classes."""
        return cls(np.sort(np.asarray(real, dtype=float)), np.sort(np.asarray(fake, dtype=float)))

    @property
    def whole(self) -> bool:
        """Whether both classes are there."""
        return bool(len(self.real) and len(self.fake))

    def alarms(self, llr: ArrayLike) -> NDArray[np.int64]:
        """Return how many bona fide clips score below each threshold: they are called spoof."""
        return np.asarray(np.searchsorted(self.real, llr, "left"))

    def misses(self, llr: ArrayLike) -> NDArray[np.int64]:
        """Return how many spoofs score at or above each threshold: they are called bona fide."""
        return np.asarray(len(self.fake) - np.searchsorted(self.fake, llr, "left"))

    def rates_at(self, llr: float) -> tuple[float, float]:
        """Return false alarm rate and miss rate where scores below ``llr`` are called spoof; NaN without clips."""
        n, m = len(self.real), len(self.fake)
        return int(self.alarms(llr)) / n if n else math.nan, int(self.misses(llr)) / m if m else math.nan

    def report(self, llr: float) -> ThresholdReport:
        """Return confusion counts and rates at a threshold."""
        fp, fn = int(self.alarms(llr)), int(self.misses(llr))
        return report_of_counts(llr, tp=len(self.fake) - fn, fp=fp, fn=fn, tn=len(self.real) - fp)

    @cached_property
    def equal_error(self) -> tuple[float, float]:
        """Equal error rate and its threshold, as ``core.analysis.det.equal_error_point`` finds them.

        NaN without both classes.
        """
        if not self.whole:
            return math.nan, math.nan
        i, j = self._first_beyond()
        # The step before took one clip less, of the class that was counted last: bona fide first among equals.
        last_is_real = i > 0 and (j == 0 or self.real[i - 1] > self.fake[j - 1])
        before = (i - 1, j) if last_is_real else (i, j - 1)
        here, there = (abs(self._difference(*at)) for at in ((i, j), before))
        i, j = before if there <= here else (i, j)
        rate = (i / len(self.real) + 1 - j / len(self.fake)) / 2
        return float(rate), self._highest(i, j)

    def _difference(self, rejected: int, caught: int) -> float:
        """Return false alarm rate less miss rate when so many of each class lie below the threshold."""
        return rejected / len(self.real) - (1 - caught / len(self.fake))

    def _first_beyond(self) -> tuple[int, int]:
        """Return how many of each class are counted where the difference first reaches 0, clip after clip."""
        # After the i-th bona fide clip, spoofs strictly below it are counted; after a spoof, bona fide up to it.
        after: tuple[tuple[int, Callable[[int], tuple[int, int]]], ...] = (
            (len(self.real), lambda k: (k + 1, self._below(self.fake, self.real[k], "left"))),
            (len(self.fake), lambda k: (self._below(self.real, self.fake[k], "right"), k + 1)),
        )
        found = []
        for n, counted in after:
            first = _first(n, lambda k: self._difference(*counted(k)) >= 0)  # noqa: B023 - called before the next
            found += [counted(first)] if first < n else []
        return min(found, key=sum)

    @staticmethod
    def _below(scores: NDArray[np.float64], value: ArrayLike, side: Literal["left", "right"]) -> int:
        return int(np.searchsorted(scores, value, side))

    def _highest(self, i: int, j: int) -> float:
        """Return the highest of the first ``i`` bona fide scores and the first ``j`` spoofs'."""
        if not i + j:
            return float(min(self.real[0], self.fake[0]) - _BELOW_ALL)
        return float(max(scores[k - 1] for scores, k in ((self.real, i), (self.fake, j)) if k))

    def minimum_cost(self, *, prior_spoof: float, cost_miss: float, cost_false_alarm: float) -> tuple[float, float]:
        """Return the lowest normalised detection cost and a threshold that has it; NaN without both classes.

        ``[C_fa (1 - pi) P_fa + C_miss pi P_miss] / min(C_fa (1 - pi), C_miss pi)``, 1 = useless; in this project's
        words, a false alarm is bona fide speech that is called spoof. It is the detection cost of ASVspoof 5, whose
        plan counts bona fide speech as the target and so names both errors the other way round.

        Parameters
        ----------
        prior_spoof : float
            Share of spoofs among the recordings to be judged, between 0 and 1.
        cost_miss, cost_false_alarm : float
            What each error costs, above 0.
        """
        if not self.whole:
            return math.nan, math.nan
        weights = cost_false_alarm * (1 - prior_spoof), cost_miss * prior_spoof
        # The lowest cost lies where the next clip is bona fide: any earlier misses more, for no fewer false alarms.
        rejected = np.arange(len(self.real) + 1) / len(self.real)
        missed = np.append(self.misses(self.real), 0) / len(self.fake)
        cost = (weights[0] * rejected + weights[1] * missed) / min(weights)
        best = int(np.argmin(cost))
        beyond = max(self.real[-1], self.fake[-1]) + _BELOW_ALL
        return float(cost[best]), float(self.real[best]) if best < len(self.real) else float(beyond)

    def curve(self, points: int = CURVE_POINTS) -> Curve:
        """Return both error rates at every threshold, or at ``points`` of them where there are more.

        Those that are kept lie at even shares of each class, and denser where few clips remain on one side.

        Raises
        ------
        ValueError
            When a class is missing.
        """
        if not self.whole:
            raise ValueError("A curve needs clips of both classes.")
        chosen = [scores[_spread(len(scores), points // 2)] for scores in (self.real, self.fake)]
        thresholds = np.append(np.unique(np.concatenate(chosen)), math.inf)
        lowest = min(self.real[0], self.fake[0])
        thresholds = thresholds if thresholds[0] == lowest else np.insert(thresholds, 0, lowest)
        return Curve(thresholds, self.alarms(thresholds) / len(self.real), self.misses(thresholds) / len(self.fake))

    def area(self) -> float:
        """Return the area under the ROC: the chance that a bona fide clip scores higher; ties count half."""
        if not self.whole:
            return math.nan
        below, up_to = np.searchsorted(self.real, self.fake, "left"), np.searchsorted(self.real, self.fake, "right")
        return float(1 - (below + up_to).mean() / (2 * len(self.real)))

    def average_precision(self) -> float:
        """Return the mean precision over the spoofs as each is reached from the surest on; NaN without both classes.

        Davis and Goadrich, ICML 2006: a sum over steps, without interpolation. It depends on the share of spoofs.
        """
        if not self.whole:
            return math.nan
        steps, counts = np.unique(self.fake, return_counts=True)
        caught, alarms = np.cumsum(counts), np.searchsorted(self.real, steps, "right")
        return float((counts * caught / (caught + alarms)).sum() / len(self.fake))

    def reliability(self, bins: int = 10, *, prior: float = EVEN) -> Reliability:
        """Return how P(spoof) compares with what came true, in bins of equal width from 0 to 1.

        The classes weigh by the prior of a spoof at which P(spoof) is stated; NaN where a bin is empty. Needs both
        classes. DeGroot and Fienberg, The Statistician 32, 1983.
        """
        inner = np.arange(1, bins) / bins
        # Descending P(spoof) is ascending ratio.
        edges = np.log((1 - inner) / inner)[::-1]
        n_real, n_fake = (_counts(scores, edges)[::-1] for scores in (self.real, self.fake))
        real = (1 - prior) * n_real / max(len(self.real), 1)
        fake = prior * n_fake / max(len(self.fake), 1)
        chance = [
            [float((1 / (1 + np.exp(part))).mean()) if len(part) else math.nan for part in _parts(scores, edges)][::-1]
            for scores in (self.real, self.fake)
        ]  # fmt: skip
        with np.errstate(invalid="ignore", divide="ignore"):
            means = np.nan_to_num(chance)
            predicted = (real * means[0] + fake * means[1]) / (real + fake)
            return Reliability(predicted, fake / (real + fake), n_real, n_fake)

    def risk_of_band(self, low: float, high: float) -> tuple[float, float]:
        """Return the share that is answered and the share of errors in it, where scores from low to high are withheld.

        Both classes weigh alike. Needs both classes.
        """
        n, m = len(self.real), len(self.fake)
        alarms, found = int(self.alarms(low)) / n, 1 - int(self.misses(low)) / m
        right, missed = (1 - np.searchsorted(scores, high, "right") / len(scores) for scores in (self.real, self.fake))
        covered = (alarms + found + right + missed) / 2
        return float(covered), float((alarms + missed) / 2 / covered) if covered else math.nan

    def risk_coverage(self, centre: float, points: int = 200) -> RiskCoverage:
        """Return what a band of *not sure* around a threshold buys: fewer answers, and fewer wrong ones among them.

        Both classes weigh alike. El-Yaniv and Wiener, "On the foundations of noise-free selective classification",
        Journal of Machine Learning Research 11, 2010. Needs both classes.
        """
        furthest = max(abs(scores[end] - centre) for scores in (self.real, self.fake) for end in (0, -1))
        distances = np.concatenate([np.abs(scores - centre) for scores in (self.real, self.fake)])
        half = np.unique(np.quantile(distances, np.linspace(0, 1, points)))
        half = np.append(0.0, half[half < furthest])
        low, high = centre - half, centre + half
        real = [self.alarms(low) / len(self.real), 1 - np.searchsorted(self.real, high, "left") / len(self.real)]
        fake = [1 - self.misses(low) / len(self.fake), self.misses(high) / len(self.fake)]
        decided = (real[0] + real[1] + fake[0] + fake[1]) / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            risk = (real[0] + fake[1]) / 2 / decided
        known = decided > 0
        return RiskCoverage(half[known], decided[known], risk[known])


def _first(n: int, holds: Callable[[int], bool]) -> int:
    """Return the first of 0 to n - 1 that a test holds for, which holds for all that follow; n where none does."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _spread(n: int, points: int) -> NDArray[np.intp]:
    """Return places of 0 to n - 1: all where they are few, else even ones and denser ones at both ends."""
    if n <= points:
        return np.arange(n)
    even = np.linspace(0, n - 1, points // 2)
    ends = np.geomspace(1, n / 4, points // 4) - 1
    return np.unique(np.concatenate([even, ends, n - 1 - ends]).astype(np.intp))


def _counts(scores: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.diff(np.searchsorted(scores, edges, "left"), prepend=0, append=len(scores))


def _parts(scores: NDArray[np.float64], edges: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    return np.split(scores, np.searchsorted(scores, edges, "left"))
