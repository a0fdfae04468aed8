"""Votes of a run's detectors: how each votes on every clip, where they differ, what agreement is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from core.analysis import voting
from core.results.queries import decision_of

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["EVERY", "SPLIT", "WRONG", "Ballot", "Tally", "count", "filtered"]

#: Which clips are listed.
SPLIT, WRONG, EVERY = "split votes", "unanimous and wrong", "all clips"
_OTHER_CLASS = {"bonafide": voting.UNANIMOUS_SPOOF, "spoof": voting.UNANIMOUS_BONAFIDE}


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
    split: int
    hesitant: int
    independent: float


@dataclass(frozen=True, eq=False)
class Ballot:
    """Several detectors' votes on every clip of a run; the index of the tables is the clip's path.

    Attributes
    ----------
    clips, p_spoof, votes : DataFrame
        ``votes`` as ``core.analysis.voting.vote_table`` gives it; all from the most to the least disputed clip.
    wrong : Series of bool
        Whether all detectors gave the same answer to a clip, and a wrong one.
    tally : Tally
    share, kappa : DataFrame
        Detector by detector.
    """

    clips: pd.DataFrame
    p_spoof: pd.DataFrame
    votes: pd.DataFrame
    wrong: "pd.Series[bool]"
    tally: Tally
    share: pd.DataFrame
    kappa: pd.DataFrame


def count(run: "Run", names: Sequence[str]) -> Ballot:
    """Count the votes of some of a run's detectors; counted once for each run and set of names."""
    return _count(run, tuple(names))


@lru_cache(maxsize=4)
def _count(run: "Run", names: tuple[str, ...]) -> Ballot:
    scores = run.wide("score")[list(names)]
    votes = voting.vote_table(scores, {name: decision_of(run, name) for name in names})
    votes = votes.loc[voting.by_dispute(votes)]
    clips = run.clips.set_index("path", drop=False).loc[votes.index]
    wrong = votes["state"] == clips["label"].map(_OTHER_CLASS)
    tally = Tally(
        clips=len(votes), voters=len(names), unanimous_wrong=int(wrong.sum()),
        unanimous=int(votes["state"].isin(_OTHER_CLASS.values()).sum()),
        split=int((votes["state"] == voting.SPLIT).sum()), hesitant=int((votes["state"] == voting.UNDECIDED).sum()),
        independent=voting.effective_voters(scores, labels=run.clips["label"]),
    )  # fmt: skip
    p_spoof = run.wide("p_spoof").loc[votes.index, list(names)]
    return Ballot(clips, p_spoof, votes, wrong, tally, voting.pairwise_agreement(votes), voting.cohen_kappa(votes))


def filtered(ballot: Ballot, show: str, *, label: str | None = None, system: str | None = None) -> pd.DataFrame:
    """Return the clips that answer to the filters, the most disputed first.

    Parameters
    ----------
    ballot : Ballot
    show : str
        ``SPLIT``, ``WRONG`` or ``EVERY``.
    label, system : str, optional
        Only clips of this class, or by this attack.
    """
    keep = {SPLIT: ballot.votes["state"] == voting.SPLIT, WRONG: ballot.wrong}.get(
        show, pd.Series(True, index=ballot.clips.index)
    )
    if label is not None:
        keep &= ballot.clips["label"] == label
    if system is not None:
        keep &= ballot.clips["system"] == system
    return ballot.clips[keep]
