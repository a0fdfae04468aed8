"""A panel of anyone's detectors: files and runs over one set of clips, turned the same way, each with its votes."""

import math
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.analysis.competence import competence
from core.analysis.sorted_scores import SortedScores
from core.analysis.voters import midranks
from core.errors import PredictionsError
from core.predictions.matching import LEAST_COVERAGE, Aligned, Clips, align, all_clips, labelled
from core.predictions.polarity import Polarity, area, by_agreement, by_labels, given
from core.predictions.predictions import Predictions
from core.predictions.scales import Cut, Kind, cut, kind_of, vote

__all__ = ["ImportedPanel", "Member", "assemble"]

Higher = Literal["bonafide", "spoof"]
Item = TypeVar("Item")


@dataclass(frozen=True, eq=False)
class Member:
    """One detector of a panel.

    Attributes
    ----------
    predictions : Predictions
    aligned : Aligned
    polarity : Polarity
    kind : str
        Of the numbers in the file.
    scores : ndarray [shape=(n,)]
        In the order of the clips, higher = more bona fide; NaN where there is none, or the polarity is open.
    ranks : ndarray [shape=(n,)]
        Where each score stands among all, 0 to 1.
    auc, eer : float
        NaN without labels of both classes.
    at_eer : float, optional
        The score there.
    barred : str
        Why it does not vote; empty where it does.
    cut : Cut, optional
        Where its scores become votes; None where it can cast none.
    """

    predictions: Predictions
    aligned: Aligned
    polarity: Polarity
    kind: Kind
    scores: NDArray[np.float64]
    ranks: NDArray[np.float64]
    auc: float = math.nan
    eer: float = math.nan
    at_eer: float | None = None
    barred: str = ""
    cut: Cut | None = None

    @property
    def name(self) -> str:
        """The detector's name."""
        return self.predictions.name


@dataclass(frozen=True, eq=False)
class ImportedPanel:
    """Detectors over one set of clips.

    Attributes
    ----------
    clips : Clips
    members : tuple of Member
        All of them, in the order they were given.
    """

    clips: Clips
    members: tuple[Member, ...]

    @cached_property
    def voters(self) -> tuple[Member, ...]:
        """Those that vote: their polarity is settled and they are not barred."""
        return tuple(member for member in self.members if not member.barred)

    @cached_property
    def shared(self) -> NDArray[np.intp]:
        """The clips that every voter has a usable score for [shape=(k,)]: what the panel's figures are of."""
        if not self.voters:
            return np.empty(0, dtype=np.intp)
        return np.flatnonzero(np.logical_and.reduce([np.isfinite(member.scores) for member in self.voters]))

    @cached_property
    def labels(self) -> NDArray[np.int8]:
        """Of the shared clips [shape=(k,)]: 1 bona fide, 0 spoof, -1 unknown."""
        return self.clips.labels[self.shared]

    @cached_property
    def votes(self) -> NDArray[np.int8]:
        """Of the voters on the shared clips [shape=(k, d)]: 1 bona fide, 0 spoof, -1 not sure."""
        columns = [vote(member.scores[self.shared], member.cut) for member in self.voters if member.cut is not None]
        return np.stack(columns, axis=1) if columns else np.empty((len(self.shared), 0), dtype=np.int8)

    @cached_property
    def scores(self) -> NDArray[np.float64]:
        """Of the voters on the shared clips [shape=(k, d)], higher = more bona fide, each on its own scale."""
        columns = [member.scores[self.shared] for member in self.voters]
        return np.stack(columns, axis=1) if columns else np.empty((len(self.shared), 0))

    @cached_property
    def cuts(self) -> NDArray[np.float64]:
        """The voters' thresholds [shape=(d,)] on those scales: the middle, where a voter may be not sure."""
        found = [member.cut for member in self.voters if member.cut is not None]
        return np.array([(at.spoof_below + at.bonafide_above) / 2 for at in found])

    @cached_property
    def ranks(self) -> NDArray[np.float64]:
        """Of the voters' scores on the shared clips [shape=(k, d)], 0 to 1, higher = more bona fide."""
        whole = len(self.shared) == len(self.clips)
        columns = [member.ranks if whole else midranks(member.scores[self.shared]) for member in self.voters]
        return np.stack(columns, axis=1) if columns else np.empty((len(self.shared), 0))

    @property
    def incomplete(self) -> list[Member]:
        """The detectors that cover under 99 % of the clips."""
        return [member for member in self.members if member.aligned.coverage < LEAST_COVERAGE]

    @cached_property
    def apart(self) -> tuple[str, str] | None:
        """The first two detectors that score no clip both, as parts of one list do; None where there are none."""
        scored = [(member.name, np.isfinite(member.aligned.scores)) for member in self.members]
        # Only who leaves room for the other is looked at clip by clip.
        counted = [(name, here, int(here.sum())) for name, here in scored]
        pairs = ((one, other) for (one, here, n), (other, there, m) in combinations(counted, 2)
                 if n and m and n + m <= len(here) and not (here & there).any())  # fmt: skip
        return next(pairs, None)

    @property
    def unsettled(self) -> list[Member]:
        """The detectors whose polarity a person has to state."""
        return [member for member in self.members if member.polarity.sign is None]


