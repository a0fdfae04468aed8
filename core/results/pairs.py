"""Two detectors, or two runs, on the same clips: their paired differences, by speakers and by systems."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.paired import Difference, Scored, compare
from core.errors import ResultsError
from core.results.clusters import owners, ranks

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["Difference", "Pairing", "paired", "verdict_on"]


@dataclass(frozen=True)
class Pairing:
    """What two detectors differ by on the clips that both scored.

    Attributes
    ----------
    n, left_out : int
        Labelled clips compared, and the other clips of either run, a clip of both once: the other run lacks it or
        labels it otherwise, or it has no label.
    differences : tuple of Difference
        Equal error rate, false alarm rate, miss rate.
    """

    n: int
    left_out: int
    differences: tuple[Difference, ...]


@lru_cache(maxsize=16)
def paired(run: "Run", name: str, other: "Run", against: str, llr: float, other_llr: float) -> Pairing:
    """Compare two detectors on the clips that both runs hold under one path and one label.

    Parameters
    ----------
    run, other : Run
        May be the same.
    name, against : str
        A detector of each, or the panel.
    llr, other_llr : float
        Each one's threshold, a log-likelihood ratio.

    Raises
    ------
    ResultsError
        When the runs share no clips of both classes, or lack a detector.
    """
    here, there = _shared(run, other)
    in_either = len(run) + len(other) - len(here)
    real = run.real[here]
    labelled = (run.fake[here] | real) & (real == other.real[there]) & (run.fake[here] == other.fake[there])
    here, there, real = here[labelled], there[labelled], real[labelled]
    if real.all() or not real.any():
        raise ResultsError(
            f"{run.folder.name} and {other.folder.name} share {len(real)} labelled clips, and not of both classes: "
            "compare runs of one corpus."
        )
    first, second = Scored(run.llr(name)[here], llr), Scored(other.llr(against)[there], other_llr)
    found = compare(first, second, real, _speakers(run)[here], _systems(run)[here])
    return Pairing(len(real), in_either - len(real), tuple(found))


def verdict_on(one: Difference) -> str:
    """Return what a difference shows, in words."""
    if math.isnan(one.low):
        return "none: too few speakers to know"
    if one.borne_out:
        return "the first errs less" if one.high < 0 else "the second errs less"
    return "none: only single clips would show one" if one.only_trials else "none"


def _shared(run: "Run", other: "Run") -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where the clips that both runs hold stand in each."""
    if run is other:
        return np.arange(len(run)), np.arange(len(run))
    paths = pd.Index(other.column("path").astype(str))
    there = paths.get_indexer(pd.Index(run.column("path").astype(str)))
    here = np.flatnonzero(there >= 0)
    return here, there[here]


def _speakers(run: "Run") -> NDArray[np.int64]:
    """Return who speaks in each clip, or what it was made from where that is not known, as a number."""
    known, n_speakers = ranks(run, "speaker")
    return np.where(known >= 0, known, n_speakers + owners(run))


def _systems(run: "Run") -> NDArray[np.int64]:
    """Return what made each clip, as a number; unnamed systems are one."""
    known, n_systems = ranks(run, "system")
    return np.where(known >= 0, known, n_systems)
