"""Where a detector's answers are wrong: clip by clip, attack by attack, and by kind of real speech."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.analysis.shares import Shares, clustered_shares, wilson
from core.analysis.sorted_scores import SortedScores
from core.results.clusters import clusters
from core.results.queries import Slice, cut

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["Mistakes", "attacks", "listed", "speech_kinds", "wilson", "wrongly_called"]

_FACTS = ("path", "label", "system", "kind", "source", "part")
_FEWEST = 2


@dataclass(frozen=True, eq=False)
class Mistakes:
    """Clips of a slice in the order in which they are listed, such as those that a threshold calls wrongly.

    Attributes
    ----------
    here : Slice
    llr : float
        The threshold.
    index : ndarray of int [shape=(k,)]
        Where they stand in the run.
    labelled : bool
        Whether the slice has labels, so that what is called wrongly is known.
    """

    here: Slice
    llr: float
    index: NDArray[np.intp]
    labelled: bool = True

    def __len__(self) -> int:
        return len(self.index)

    def rows(self, first: int = 0, last: int | None = None) -> pd.DataFrame:
        """Return some of them: path, label, system, kind, source, part (where the run has it), score, p_spoof, called.

        Parameters
        ----------
        first, last : int
            As a slice of a list has them.
        """
        run, places = self.here.run, self.index[first:last]
        score = run.llr(self.here.name)[places]
        found = run.rows(places, [name for name in _FACTS if name in run.columns])
        called = np.where(score < self.llr, "spoof", "bonafide")
        return found.assign(score=score, p_spoof=p_spoof(score), called=called)


def wrongly_called(here: Slice, llr: float) -> Mistakes:
    """Return the clips that a threshold calls wrongly, the furthest beyond it first."""
    scores = here.run.llr(here.name)
    below = scores < llr
    wrong = np.flatnonzero(here.real & below | here.fake & ~below)
    return Mistakes(here, llr, wrong[np.argsort(-np.abs(scores[wrong] - llr), kind="stable")])


def listed(here: Slice, llr: float) -> Mistakes:
    """Return the clips that are worth a look: those called wrongly; without labels all, the likeliest spoofs first."""
    if here.labelled:
        return wrongly_called(here, llr)
    places = np.flatnonzero(here.mask)
    order = np.argsort(here.run.llr(here.name)[places], kind="stable")
    return Mistakes(here, llr, places[order], labelled=False)


@dataclass(frozen=True, eq=False)
class _Attacks:
    """The attacks of a slice, each with its scores sorted once: a threshold then costs little."""

    here: Slice
    codes: NDArray[np.int64]
    names: list[str]
    scores: list[SortedScores]

    @cached_property
    def figures(self) -> pd.DataFrame:
        """System, kind, part, seen, n_spoof, n_bonafide, eer, auc, median_score."""
        places, n = np.flatnonzero(self.here.fake), len(self.names)
        of_each = {column: _only(self.here.run, column, places, self.codes, n) for column in ("kind", "part")}
        return pd.DataFrame([self._row(number) for number in range(n)]).assign(**of_each)

    def _row(self, number: int) -> dict[str, object]:
        name, scores = self.names[number], self.scores[number]
        known = min(len(scores.real), len(scores.fake)) >= _FEWEST
        return {
            "system": name, "seen": name in self.here.seen, "n_spoof": len(scores.fake),
            "n_bonafide": len(scores.real), "eer": scores.equal_error[0] if known else np.nan,
            "auc": scores.area() if known else np.nan, "median_score": float(np.median(scores.fake)),
        }  # fmt: skip


@lru_cache(maxsize=8)
def _attacks(run: "Run", name: str, part: str) -> _Attacks:
    here = cut(run, name, part)
    places = np.flatnonzero(here.fake)
    if "system" not in run.columns:
        return _Attacks(here, np.full(len(places), -1), [], [])
    codes, names = _codes(run, "system", places)
    llr = run.llr(name)[places]
    order = np.lexsort((llr, codes))
    ends = np.cumsum(np.bincount(codes + 1, minlength=len(names) + 1))
    parts = np.split(llr[order], ends[:-1])[1:]
    return _Attacks(here, codes, names, [SortedScores(here.scores.real, part) for part in parts])


def _codes(run: "Run", column: str, places: NDArray[np.intp]) -> tuple[NDArray[np.int64], list[str]]:
    """Return the value of each of some clips as its place among the sorted values that occur, -1 for none; those."""
    values = run.column(column).iloc[places].astype("category").cat.remove_unused_categories()
    names = sorted(map(str, values.cat.categories))
    codes = values.cat.rename_categories(str).cat.set_categories(names).cat.codes
    return codes.to_numpy().astype(np.int64), names


def _only(run: "Run", column: str, places: NDArray[np.intp], codes: NDArray[np.int64], n: int) -> list[str]:
    """Return for each code the values of a column that go with it, as a list in words."""
    if column not in run.columns:
        return [""] * n
    values, names = _codes(run, column, places)
    there = np.zeros((n, len(names) + 1), dtype=bool)
    known = codes >= 0
    there[codes[known], values[known]] = True
    return [", ".join(names[place] for place in np.flatnonzero(row[:-1])) for row in there]


def attacks(run: "Run", name: str, part: str, llr: float) -> pd.DataFrame:
    """Return one row per attack of a slice, first the one whose share of misses is surely the highest.

    Returns
    -------
    DataFrame
        Columns system, kind, part, seen, n_spoof, n_bonafide, eer, auc (NaN for fewer than two clips of a class),
        median_score, n, wrong (missed where scores below ``llr`` are called spoof), rate, low and high (95 %, by
        source; NaN where all are of one).
    """
    found = _attacks(run, name, part)
    if not found.names:
        return pd.DataFrame()
    places = np.flatnonzero(found.here.fake)
    shares = _shares(found.here, places, found.codes, len(found.names), run.llr(name)[places] >= llr)
    return _surest_first(found.figures, shares)


def speech_kinds(here: Slice, llr: float) -> pd.DataFrame:
    """Return one row per kind and part of real speech, first the one whose share of false alarms is surely highest.

    Returns
    -------
    DataFrame
        Columns kind, part, n, wrong (called spoof), rate, low and high (95 %, by speaker).
    """
    places = np.flatnonzero(here.real)
    codes, pairs = _kinds(here)
    if not pairs:
        return pd.DataFrame()
    shares = _shares(here, places, codes, len(pairs), here.run.llr(here.name)[places] < llr)
    return _surest_first(pd.DataFrame(pairs, columns=["kind", "part"]), shares)


@lru_cache(maxsize=8)
def _kinds(here: Slice) -> tuple[NDArray[np.int64], list[tuple[str, str]]]:
    """Return which pair of kind and part each bona fide clip has, and the pairs; none without such columns."""
    run, places = here.run, np.flatnonzero(here.real)
    columns = [name for name in ("kind", "part") if name in run.columns]
    if not columns or not len(places):
        return np.zeros(0, dtype=np.int64), []
    (codes, names), *second = (_codes(run, name, places) for name in columns)
    if not second:
        return codes, [(kind, "") for kind in names]
    of_part, parts = second[0]
    return codes * len(parts) + of_part, [(kind, part) for kind in names for part in parts]


def _shares(
    here: Slice, places: NDArray[np.intp], codes: NDArray[np.int64], slices: int, wrong: NDArray[np.bool_]
) -> Shares:
    return clustered_shares(codes, clusters(here.run)[places], wrong, slices=slices)


def _surest_first(groups: pd.DataFrame, shares: Shares) -> pd.DataFrame:
    """Add each group's share of wrong answers and its interval, and sort: two clips of two prove little."""
    groups = groups.assign(n=shares.n, wrong=shares.wrong, rate=shares.rate, low=shares.low, high=shares.high)
    groups = groups[groups["n"] > 0]
    return groups.sort_values(["low", "rate", "n"], ascending=False, kind="stable", ignore_index=True)
