"""How the scores of several detectors are summed up to one."""

import math
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Combination"]


class Scores(Protocol):
    """Scores by member: a mapping, or a data frame with a column each."""

    def __getitem__(self, name: str, /) -> Any: ...


@dataclass(frozen=True)
class Combination:
    """A weighted sum of members' scores, or of their ranks.

    Attributes
    ----------
    weights : dict of str to float
    quantiles : dict of str to list of float
        Where ranks are summed: each member's score at equally spaced shares of the clips it was set on. A score
        then counts as the share of clips below it.
    limit : float
        How far from 0 a member's log-likelihood ratio counts: beyond what the clips that calibrated
        it can support, one odd clip would let one member outvote all the others.
    """

    weights: dict[str, float]
    quantiles: dict[str, list[float]] = field(default_factory=dict)
    limit: float = math.inf

    def combine(self, scores: Scores) -> NDArray[np.float64]:
        """Return the sum [any shape] of the members' log-likelihood ratios [any shape]."""
        total = np.zeros(np.shape(scores[next(iter(self.weights))]))
        for name, weight in self.weights.items():
            total = total + weight * self._counted(name, scores[name])
        return total

    def contributions(self, scores: Scores) -> dict[str, float]:
        """Return what each member adds to the sum, from where it would be neutral; positive = towards bona fide."""
        return {
            name: weight * (float(self._counted(name, scores[name])) - (0.5 if name in self.quantiles else 0.0))
            for name, weight in self.weights.items()
        }

    def _counted(self, name: str, score: ArrayLike) -> NDArray[np.float64]:
        values = np.clip(np.asarray(score, dtype=float), -self.limit, self.limit)
        if name not in self.quantiles:
            return values
        quantiles = self.quantiles[name]
        return np.asarray(np.interp(values, quantiles, np.linspace(0, 1, len(quantiles))))