def assemble(
    files: Sequence[Predictions], *, protocol: Predictions | None = None, higher: Mapping[str, Higher] | None = None,
    reference: str | None = None, put_back: Collection[str] = (), voters: Collection[str] = (),
) -> ImportedPanel:  # fmt: skip
    """Match files of predictions to clips, settle each one's polarity, and let those vote that can.

    Parameters
    ----------
    files : sequence of Predictions
    protocol : Predictions, optional
        Which clips there are, and their labels. Without it they are all that any file has, with the labels that stand
        in the files.
    higher : mapping of str to {'bonafide', 'spoof'}, optional
        What a higher score of a detector means, where a person states it.
    reference : str, optional
        The detector that the others are compared with where there are no labels; its polarity must be known.
    put_back : collection of str
        Detectors that vote although they are at chance on the labelled clips.
    voters : collection of str
        Those that vote; all, where none is named.

    Raises
    ------
    PredictionsError
        When no file is given, two detectors have one name, or a name stands for none of them.
    """
    _check(files, [*(higher or {}), *put_back, *voters, *([reference] if reference else [])])
    clips = _clips(files, protocol)
    members = _side_by_side(lambda each: _member(each, clips, (higher or {}).get(each.name)), files)
    if any(member.polarity.sign is None for member in members):
        members = _agreed(members, _references(members, reference))
    members = _side_by_side(lambda member: _judged(member, clips, put_back), members)
    if voters:
        members = [
            member if member.name in voters else replace(member, barred="it was not chosen") for member in members
        ]
    share = _share(members)
    return ImportedPanel(clips, tuple(_cut(member, share) for member in members))


def _side_by_side(fn: Callable[[Item], Member], items: Sequence[Item]) -> list[Member]:
    """Return ``fn(item)`` for each, on a few threads: NumPy sorts and Arrow matches without holding the others up."""
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(fn, items))


