"""The report card of a detector: which systems' spoofs it misses, and which real speech raises a false alarm.

Errors are counted at the verdict that a person reads: a spoof is missed where it is *probably bona fide*, real speech
is a false alarm where it is *probably spoofed*, and *not sure* is neither.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from core.analysis.shares import wilson
from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED
from core.results.queries import rows, seen_systems

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["ALL", "false_alarms", "misses", "with_errors", "without_errors", "worst"]

#: What stands in place of a name in the row of a whole group, and of a group in the row of all clips.
ALL = ""
_FAMILIES = {"tts": "text-to-speech", "vc": "voice conversion", "tts-vc": "text-to-speech and voice conversion"}
_SPEECH = {"calm-read": "read", "vivid": "acted"}
_UNKNOWN = "kind not given"
_COUNTS = ["n", "wrong", "unsure"]


@lru_cache(maxsize=64)
def misses(run: "Run", name: str) -> pd.DataFrame:
    """Return how often a detector, or the panel, misses the spoofs of each system.

    Returns
    -------
    DataFrame
        A row for all spoofs and, where the corpus has parts, one for each part; then for each family (kind of system)
        one as a whole and one for each of its systems, the surely worst first. Columns group (``ALL``, or the family),
        name (``ALL``, the part or the system), title (the name, with its group where two groups have it), seen (in
        training), n, wrong, unsure, rate, and low and high: the 95 % interval of the rate, which takes clips for
        independent of one another.
    """
    spoofs = _of(run, name, "spoof")
    known = set(seen_systems(run, name) or ())
    groups = spoofs["kind"].map(lambda kind: _FAMILIES.get(kind, _UNKNOWN if kind == "-" else kind))
    counted = _counted(spoofs.assign(group=groups, name=spoofs["system"]), wrong=BONAFIDE)
    return counted.assign(seen=counted["name"].isin(known))


@lru_cache(maxsize=64)
def false_alarms(run: "Run", name: str) -> pd.DataFrame:
    """Return how often a detector, or the panel, calls the real speech of each source spoofed.

    Returns
    -------
    DataFrame
        As ``misses``; a group is a kind of speech, a name a data set, with its language where the run knows it.
    """
    real = _of(run, name, "bonafide")
    groups = real["kind"].map(lambda kind: _SPEECH.get(kind, _UNKNOWN if kind == "-" else kind))
    sources = real["dataset"].where(real["dataset"] != "-", "source not given")
    if "language" in real:
        sources += real["language"].map(lambda language: "" if language == "-" else f" ({language})")
    return _counted(real.assign(group=groups, name=sources), wrong=SPOOFED)


def worst(card: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return the systems or sources of a report card that are surely the worst; none without an error."""
    return _surest_first(with_errors(card)).head(most)


def with_errors(card: pd.DataFrame) -> pd.DataFrame:
    """Return the systems or sources of a report card that have an error, in its order."""
    return card[(card["group"] != ALL) & (card["name"] != ALL) & (card["wrong"] > 0)]


def without_errors(card: pd.DataFrame) -> list[tuple[str, int]]:
    """Return the titles of the systems or sources that have no error, and their clips; most clips first."""
    clean = card[(card["group"] != ALL) & (card["name"] != ALL) & (card["wrong"] == 0)]
    clean = clean.sort_values("n", ascending=False, kind="stable")
    return list(zip(clean["title"], clean["n"].astype(int), strict=True))


def _of(run: "Run", name: str, label: str) -> pd.DataFrame:
    scored = rows(run, name)
    return scored[scored["label"] == label]


def _counted(clips: pd.DataFrame, *, wrong: str) -> pd.DataFrame:
    clips = clips.assign(n=1, wrong=clips["verdict"] == wrong, unsure=clips["verdict"] == NOT_SURE)
    whole = [_with_rates(clips.assign(group=ALL, name=ALL))]
    if clips["part"].nunique() > 1:
        whole.append(_with_rates(clips.assign(group=ALL, name=clips["part"])))
    groups = _with_rates(clips.assign(name=ALL))
    names = _with_rates(clips)
    repeated = names["name"].duplicated(keep=False)
    names["title"] = names["name"].where(~repeated, names["name"] + ", " + names["group"])
    parts = [pd.concat([groups[groups["group"] == group], names[names["group"] == group]]) for group in groups["group"]]
    return pd.concat([*whole, *parts], ignore_index=True)


def _with_rates(clips: pd.DataFrame) -> pd.DataFrame:
    counted = clips.groupby(["group", "name"], as_index=False)[_COUNTS].sum()
    ends = [wilson(int(wrong), int(n)) for wrong, n in zip(counted["wrong"], counted["n"], strict=True)]
    counted["rate"] = counted["wrong"] / counted["n"]
    counted["low"], counted["high"] = [low for low, _ in ends], [high for _, high in ends]
    return _surest_first(counted)


def _surest_first(counted: pd.DataFrame) -> pd.DataFrame:
    """Sort by the lower end of the interval: two clips of two prove little."""
    order = counted.sort_values(["low", "rate", "n", "name"], ascending=[False, False, False, True], kind="stable")
    return order.reset_index(drop=True)
