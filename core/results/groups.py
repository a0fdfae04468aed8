"""Where a detector's answers are wrong: clip by clip, attack by attack, and by kind of real speech."""

from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from core.analysis.shares import wilson
from core.analysis.tables import attack_table
from core.results.queries import Slice, cut

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["attacks", "speech_kinds", "wilson", "wrongly_called"]


def wrongly_called(here: Slice, llr: float) -> pd.DataFrame:
    """Return the clips that a threshold calls wrongly, the furthest beyond it first, with the column ``called``."""
    called = here.frame["score"].lt(llr).map({True: "spoof", False: "bonafide"})
    wrong = here.frame.assign(called=called)[called != here.frame["label"]]
    return wrong.loc[(wrong["score"] - llr).abs().sort_values(ascending=False, kind="stable").index]


@lru_cache(maxsize=64)
def _attack_table(run: "Run", name: str, part: str) -> pd.DataFrame:
    here = cut(run, name, part)
    return attack_table(here.frame, seen_systems=here.seen)


def attacks(run: "Run", name: str, part: str, llr: float) -> pd.DataFrame:
    """Return one row per attack of a slice, first the one whose share of misses is surely the highest.

    Returns
    -------
    DataFrame
        Columns of ``core.analysis.tables.attack_table``, and n, wrong (missed where scores below ``llr`` are called
        spoof), rate, low and high (95 %).
    """
    here = cut(run, name, part)
    spoofs = here.frame[~here.real]
    counted = spoofs.assign(wrong=spoofs["score"] >= llr).groupby("system")["wrong"].agg(n="size", wrong="sum")
    return _surest_first(_attack_table(run, name, part).merge(counted.reset_index(), on="system"))


def speech_kinds(here: Slice, llr: float) -> pd.DataFrame:
    """Return one row per kind and part of real speech, first the one whose share of false alarms is surely highest.

    Returns
    -------
    DataFrame
        Columns kind, part, n, wrong (called spoof), rate, low and high (95 %).
    """
    real = here.frame[here.real]
    counted = real.assign(wrong=real["score"] < llr).groupby(["kind", "part"])["wrong"].agg(n="size", wrong="sum")
    return _surest_first(counted.reset_index())


def _surest_first(groups: pd.DataFrame) -> pd.DataFrame:
    """Add each group's share of wrong answers and its interval, and sort: two clips of two prove little."""
    ends = [wilson(int(wrong), int(n)) for wrong, n in zip(groups["wrong"], groups["n"], strict=True)]
    groups = groups.assign(rate=groups["wrong"] / groups["n"], low=[e[0] for e in ends], high=[e[1] for e in ends])
    return groups.sort_values(["low", "rate", "n"], ascending=False, kind="stable", ignore_index=True)
