"""What is asked of a run: its members and their order, one detector's rows, slices, error rates, attacks, one clip.

The page, the command line and the tables of the documents all take their figures from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.det import det_curve, deviate, equal_error_point
from core.analysis.metrics import ThresholdReport, threshold_report
from core.analysis.slices import SLICES, in_slice
from core.analysis.tables import eer_interval
from core.analysis.verdict import Decision
from core.errors import ResultsError
from core.fusion import PANEL

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = [
    "PANEL", "SLICES", "DetCurve", "Interval", "Slice", "ThresholdReport", "at_threshold", "best", "clip", "cut",
    "decision_of", "det_of", "detector_rates", "detectors", "deviate", "members", "names", "overview", "rows",
    "scores_of_clip", "seen_systems", "slice_rates", "unscored",
]  # fmt: skip

Interval = tuple[float, float]
Pair = tuple[NDArray[np.float64], NDArray[np.float64]]


# Who is there, in which order.


def _ranking(run: "Run") -> tuple[str, ...]:
    # The order stays as it is whatever clips are selected.
    return _ranked(run.whole)


@lru_cache(maxsize=8)
def _ranked(run: "Run") -> tuple[str, ...]:
    """Return the run's detectors from the lowest equal error rate on all clips to the highest."""
    rates = {name: cut(run, name).eer for name in run.detectors}
    return tuple(sorted(rates, key=lambda name: (np.isnan(rates[name]), rates[name], name)))


def members(run: "Run") -> list[str]:
    """Return the detectors that the panel's score is made of, the lowest equal error rate first.

    Those of the run's fusion; all where the panel's score is their mean.
    """
    fusion = run.manifest.get("fusion")
    return [name for name in _ranking(run) if fusion is None or name in fusion["members"]]


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


@lru_cache(maxsize=8)
def _tables(run: "Run") -> Mapping[str, pd.DataFrame]:
    order = pd.Index(run.clips["path"])
    found = {str(name): table for name, table in run.scores.groupby("detector", sort=False)} | {PANEL: run.panel}
    return {
        name: table.set_index("path", drop=False).reindex(order).reset_index(drop=True)
        for name, table in found.items()
    }  # fmt: skip


def rows(run: "Run", name: str) -> pd.DataFrame:
    """Return what one detector, or the panel, scored: one row per clip in the order of ``run.clips``.

    Raises
    ------
    ResultsError
        When the run does not hold the detector.
    """
    if name not in (tables := _tables(run)):
        known = ", ".join(run.detectors)
        raise ResultsError(
            f"{name} is not scored yet in {run.folder}, which holds {known}: run python -m core evaluate."
        )
    return tables[name]


@dataclass(frozen=True, eq=False)
class Slice:
    """One detector's answers to the clips of one slice.

    Attributes
    ----------
    name, part : str
        Detector and slice.
    frame : DataFrame
        One row per clip: the clip's columns, ``score``, ``p_spoof``, ``verdict``.
    seen : set of str
        Attacks seen in training; empty where it is not known.
    """

    name: str
    part: str
    frame: pd.DataFrame
    seen: frozenset[str]

    @cached_property
    def real(self) -> NDArray[np.bool_]:
        """Which clips are bona fide [shape=(n,)]."""
        return (self.frame["label"] == "bonafide").to_numpy(bool)

    @cached_property
    def pair(self) -> Pair:
        """Log-likelihood ratios of the bona fide clips, and of the spoofs."""
        llr = self.frame["score"].to_numpy(dtype=float)
        return llr[self.real], llr[~self.real]

    @property
    def whole(self) -> bool:
        """Whether both classes are there."""
        return all(len(scores) for scores in self.pair)

    @cached_property
    def equal_error(self) -> tuple[float, float]:
        """Equal error rate and its threshold, a log-likelihood ratio; NaN without both classes."""
        return equal_error_point(*self.pair) if self.whole else (float("nan"), float("nan"))

    @property
    def eer(self) -> float:
        """Equal error rate, 0 to 1; NaN without both classes."""
        return self.equal_error[0]

    @cached_property
    def eer_interval(self) -> Interval:
        """95 % interval of the equal error rate, by resampling speakers and sources; NaN without both classes."""
        return eer_interval(self.frame)

    def rates_at(self, llr: float) -> tuple[float, float]:
        """Return false alarm rate and miss rate where scores below ``llr`` are called spoof; NaN without clips."""
        real, fake = self.pair
        return (
            float((real < llr).mean()) if len(real) else float("nan"),
            float((fake >= llr).mean()) if len(fake) else float("nan"),
        )