def _check(files: Sequence[Predictions], named: Sequence[str]) -> None:
    names = [predictions.name for predictions in files]
    if not names:
        raise PredictionsError("No predictions are given: name a file of scores, or a run's folder.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PredictionsError(f"Two detectors are called {twice[0]}: rename a file, since the name stands for it.")
    for name in named:
        if name not in names:
            raise PredictionsError(f"No detector is called {name!r}; there are: {', '.join(names)}.")


def _clips(files: Sequence[Predictions], protocol: Predictions | None) -> Clips:
    if protocol is not None:
        return labelled(protocol.ids.unique(), [protocol], basis=f"the protocol {protocol.name}")
    with_labels = [predictions.name for predictions in files if predictions.labels is not None]
    return labelled(all_clips(files), files, basis=f"the labels in {', '.join(with_labels)}")


def _member(predictions: Predictions, clips: Clips, higher: Higher | None) -> Member:
    aligned = align(predictions, clips.ids)
    finite = aligned.scores[np.isfinite(aligned.scores)]
    ranks = midranks(aligned.scores)
    kind: Kind = kind_of(finite) if len(finite) else "constant"
    known = np.where(np.isfinite(ranks), clips.labels, np.int8(-1))
    if predictions.decision is not None:
        polarity = Polarity(1, "run", "a run's scores: higher = bona fide", {})
    elif predictions.in_words:
        polarity = Polarity(1, "words", "stated by the votes themselves, which are words: bona fide and spoof", {})
    else:
        polarity = given(higher) if higher is not None else by_labels(ranks, known)
    return _turned(Member(predictions, aligned, polarity, kind, aligned.scores, ranks), polarity)


def _turned(member: Member, polarity: Polarity) -> Member:
    if polarity.sign == -1:
        return replace(member, polarity=polarity, scores=-member.scores, ranks=1 - member.ranks)
    return replace(member, polarity=polarity)


def _references(members: Sequence[Member], reference: str | None) -> dict[str, NDArray[np.float64]]:
    settled = [member for member in members if member.polarity.sign is not None and member.kind != "constant"]
    wanted = [member for member in settled if reference in (None, member.name)]
    if reference is not None and not wanted:
        raise PredictionsError(
            f"The reference {reference} has no known polarity itself: state it with --higher {reference}=bonafide or "
            f"{reference}=spoof."
        )
    return {member.name: member.ranks for member in wanted}


def _agreed(
    members: Sequence[Member], references: Mapping[str, NDArray[np.float64]]
) -> list[Member]:
    return [
        _turned(member, by_agreement(member.ranks, references, before=member.polarity))
        if member.polarity.sign is None else member
        for member in members
    ]  # fmt: skip


def _judged(member: Member, clips: Clips, put_back: Collection[str]) -> Member:
    """Add error rates, and why a detector does not vote."""
    scored = np.isfinite(member.scores)
    real, fake = (member.scores[scored & (clips.labels == label)] for label in (1, 0))
    if len(real) and len(fake) and member.polarity.sign is not None:
        labels = np.where(scored, clips.labels, np.int8(-1))
        rate, at = SortedScores.of(real, fake).equal_error
        member = replace(member, auc=area(member.ranks, labels), eer=rate, at_eer=at)
    return replace(member, barred=_bar(member, clips, member.name in put_back))


def _bar(member: Member, clips: Clips, wanted: bool) -> str:
    if member.polarity.sign is None:
        at_chance = "auc" in member.polarity.evidence
        return f"its polarity is not settled{', since it is at chance on the labelled clips' if at_chance else ''}"
    scored = np.isfinite(member.scores)
    if not scored.any():
        return "it has no usable score"
    if wanted or math.isnan(member.auc):
        return ""
    # Clips of one speaker are no independent evidence; where no speakers are known each clip stands for itself.
    groups = np.arange(len(clips)) if clips.groups is None else clips.groups
    found = competence(member.scores, clips.labels == 1, clips.labels == 0, groups)
    labels = np.where(scored, clips.labels, np.int8(-1))
    if by_labels(member.ranks, labels).sign == -1:
        return f"the labels contradict its polarity ({member.polarity.how}): turned so, its AUC is {member.auc:.3f}"
    if found.is_at_chance or (not found.is_known and by_labels(member.ranks, labels).sign != 1):
        within = f", 95 % interval {found.low:.3f} to {found.high:.3f}" if found.is_known else ""
        return f"it is not better than chance on the labelled clips (AUC {member.auc:.3f}{within})"
    return ""


def _share(members: Sequence[Member]) -> float | None:
    """Return the share of clips that the detectors with thresholds of their own vote bona fide."""
    if not any(member.kind == "positive" and member.at_eer is None for member in members):
        return None
    shares = []
    for member in members:
        if not member.barred and (member.predictions.decision or member.kind in ("votes", "probabilities", "signed")):
            cast = _cut(member, None)
            assert cast.cut is not None
            votes = vote(member.scores[np.isfinite(member.scores)], cast.cut)
            shares.append(float((votes == 1).sum() / max((votes >= 0).sum(), 1)))
    return float(np.mean(shares)) if shares else None


def _cut(member: Member, share: float | None) -> Member:
    scored = np.isfinite(member.scores)
    if member.polarity.sign is None or not scored.any():
        return member
    at = cut(
        member.scores[scored], kind=member.kind, sign=member.polarity.sign, decision=member.predictions.decision,
        at_eer=member.at_eer, share=share,
    )  # fmt: skip
    return replace(member, cut=at)
