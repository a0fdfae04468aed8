"""Votes of a run's detectors: how each votes on every clip, where they differ, what agreement is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis import voting
from core.analysis.calibration import p_spoof
from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED
from core.analysis.voters import BONAFIDE_VOTE, SPOOF_VOTE, agreement, kappa, split_votes, unanimous
from core.results.queries import decision_of

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["EVERY", "SPLIT", "WRONG", "Ballot", "Tally", "VoteRows", "count", "filtered", "systems"]

#: Which clips are listed.
SPLIT, WRONG, EVERY = "split votes", "unanimous and wrong", "all clips"
_FACTS = ("path", "label", "system", "kind", "source")
# By vote, from "not sure" (-1).
_WORDS = np.array([NOT_SURE, SPOOFED, BONAFIDE], dtype=object)


@dataclass(frozen=True)
class Tally:
    """How the votes of several detectors fell.

    Attributes
    ----------
    clips, voters : int
    unanimous : int
        Clips on which all detectors gave one and the same answer, spoof or bona fide.
    unanimous_wrong : int
        Those of them on which all were wrong.
    unanimous_unknown : int
        Those of them that have no label.
    split : int
        Clips that some called spoof and others bona fide.
    hesitant : int
        The rest: none was contradicted, but at least one was not sure.
    independent : float
        How many independent voters they amount to (``core.analysis.voting.effective_voters``).
    """

    clips: int
    voters: int
    unanimous: int
    unanimous_wrong: int
    unanimous_unknown: int
    split: int
    hesitant: int
    independent: float


class VoteRows(NamedTuple):
    """Some clips of a ballot as they are listed.

    Attributes
    ----------
    names : tuple of str
        The detectors, [d] of them.
    clips : DataFrame [k rows]
        path, label, system, kind, source; where the run has them.
    p_spoof : ndarray [shape=(k, d)]
    verdicts : ndarray of str [shape=(k, d)]
    spread : ndarray [shape=(k,)]
        The largest less the smallest P(spoof).
    """

    names: tuple[str, ...]
    clips: pd.DataFrame
    p_spoof: NDArray[np.float64]
    verdicts: NDArray[np.object_]
    spread: NDArray[np.float64]

    def table(self) -> pd.DataFrame:
        """Return them as one table: the clips' columns, each detector's P(spoof) and verdict, the spread."""
        found: dict[str, Any] = {f"p_spoof_{name}": self.p_spoof[:, at] for at, name in enumerate(self.names)}
        found |= {f"verdict_{name}": self.verdicts[:, at] for at, name in enumerate(self.names)}
        return self.clips.reset_index(drop=True).assign(**found, spread=self.spread)


@dataclass(frozen=True, eq=False)
class Ballot:
    """Several detectors' votes on every clip of a run; clips go by their position in it.

    Attributes
    ----------
    run : Run
    names : tuple of str
        The detectors.
    votes : ndarray of int8 [shape=(n, d)]
        As ``core.analysis.voters`` has them.
    spread : ndarray [shape=(n,)]
        The largest less the smallest P(spoof).
    order : ndarray of int [shape=(n,)]
        All clips, the most disputed first.
    split, wrong : ndarray of bool [shape=(n,)]
        Whether detectors contradict each other; whether all gave the same answer, and a wrong one.
    tally : Tally
    share, kappa : DataFrame
        Detector by detector.
    """

    run: "Run"
    names: tuple[str, ...]
    votes: NDArray[np.int8]
    spread: NDArray[np.float64]
    order: NDArray[np.intp]
    split: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    tally: Tally
    share: pd.DataFrame
    kappa: pd.DataFrame

    def rows(self, places: NDArray[np.integer]) -> VoteRows:
        """Return clips as they are listed; of the run's columns, these rows alone are read."""
        clips = self.run.rows(places, [name for name in _FACTS if name in self.run.columns])
        chance = np.stack([p_spoof(self.run.llr(name)[places]) for name in self.names], axis=1)
        return VoteRows(self.names, clips, chance, _WORDS[self.votes[places] + 1], self.spread[places])


def count(run: "Run", names: Sequence[str]) -> Ballot:
    """Count the votes of some of a run's detectors; counted once for each run and set of names."""
    return _count(run, tuple(names))


@lru_cache(maxsize=4)
def _count(run: "Run", names: tuple[str, ...]) -> Ballot:
    scores = [run.llr(name) for name in names]
    votes, spread = voting.votes_of(scores, [decision_of(run, name) for name in names]), voting.spread(scores)
    split, spoof, real = split_votes(votes), unanimous(votes, SPOOF_VOTE), unanimous(votes, BONAFIDE_VOTE)
    wrong = spoof & run.real | real & run.fake
    one, torn = int(spoof.sum() + real.sum()), int(split.sum())
    tally = Tally(
        clips=len(votes), voters=len(names), unanimous=one, unanimous_wrong=int(wrong.sum()),
        unanimous_unknown=int(((spoof | real) & ~(run.real | run.fake)).sum()), split=torn,
        hesitant=len(votes) - one - torn,
        independent=voting.effective_voters(scores, run.real + 2 * run.fake.astype(np.int8)),
    )  # fmt: skip
    square = [pd.DataFrame(found(votes), index=names, columns=names) for found in (agreement, kappa)]
    return Ballot(run, names, votes, spread, voting.by_dispute(spread, votes), split, wrong, tally, *square)


def filtered(
    ballot: Ballot, show: str, *, label: str | None = None, system: str | None = None
) -> NDArray[np.intp]:  # fmt: skip
    """Return where the clips that answer to the filters stand in the run, the most disputed first [shape=(k,)].

    Parameters
    ----------
    ballot : Ballot
    show : str
        ``SPLIT``, ``WRONG`` or ``EVERY``.
    label, system : str, optional
        Only clips of this class, or by this attack.
    """
    run = ballot.run
    keep = {SPLIT: ballot.split, WRONG: ballot.wrong}.get(show, np.ones(len(run), dtype=bool))
    if label is not None:
        keep = keep & {"bonafide": run.real, "spoof": run.fake}.get(label, np.zeros(len(run), dtype=bool))
    if system is not None:
        keep = keep & (run.column("system") == system).to_numpy(dtype=bool)
    return ballot.order[keep[ballot.order]]


def systems(run: "Run") -> list[str]:
    """Return the attacks that occur in a run, sorted."""
    if "system" not in run.columns:
        return []
    values = run.column("system").astype("category")
    codes = np.unique(values.cat.codes)
    return sorted(set(values.cat.categories[codes[codes >= 0]].astype(str)) - {"-", ""})
