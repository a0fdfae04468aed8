"""Many clips as some hundred bins of their scores: figures of resamples follow from how many clips lie in each."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bins"]

_BINS, _CELLS, _SAMPLE = 512, 8_192, 50_000


@dataclass(frozen=True, eq=False)
class Bins:
    """Clips in bins of their scores.

    Attributes
    ----------
    values : ndarray [shape=(n,)]
        Their scores.
    real : ndarray of bool [shape=(n,)]
        Which are bona fide.
    of_clip : ndarray of int [shape=(n,)]
        Which bin each lies in; bins ascend.
    """

    values: NDArray[np.float64]
    real: NDArray[np.bool_]
    of_clip: NDArray[np.intp]

    @classmethod
    def of(cls, values: NDArray[np.float64], real: NDArray[np.bool_]) -> "Bins":
        """Make bins that hold about equally many clips of each class: fine cells of equal width, put together.

        Where a few scores lie so far off that the others share some cells, the bins end at quantiles instead, which
        takes several times as long.
        """
        low, high = np.quantile(values[:: max(1, len(values) // _SAMPLE)], [0.001, 0.999])
        width = max(high - low, 1e-9) / _CELLS
        cell = np.clip((values - low) / width, 0, _CELLS - 1).astype(np.intp)
        shares = [np.cumsum(np.bincount(cell[of], minlength=_CELLS)) / max(int(of.sum()), 1) for of in (real, ~real)]
        bin_of_cell = np.floor(_BINS / 2 * shares[0]) + np.floor(_BINS / 2 * shares[1])
        of_clip = np.unique(bin_of_cell, return_inverse=True)[1][cell]
        if of_clip.max(initial=0) < _BINS // 4:
            ends = np.concatenate([_quantiles(values[of]) for of in (real, ~real)])
            of_clip = np.unique(np.searchsorted(np.unique(ends), values), return_inverse=True)[1]
        return cls(values, real, of_clip)

    @cached_property
    def means(self) -> NDArray[np.float64]:
        """The mean score of each bin [shape=(bins,)]."""
        counts = np.bincount(self.of_clip)
        return np.bincount(self.of_clip, self.values) / np.maximum(counts, 1)

    def equal_errors(self, counts: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the equal error rate of each resample, from how many bona fide clips and spoofs each bin has.

        They stand in turn [shape=(resamples, 2 * bins)].
        Within the bin where both rates meet, a resample's clips of each class lie as all clips there do. Ties are so
        counted as ``det.equal_error_point`` counts them: bona fide first.
        """
        rejected, caught = (np.cumsum(counts[:, of::2], axis=1) for of in (0, 1))
        alarms, misses = rejected / rejected[:, -1:], 1 - caught / caught[:, -1:]
        met = np.argmax(alarms >= misses, axis=1)
        found = np.empty(len(met))
        for at, steps in self._steps(np.unique(met)).items():
            lines = met == at
            before = (alarms[lines, at - 1], misses[lines, at - 1]) if at else (np.zeros(1), np.ones(1))
            found[lines] = _crossing(before, (alarms[lines, at], misses[lines, at]), steps)
        return found

    def _steps(self, bins: NDArray[np.intp]) -> dict[int, NDArray[np.float64]]:
        """Return the shares of each bin's bona fide clips and spoofs up to each score in it [each of shape=(2, k)]."""
        # Only these bins are sorted: they are few.
        wanted = np.zeros(len(self.means), bool)
        wanted[bins] = True
        near = np.flatnonzero(wanted[self.of_clip])
        near = near[np.lexsort((~self.real[near], self.values[near]))]
        ends = np.searchsorted(self.of_clip[near], bins, "right")
        return {int(at): self._steps_of(clips) for at, clips in zip(bins, np.split(near, ends[:-1]), strict=True)}

    def _steps_of(self, clips: NDArray[np.intp]) -> NDArray[np.float64]:
        values, real = self.values[clips], self.real[clips]
        # Clips of one class and one score are one step.
        last = np.append((values[1:] != values[:-1]) | (real[1:] != real[:-1]), True)
        shares = np.stack([np.cumsum(of)[last] / max(int(of.sum()), 1) for of in (real, ~real)])
        return np.concatenate([np.zeros((2, 1)), shares], axis=1)


def _quantiles(values: NDArray[np.float64]) -> NDArray[np.float64]:
    some = values[:: max(1, len(values) // _SAMPLE)]
    return np.quantile(some, np.linspace(0, 1, _BINS // 2 + 1)[1:-1]) if len(some) else some


_Rates = tuple[NDArray[np.float64], NDArray[np.float64]]


def _crossing(before: _Rates, after: _Rates, steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where false alarm and miss rate meet, given both before and after a bin [each of shape=(resamples,)]."""
    gap = before[0] - before[1]
    alarms, caught = after[0] - before[0], before[1] - after[1]

    def difference(place: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.asarray(gap + alarms * steps[0, place] + caught * steps[1, place])

    low, high = np.zeros(len(alarms), np.intp), np.full(len(alarms), steps.shape[1] - 1)
    while (low < high).any():
        middle = (low + high) // 2
        reached = difference(middle) >= 0
        low, high = np.where(reached, low, middle + 1), np.where(reached, middle, high)
    short, beyond = difference(low - 1), np.maximum(difference(low), 0)
    here, there = steps[0, low - 1], steps[0, low]
    return np.asarray(before[0] + alarms * (here + short / (short - beyond) * (there - here)))
