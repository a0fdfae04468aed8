"""How well what was measured of a run's clips separates their classes by itself."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.shortcuts import Shortcut, find_shortcuts
from core.corpus.measure import MEASURED_COLUMNS
from core.results.clusters import owners

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["run_shortcuts"]


@lru_cache(maxsize=8)
def run_shortcuts(run: "Run") -> tuple[Shortcut, ...]:
    """Return how well each figure that was measured of a run's labelled clips separates them, the best first.

    None where nothing was measured, or a class comes from fewer than two speakers or sources.
    """
    if run.measured is None:
        return ()
    labelled = np.flatnonzero(run.real | run.fake)
    names = [name for name in MEASURED_COLUMNS if name in run.columns]
    columns = {name: run.column(name).iloc[labelled].to_numpy() for name in names}
    return tuple(find_shortcuts(columns, run.real[labelled], owners(run)[labelled]))
