"""What a panel of anyone's detectors amounts to: who agrees with whom, how many opinions, and what is disputed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis import voters
from core.predictions.panel import ImportedPanel

__all__ = ["AttackRow", "PanelFigures", "by_dispute", "panel_figures", "plain"]

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class AttackRow:
    """The disputed clips of one spoofing system, or of the bona fide or the unlabelled ones.

    ``error_rates`` are each voter's shares of the clips called the other class; NaN of unlabelled clips.
    """

    attack: str
    n: int
    split: int
    error_rates: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class PanelFigures:
    """Figures of the voters on the clips that all of them score.

    Attributes
    ----------
    names : tuple of str
        Of the d voters; matrices have their order.
    n : int
        Clips.
    agreement, kappa, score_correlation : ndarray [shape=(d, d)]
        Share of equal votes; Cohen's kappa; Spearman's correlation of scores.
    error_correlation, q_statistic, double_fault : ndarray [shape=(d, d)], optional
        Of the votes' errors, where both classes are labelled.
    effective : float
        The effective number of voters.
    effective_by_errors : float
        The same by the correlation of errors; NaN without labels of both classes.
    weights : ndarray [shape=(d,)]
        Each voter's share in the effective number.
    verdict : ndarray of int8 [shape=(n,)]
        By those weights, so that copies count once: 1 bona fide, 0 spoof, -1 tied or nobody sure.
    of_errors : bool
        Whether that number follows from scores within each class; without labels detectors that are right together
        count as alike.
    order : tuple of int
        The voters along a dendrogram; ``links`` [shape=(d - 1, 4)] is its linkage.
    bonafide_share : ndarray [shape=(d,)]
        Share of the clips that a voter calls bona fide: the largest is the most generous voter, the least the most
        severe one.
    unanimous_bonafide, unanimous_spoof, split : ndarray of int
        Places among all clips; ``split`` from the most to the least disputed.
    sets : tuple of (names, count)
        Clips that exactly these voters call bona fide.
    error_sets : tuple of (names, count)
        Clips that exactly these voters are wrong on.
    by_attack : tuple of AttackRow
    """

    names: tuple[str, ...]
    n: int
    agreement: Matrix
    kappa: Matrix
    score_correlation: Matrix
    error_correlation: Matrix | None
    q_statistic: Matrix | None
    double_fault: Matrix | None
    effective: float
    effective_by_errors: float
    weights: NDArray[np.float64]
    verdict: NDArray[np.int8]
    of_errors: bool
    order: tuple[int, ...]
    links: Matrix
    bonafide_share: NDArray[np.float64]
    unanimous_bonafide: NDArray[np.intp]
    unanimous_spoof: NDArray[np.intp]
    split: NDArray[np.intp]
    sets: tuple[tuple[tuple[str, ...], int], ...]
    error_sets: tuple[tuple[tuple[str, ...], int], ...]
    by_attack: tuple[AttackRow, ...]

    @property
    def most_alike(self) -> tuple[str, str, float] | None:
        """The two voters whose errors, or without labels whose scores, are most correlated, and how much."""
        matrix = self.score_correlation if self.error_correlation is None else self.error_correlation
        low = np.where(np.tri(len(matrix), k=-1, dtype=bool), np.nan_to_num(matrix, nan=-2.0), -2.0)
        if low.max(initial=-2.0) == -2.0:
            return None
        i, j = np.unravel_index(int(np.argmax(low)), low.shape)
        return self.names[i], self.names[j], float(low[i, j])

    @property
    def most_generous(self) -> str:
        """The voter that calls most clips bona fide; empty where all call as many so."""
        return self.names[int(np.argmax(self.bonafide_share))] if self._differ else ""

    @property
    def most_severe(self) -> str:
        """The voter that calls fewest clips bona fide; empty where all call as many so."""
        return self.names[int(np.argmin(self.bonafide_share))] if self._differ else ""

    @property
    def _differ(self) -> bool:
        return bool(self.names) and float(np.ptp(self.bonafide_share)) > 0


def panel_figures(panel: ImportedPanel) -> PanelFigures:
    """Return the figures of a panel's voters."""
    votes, labels, ranks = panel.votes, panel.labels, panel.ranks
    names = tuple(member.name for member in panel.voters)
    both = bool((labels == 1).any() and (labels == 0).any())
    known = labels >= 0
    wrong = (votes != labels[:, None]) & (votes >= 0) & known[:, None]
    kept = wrong if known.all() else wrong[known]
    score_correlation = voters.correlation(ranks)
    # Spoofs outnumber bona fide clips in most corpora: each class has its own mean taken off.
    alike = voters.correlation(voters.within_classes(ranks, labels)) if both else score_correlation
    opinions = voters.opinions(alike)
    order, links = voters.leaf_order(alike)
    split = voters.split_votes(votes)
    errors = voters.error_correlation(kept) if both else None
    return PanelFigures(
        names=names, n=len(votes), agreement=voters.agreement(votes), kappa=voters.kappa(votes),
        score_correlation=score_correlation,
        error_correlation=errors,
        q_statistic=voters.q_statistic(kept) if both else None,
        double_fault=voters.double_fault(kept) if both else None,
        effective=opinions.number, weights=opinions.weights,
        effective_by_errors=float("nan") if errors is None else voters.opinions(errors).number,
        verdict=voters.weighted_verdict(votes, opinions.weights),
        of_errors=both, order=tuple(order), links=links,
        bonafide_share=(votes == voters.BONAFIDE_VOTE).mean(axis=0) if len(votes) else np.zeros(len(names)),
        unanimous_bonafide=panel.shared[voters.unanimous(votes, voters.BONAFIDE_VOTE)],
        unanimous_spoof=panel.shared[voters.unanimous(votes, voters.SPOOF_VOTE)],
        split=panel.shared[by_dispute(votes, ranks, split)],
        sets=_sets(names, votes == voters.BONAFIDE_VOTE), error_sets=_sets(names, wrong) if both else (),
        by_attack=_by_attack(panel, split, wrong) if both else (),
    )  # fmt: skip


