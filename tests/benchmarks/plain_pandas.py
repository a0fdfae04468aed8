"""Scores and Disagreements of a run done with pandas the plain way: whole tables, a column a detector, group by group.

It gives the figures of the page's two tabs, drawn by the page's own figures, and leaves out the bootstrap of the equal
error rate: a thousand times, the plain way would sort all clips.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.analysis.sorted_scores import SortedScores
from core.analysis.verdict import Decision
from dashboard.plots.disagreements import agreement
from dashboard.plots.scores import distribution, overview

__all__ = ["PlainScores", "PlainVotes", "read_table"]


def read_table(folder: Path) -> tuple[pd.DataFrame, list[str]]:
    """Return one row a clip, a column of log-likelihood ratios a detector and their mean; the detectors' names."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    table = pd.read_parquet(_part(folder, manifest["corpus"]["part"]) / "clips.parquet")
    names = list(manifest["detectors"])
    for name in names:
        about = manifest["detectors"][name]
        raw = pd.read_parquet(_part(folder, about["part"]) / "scores.parquet", columns=["raw"])["raw"]
        table[name] = about["calibration"]["slope"] * raw + about["calibration"]["intercept"]
    table["panel"] = table[names].mean(axis=1)
    table["owner"] = table["source"].where(table["label"] == "spoof", table["speaker"])
    return table, names


def _part(folder: Path, key: str) -> Path:
    return folder / "parts" / key[:16]


class PlainScores:
    """The tab Scores for the panel on all clips.

    Parameters
    ----------
    table : DataFrame
    names : list of str
        As ``read_table`` gives both.
    """

    def __init__(self, table: pd.DataFrame, names: list[str]) -> None:
        self.table, self.every = table, ["panel", *names]
        self.rates = {name: self._equal_error(name) for name in self.every}
        scores = {name: self._classes(name) for name in self.every}
        self.drawn = overview(scores, chosen="panel", dark=False).to_json()

    def _classes(self, name: str) -> tuple[Any, Any]:
        by_class = self.table.groupby("label")[name]
        real, fake = by_class.get_group("bonafide"), by_class.get_group("spoof")
        return real.sort_values().to_numpy(), fake.sort_values().to_numpy()

    def _equal_error(self, name: str) -> float:
        """Return where both error rates meet, from cumulated counts over the sorted clips."""
        ordered = self.table.sort_values(name)
        real = ordered["label"] == "bonafide"
        alarms, misses = real.cumsum() / real.sum(), 1 - (~real).cumsum() / (~real).sum()
        at = (alarms - misses).abs().idxmin()
        return float(alarms[at] + misses[at]) / 2

    def at(self, llr: float) -> dict[str, Any]:
        """Return what a threshold makes of the clips: counts, attacks, mistakes, all detectors, the figure."""
        table, real = self.table, self.table["label"] == "bonafide"
        called = np.where(table["panel"] < llr, "spoof", "bonafide")
        counts = pd.crosstab(table["label"], called)
        judged = table.assign(wrong=called != table["label"])
        by_attack = shares(judged[~real], ["system", "kind", "part"])
        by_kind = shares(judged[real], ["kind", "part"])
        mistakes = judged[judged["wrong"]].assign(far=lambda rows: (rows["panel"] - llr).abs())
        mistakes = mistakes.sort_values("far", ascending=False).head(100)
        rows = []
        for name in self.every:
            below = table[name] < llr
            rows.append({"name": name, "false alarms": below[real].mean(), "misses": 1 - below[~real].mean(),
                         "eer": self.rates[name]})  # fmt: skip
        sorted_scores = SortedScores(*self._classes("panel"))
        figure = distribution(sorted_scores, threshold=llr, dark=False)
        sent = [frame.to_html() for frame in (counts, by_attack, by_kind, mistakes, pd.DataFrame(rows))]
        alarms, missed = int(counts.loc["bonafide", "spoof"]), int(counts.loc["spoof", "bonafide"])
        return {"sent": len(figure.to_json()) + sum(map(len, sent)), "alarms": alarms, "misses": missed}


def shares(judged: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return how many clips of each group are wrong, with the variance of sums over speakers and sources."""
    cells = judged.groupby([*columns, "owner"])["wrong"].agg(["sum", "size"])
    groups = cells.groupby(columns)
    found = groups.sum().assign(clusters=groups.size())
    rate = (found["sum"] / found["size"]).rename("rate")
    spread = cells.join(rate).eval("(sum - rate * size) ** 2").groupby(columns).sum()
    variance = found["clusters"] / (found["clusters"] - 1) * spread / found["size"] ** 2
    return found.assign(rate=rate, half=1.96 * np.sqrt(variance)).sort_values("rate", ascending=False)


class PlainVotes:
    """The tab Disagreements for some detectors on all clips."""

    def __init__(self, table: pd.DataFrame, names: list[str]) -> None:
        rule = Decision()
        words = pd.DataFrame({name: table[name].map(rule.verdict) for name in names})
        spoof, real = (words == "probably spoofed").sum(axis=1), (words == "probably bona fide").sum(axis=1)
        state = np.select(
            [spoof == len(names), real == len(names), (spoof > 0) & (real > 0)], ["spoof", "bonafide", "split"], "rest"
        )
        chance = 1 / (1 + np.exp(table[names]))
        self.table = table.assign(state=state, spread=chance.max(axis=1) - chance.min(axis=1))
        self.split = int((state == "split").sum())
        share = pd.DataFrame({a: {b: (words[a] == words[b]).mean() for b in names} for a in names})
        kappa = share.copy()
        for a in names:
            for b in names:
                habits = words[a].value_counts(normalize=True) * words[b].value_counts(normalize=True)
                kappa.loc[a, b] = (share.loc[a, b] - habits.sum()) / (1 - habits.sum())
        centred = table[names] - table.groupby("label")[names].transform("mean")
        self.sent = len(agreement(share, kappa, dark=False).to_json()) + len(centred.corr().to_html())

    def page(self, **wanted: str) -> str:
        """Return the first hundred of the clips on which votes are split, the most disputed first."""
        found = self.table[self.table["state"] == "split"]
        for column, value in wanted.items():
            found = found[found[column] == value]
        return found.sort_values("spread", ascending=False).head(100).to_html()
