"""What the clips of a run share: the speaker or the recording that makes them no independent evidence."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.bootstrap import EXACT, Groups

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["clusters", "owners", "ranks"]

_NONE = ("", "-")


@lru_cache(maxsize=8)
def owners(run: "Run") -> NDArray[np.int64]:
    """Return what the bootstrap draws for each clip, as a number [shape=(n,)].

    The speaker of bona fide clips and the source of spoofs, a spoof's speaker where its source is not known, and the
    clip itself where there is neither: as ``core.analysis.tables.interval_groups`` has it, in the order of its names,
    so that both draw alike.
    """
    n = len(run)
    source, n_sources = ranks(run, "source")
    speaker, _ = ranks(run, "speaker")
    own = np.where(speaker >= 0, n + n_sources + speaker, _clip_ranks(n))
    return np.where(~run.real & (source >= 0), n + source, own)


@lru_cache(maxsize=8)
def clusters(run: "Run") -> NDArray[np.intp]:
    """Return the same, numbered without a gap; of many clips, owners are put together at random to some thousand.

    What is summed over them spreads as it does over all (``core.analysis.bootstrap``), and costs less.
    """
    groups = Groups.of(owners(run), run.real)
    return groups.owner if len(run) <= EXACT else groups.put_together[0]


def ranks(run: "Run", column: str) -> tuple[NDArray[np.int64], int]:
    """Return each clip's value as its place among the sorted values, -1 where there is none, and how many there are."""
    if column not in run.columns:
        return np.full(len(run), -1), 0
    values = run.column(column)
    if not isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(str).astype("category")
    names = values.cat.categories.astype(str).to_numpy(dtype=object)
    ranks = np.empty(len(names) + 1, dtype=np.int64)
    ranks[np.argsort(names, kind="stable")] = np.arange(len(names))
    ranks[:-1][np.isin(names, _NONE)] = -1
    ranks[-1] = -1
    return ranks[values.cat.codes.to_numpy()], len(names)


def _clip_ranks(n: int) -> NDArray[np.int64]:
    """Return where each clip's number stands among all as text; beyond ``EXACT`` clips nothing hangs on the order."""
    if n > EXACT:
        return np.arange(n)
    ranks = np.empty(n, dtype=np.int64)
    ranks[np.argsort(np.arange(n).astype(str), kind="stable")] = np.arange(n)
    return ranks
