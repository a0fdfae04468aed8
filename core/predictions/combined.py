"""A panel's voters combined in every way, each against the best single one; and whether they err independently."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.analysis import combining, voters
from core.analysis.det import equal_error_point
from core.analysis.fusion import hybrid
from core.analysis.paired import Difference, Scored, compare
from core.errors import PredictionsError
from core.predictions.panel import ImportedPanel
from core.watch import report

__all__ = ["Combined", "Combining", "Hybrid", "combine"]

Column = NDArray[np.float64]
#: Errors that meet more often than so many times what chance would give are not independent.
INDEPENDENT = 2.0


@dataclass(frozen=True)
class Combined:
    """One way of combining.

    Attributes
    ----------
    name : str
    scores : ndarray [shape=(k,)]
        On the clips that all voters score; over 0 is bona fide, below it spoof, 0 a tie.
    n_bonafide, n_spoof, n_tied : int
    of_votes : bool
        Whether it has only a few values, so that it has false alarms and misses but hardly an equal error rate.
    differences : tuple of Difference
        Equal error rate, false alarm rate and miss rate beside those of the best single detector, where both classes
        are labelled; a tie counts as spoof, as a score on its cut does among votes.
    note : str
    """

    name: str
    scores: Column
    n_bonafide: int
    n_spoof: int
    n_tied: int
    of_votes: bool
    differences: tuple[Difference, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Hybrid:
    """``alpha`` times the supervised voters' mean margin plus ``1 - alpha`` times that of the anomaly detectors.

    Attributes
    ----------
    alpha : float
    eer : float
        NaN without labels of both classes.
    n_bonafide, n_spoof : int
    with_supervised, with_anomaly : float
        Share of the clips that it puts into the class which either part alone puts them into.
    flipped : int
        Clips that it puts into another class than the supervised part does.
    flipped_disputed : int
        Those of them that are disputed.
    """

    alpha: float
    eer: float
    n_bonafide: int
    n_spoof: int
    with_supervised: float
    with_anomaly: float
    flipped: int
    flipped_disputed: int


@dataclass(frozen=True)
class Combining:
    """All ways of combining.

    Attributes
    ----------
    best : str
        The single detector with the lowest equal error rate on these very clips, which favours it; empty without
        labels.
    rows : tuple of Combined
    sweep : tuple of Hybrid
        Empty where no anomaly detector was named.
    times_as_often : ndarray [shape=(d, d)], optional
        How many times as often two voters err together as independent ones would.
    grouped_by : str
        What the intervals are over.
    """

    best: str
    rows: tuple[Combined, ...]
    sweep: tuple[Hybrid, ...] = ()
    times_as_often: NDArray[np.float64] | None = None
    grouped_by: str = ""
    names: tuple[str, ...] = field(default=())

    @property
    def independent(self) -> bool | None:
        """Whether no two voters err together much more often than independent ones would; None without labels."""
        if self.times_as_often is None or len(self.times_as_often) < 2:
            return None
        pairs = self.times_as_often[np.triu_indices(len(self.times_as_often), 1)]
        return bool(np.nanmax(np.nan_to_num(pairs)) <= INDEPENDENT)


def combine(panel: ImportedPanel, *, anomaly: Collection[str] = (), resamples: int = 1000) -> Combining:
    """Combine a panel's voters on the clips that all of them score.

    Parameters
    ----------
    panel : ImportedPanel
    anomaly : collection of str
        Voters that were trained on bona fide speech alone; the hybrid weighs them against all others.
    resamples : int
        Of the bootstrap that gives the intervals.

    Raises
    ------
    PredictionsError
        When there is no clip that two voters score, or a name is none of the voters', or all of them.
    """
    names = tuple(member.name for member in panel.voters)
    if len(names) < 2 or not len(panel.shared):
        raise PredictionsError("Combining takes at least two voters and a clip that both score.")
    strangers = sorted(set(anomaly) - set(names))
    if strangers or set(anomaly) == set(names):
        what = f"{strangers[0]} is no voter" if strangers else "no supervised voter is left"
        raise PredictionsError(f"The hybrid weighs anomaly detectors against others, and {what}: name some of them.")
    scores, margin = panel.scores, combining.margins(panel.scores, panel.cuts)
    rows = [_row(*way) for way in _ways(panel, scores, margin)]
    labels = panel.labels
    if not (labels == 1).any() or not (labels == 0).any():
        return Combining("", tuple(rows), _sweep(panel, names, margin, anomaly), names=names)
    known = labels >= 0
    real = labels[known] == 1
    single = [equal_error_point(column[known][real], column[known][~real])[0] for column in scores.T]
    best = int(np.argmin(single))
    speaker, system, grouped_by = _groups(panel, known)
    alone = _cut_at(scores[known, best], float(panel.cuts[best]))
    beside = []
    for done, row in enumerate(rows):
        report(done, len(rows))
        here = _cut_at(row.scores[known], 0.0)
        beside.append(replace(row, differences=tuple(
            compare(here, alone, real, speaker, system, resamples=resamples)
        )))  # fmt: skip
    wrong = (panel.votes != labels[:, None]) & (panel.votes >= 0)
    return Combining(
        names[best], tuple(beside), _sweep(panel, names, margin, anomaly), combining.times_as_often(wrong, labels),
        grouped_by, names,
    )  # fmt: skip


def _cut_at(scores: Column, cut: float) -> Scored:
    """Return scores of which those on the cut are spoof, as in ``core.predictions.scales.vote``, not those below it."""
    return Scored(scores, float(np.nextafter(cut, np.inf)))


def _ways(panel: ImportedPanel, scores: Column, margin: Column) -> list[tuple[str, Column, bool, str]]:
    votes, labels, ranks = panel.votes, panel.labels, panel.ranks
    both = bool((labels == 1).any() and (labels == 0).any())
    alike = voters.correlation(voters.within_classes(ranks, labels) if both else ranks)
    weights = voters.opinions(alike).weights
    estimate = combining.dawid_skene(votes)
    # Where the mean rank has its threshold: at the share that the voters together call bona fide.
    mean_rank = ranks.mean(axis=1)
    share = float((votes == 1).sum() / max((votes >= 0).sum(), 1))
    ways = [
        ("majority", combining.majority(votes), True, ""),
        ("majority, copies once", combining.majority(votes, weights), True,
         "votes weigh as in the effective number of voters"),
        ("Dawid-Skene", estimate.p_bonafide - 0.5, True, combining.COPIES_WIN),
        ("mean", margin.mean(axis=1), False, "of distances from the threshold, in standard deviations"),
        ("rank mean", mean_rank - np.quantile(mean_rank, 1 - share), False,
         "cut where the votes together have their share of bona fide"),
    ]  # fmt: skip
    halves = _halves(panel)
    if both and (labels >= 0).all() and all(len(np.unique(labels[part])) == 2 for part in (halves, ~halves)):
        total = combining.calibrated_sum(scores, labels == 1, halves)
        ways.append(("calibrated sum", total, False, "each half of the speakers calibrated on the other"))
    return ways


def _halves(panel: ImportedPanel) -> NDArray[np.bool_]:
    groups = panel.clips.groups
    if groups is None:
        return np.arange(len(panel.shared)) % 2 == 0
    codes = np.unique(groups[panel.shared].astype(str), return_inverse=True)[1]
    return np.asarray(codes % 2 == 0)


def _groups(
    panel: ImportedPanel, known: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp], str]:
    """Return speaker and system of the labelled clips as numbers, and what the intervals are over in words."""

    def codes(names: NDArray[np.object_] | None, *, apart: bool) -> NDArray[np.intp]:
        n = int(known.sum())
        if names is None:
            return np.arange(n) if apart else np.zeros(n, dtype=np.intp)
        return np.asarray(np.unique(names[panel.shared][known].astype(str), return_inverse=True)[1])

    groups, attacks = panel.clips.groups, panel.clips.attacks
    about = ("clips" if groups is None else "speakers") + ("" if attacks is None else " and attacks")
    about += ", since no speakers are known" if groups is None else ""
    return codes(groups, apart=True), codes(attacks, apart=False), about


def _row(name: str, scores: Column, of_votes: bool, note: str) -> Combined:
    counts = (int((scores > 0).sum()), int((scores < 0).sum()), int((scores == 0).sum()))
    return Combined(name, scores, *counts, of_votes, note=note)


def _sweep(
    panel: ImportedPanel, names: tuple[str, ...], margin: Column, anomaly: Collection[str]
) -> tuple[Hybrid, ...]:
    if not anomaly:
        return ()
    supervised = [name for name in names if name not in anomaly]
    columns = {name: margin[:, place] for place, name in enumerate(names)}

    def at(alpha: float) -> Column:
        return hybrid(supervised, list(anomaly), alpha).combine(columns)

    return tuple(_hybrid(panel, alpha, at) for alpha in np.linspace(0, 1, 11).round(1).tolist())


def _hybrid(panel: ImportedPanel, alpha: float, at: Callable[[float], Column]) -> Hybrid:
    scores, labels = at(alpha), panel.labels
    real, fake = scores[labels == 1], scores[labels == 0]
    rate = equal_error_point(real, fake)[0] if len(real) and len(fake) else math.nan
    called, by_supervised, by_anomaly = scores > 0, at(1.0) > 0, at(0.0) > 0
    flipped = called != by_supervised
    return Hybrid(
        alpha=alpha, eer=rate, n_bonafide=int(called.sum()), n_spoof=int((~called).sum()),
        with_supervised=float((called == by_supervised).mean()), with_anomaly=float((called == by_anomaly).mean()),
        flipped=int(flipped.sum()), flipped_disputed=int((flipped & voters.split_votes(panel.votes)).sum()),
    )  # fmt: skip
