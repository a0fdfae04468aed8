"""Error rates of a run's detectors at a threshold: on one slice, on every slice, of every detector."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from core.analysis.det import deviate
from core.analysis.metrics import ThresholdReport
from core.results.queries import SLICES, Pair, Slice, cut, members, names, together

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["ThresholdReport", "at_threshold", "detector_rates", "deviate", "overview", "slice_rates"]


def overview(run: "Run", part: str, chosen: Iterable[str]) -> dict[str, Pair]:
    """Return bona fide and spoof scores of each chosen detector on one slice, ascending."""
    return {name: cut(run, name, part).pair for name in chosen}


def at_threshold(here: Slice, llr: float) -> ThresholdReport | None:
    """Return counts and rates where scores below ``llr`` are called spoof; None without both classes."""
    return here.scores.report(llr) if here.whole else None


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
    voting, every = members(run), names(run)
    found = together(partial(_rates, run, name, part, llr) for name in every)
    return pd.DataFrame([
        {"name": name, "member": name in voting, **rates} for name, rates in zip(every, found, strict=True)
    ])  # fmt: skip


def _rates(run: "Run", name: str, part: str, llr: float) -> dict[str, float]:
    here = cut(run, name, part)
    false_alarm_rate, miss_rate = here.rates_at(llr)
    low, high = here.eer_interval
    return {
        "n_bonafide": len(here.pair[0]), "n_spoof": len(here.pair[1]), "false_alarm_rate": false_alarm_rate,
        "miss_rate": miss_rate, "eer": here.eer, "eer_low": low, "eer_high": high,
    }  # fmt: skip