@lru_cache(maxsize=64)
def cut(run: "Run", name: str, part: str = "all") -> Slice:
    """Return one detector's answers to one slice of a run."""
    frame, seen = rows(run, name), frozenset(seen_systems(run, name) or ())
    return Slice(name, part, frame[in_slice(frame, part, seen)].reset_index(drop=True), seen)


# Figures.


class DetCurve(NamedTuple):
    """Both error rates at every threshold [each of shape=(n,)]: shares of bona fide and of spoofs called wrongly."""

    false_alarm: NDArray[np.float64]
    miss: NDArray[np.float64]


def overview(run: "Run", part: str, chosen: Iterable[str]) -> dict[str, Pair]:
    """Return bona fide and spoof scores of each chosen detector on one slice."""
    return {name: cut(run, name, part).pair for name in chosen}


def det_of(here: Slice) -> DetCurve | None:
    """Return the trade-off between the two errors; None without both classes."""
    if not here.whole:
        return None
    # The challenges count a rejected bona fide clip as the miss: what people call a false alarm.
    rejected, accepted, _ = det_curve(*here.pair)
    return DetCurve(rejected, accepted)


def at_threshold(here: Slice, llr: float) -> ThresholdReport | None:
    """Return counts and rates where scores below ``llr`` are called spoof; None without both classes."""
    return threshold_report(here.frame["score"], here.real, llr) if here.whole else None


def slice_rates(run: "Run", name: str, llr: float) -> pd.DataFrame:
    """Return one detector's error rates on each slice; columns as in ``detector_rates``, with ``slice``."""
    found = [{"slice": part, **_rates(run, name, part, llr)} for part in SLICES]
    return pd.DataFrame(found)


def detector_rates(run: "Run", part: str, llr: float) -> pd.DataFrame:
    """Return the error rates of the panel and of every detector on one slice.

    Returns
    -------
    DataFrame
        Columns name, member (of the panel), n_bonafide, n_spoof, false_alarm_rate and miss_rate where scores below
        ``llr`` are called spoof, eer, eer_low, eer_high.
    """
    voting = members(run)
    found = [
        {"name": name, "member": name in voting, **_rates(run, name, part, llr)} for name in names(run)
    ]  # fmt: skip
    return pd.DataFrame(found)


@lru_cache(maxsize=1024)
def _equal_error(run: "Run", name: str, part: str) -> tuple[float, float, float]:
    """Return equal error rate and interval: kept longer than the slices, since they take a thousand resamples."""
    here = cut(run, name, part)
    return here.eer, *here.eer_interval


def _rates(run: "Run", name: str, part: str, llr: float) -> dict[str, float]:
    here = cut(run, name, part)
    false_alarm_rate, miss_rate = here.rates_at(llr)
    eer, low, high = _equal_error(run, name, part)
    return {
        "n_bonafide": len(here.pair[0]), "n_spoof": len(here.pair[1]), "false_alarm_rate": false_alarm_rate,
        "miss_rate": miss_rate, "eer": eer, "eer_low": low, "eer_high": high,
    }  # fmt: skip


# One clip.


def clip(run: "Run", path: str) -> pd.Series | None:
    """Return a clip's facts; None where it is not in the run."""
    found = run.clips[run.clips["path"] == path]
    return None if found.empty else found.iloc[0]


def scores_of_clip(run: "Run", path: str, order: Iterable[str]) -> pd.DataFrame:
    """Return what detectors, or the panel, scored of a clip: a row each with their thresholds.

    Returns
    -------
    DataFrame
        Columns detector, label, score, p_spoof, verdict, spoof_below, bonafide_above.
    """
    found = []
    for name in order:
        table, rule = rows(run, name), decision_of(run, name)
        row = table[table["path"] == path].iloc[0]
        found.append({
            "detector": name, "label": row["label"], "score": float(row["score"]), "p_spoof": float(row["p_spoof"]),
            "verdict": str(row["verdict"]), "spoof_below": rule.spoof_below, "bonafide_above": rule.bonafide_above,
        })  # fmt: skip
    return pd.DataFrame(found)