def by_dispute(votes: NDArray[np.int8], ranks: Matrix, split: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return where the split clips stand, the most disputed first.

    Parameters
    ----------
    votes : ndarray of int8 [shape=(n, d)]
    ranks : ndarray [shape=(n, d)]
        Or P(spoof): of clips that as many voters contradict the majority on, those of widest spread come first.
    split : ndarray of bool [shape=(n,)]
    """
    places = np.flatnonzero(split)
    cast = votes[places]
    minority = np.minimum((cast == 1).sum(axis=1), (cast == 0).sum(axis=1))
    spread = np.ptp(ranks[places], axis=1) if len(places) else np.empty(0)
    return np.asarray(places[np.lexsort((places, -spread, -minority))])


def _sets(names: Sequence[str], inside: NDArray[np.bool_]) -> tuple[tuple[tuple[str, ...], int], ...]:
    return tuple(voters.overlaps({name: inside[:, place] for place, name in enumerate(names[:62])}) if names else ())


def _by_attack(panel: ImportedPanel, split: NDArray[np.bool_], wrong: NDArray[np.bool_]) -> tuple[AttackRow, ...]:
    words, codes = _kinds(panel)
    counts, splits = np.bincount(codes, minlength=len(words)), np.bincount(codes[split], minlength=len(words))
    errors = np.stack([np.bincount(codes[line], minlength=len(words)) for line in wrong.T], axis=1).astype(float)
    # The last are unlabelled: nobody is known to be wrong on them, or right.
    errors[-1] = np.nan
    rows = [
        AttackRow(word, int(counts[at]), int(splits[at]), tuple((errors[at] / counts[at]).tolist()))
        for at, word in enumerate(words) if counts[at]
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (-row.split, row.attack)))


def _kinds(panel: ImportedPanel) -> tuple[list[str], NDArray[np.intp]]:
    """Return the attacks in words, with *bona fide* and *unlabelled*, and which of them each shared clip is [n]."""
    import pyarrow as pa

    labels, attacks = panel.labels, panel.clips.attacks
    if attacks is None:
        words, codes = ["spoof"], np.zeros(len(labels), dtype=np.intp)
    else:
        coded = pa.array(attacks[panel.shared], pa.string()).dictionary_encode()
        words, codes = coded.dictionary.to_pylist(), coded.indices.to_numpy().astype(np.intp)
    known = np.where(labels == 0, codes, len(words) + 1)
    return [*words, "bona fide", "unlabelled"], np.where(labels == 1, len(words), known)


def plain(value: Any) -> Any:
    """Return figures as JSON values: arrays as lists, rounded to six digits; what is not finite as null."""
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()] if value.ndim == 1 else [plain(line) for line in value]
    if isinstance(value, float | np.floating):
        return round(float(value), 6) if np.isfinite(value) else None
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
