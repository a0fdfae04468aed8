"""How alike voters are: agreement of votes, correlation of scores and of errors, and how many opinions they amount to.

Arrays in and out. Votes are int8 [shape=(n_clips, n_voters)]: 1 bona fide, 0 spoof, -1 not sure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "BONAFIDE_VOTE",
    "NO_VOTE",
    "SPOOF_VOTE",
    "Opinions",
    "agreement",
    "correlation",
    "double_fault",
    "error_correlation",
    "kappa",
    "leaf_order",
    "midranks",
    "opinions",
    "overlaps",
    "q_statistic",
    "split_votes",
    "unanimous",
    "weighted_verdict",
    "within_classes",
]

BONAFIDE_VOTE, SPOOF_VOTE, NO_VOTE = 1, 0, -1
_BLOCK = 1 << 17
# Scores that are correlated so closely are those of one detector.
_ONE = 1 - 1e-6


@dataclass(frozen=True)
class Opinions:
    """How many independent opinions several voters amount to, and each one's share in them.

    Attributes
    ----------
    number : float
        Between 1 and the number of voters.
    weights : ndarray [shape=(d,)]
        Of each voter, summing to 1: copies share the weight of one.
    """

    number: float
    weights: NDArray[np.float64]


def opinions(correlations: ArrayLike) -> Opinions:
    """Return the effective number of voters: copies of a voter change neither it nor what all copies weigh together.

    With weights p the participation ratio is ``1 / sum_ij p_i p_j r_ij^2``, which for equal weights is that of the
    correlation matrix' eigenvalues (Bretherton et al., Journal of Climate 12, 1999). Equal weights count copies again,
    so the weights are those that make it greatest. That is the maximum diversity of order 2 with similarities r^2,
    which does not change when a species is split into identical ones (Leinster and Meckes, "Maximizing diversity in
    biology and beyond", Entropy 18(3), 2016).

    Parameters
    ----------
    correlations : array [shape=(d, d)]
        Of the voters' scores, or of their errors. One that never varies (NaN on the diagonal) is no voter.

    Returns
    -------
    Opinions
        0 and no weights where there is no voter.
    """
    from scipy.optimize import nnls

    given = np.asarray(correlations, dtype=float)
    varied = np.isfinite(np.diag(given)) if len(given) else np.empty(0, dtype=bool)
    weights = np.zeros(len(given))
    if not varied.any():
        return Opinions(0.0, weights)
    r = np.nan_to_num(given[np.ix_(varied, varied)])
    alike = np.square(np.clip((r + r.T) / 2, -1, 1))
    np.fill_diagonal(alike, 1.0)
    leader = _leaders(alike)
    kept = np.unique(leader)
    values, vectors = np.linalg.eigh(alike[np.ix_(kept, kept)])
    # For any scale of p the minimum lies in the same direction, so the constraint is one more row of least squares.
    rows = np.vstack([np.sqrt(np.clip(values, 0, None))[:, None] * vectors.T, np.ones(len(kept))])
    found, _ = nnls(rows, np.append(np.zeros(len(kept)), 1.0))
    share = np.zeros(len(r))
    share[kept] = found / found.sum()
    number = 1 / float(share @ alike @ share)
    weights[varied] = share[leader] / np.bincount(leader, minlength=len(r))[leader]
    return Opinions(number, weights)


def _leaders(alike: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return for each voter the first one that it is a copy of, itself if of none [shape=(d,)]."""
    return np.asarray(np.argmax(alike >= _ONE, axis=1))


def midranks(scores: ArrayLike) -> NDArray[np.float64]:
    """Return where each score stands among all, from 0 to 1 [shape=(n,)]; tied ones share the middle of their places.

    NaN where a score is NaN, which is none of those it is compared with.
    """
    values = np.asarray(scores, dtype=float)
    known = np.isfinite(values)
    if not known.all():
        result = np.full(len(values), np.nan)
        result[known] = midranks(values[known])
        return result
    order = np.argsort(values)
    ordered = values[order]
    edges = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1], True])
    middle = (edges[:-1] + edges[1:]) / 2
    ranks = np.empty(len(values))
    ranks[order] = np.repeat(middle, np.diff(edges)) / max(len(values), 1)
    return ranks


def within_classes(columns: NDArray[np.float64], labels: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return columns [shape=(n, d)] of the labelled clips less the mean of each clip's class.

    Detectors that are merely right together are not alike; those that lean the same way on the same clips are.
    """
    parts = [columns[labels == label] for label in (1, 0)]
    return np.concatenate([part - part.mean(axis=0) for part in parts if len(part)])


def correlation(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Pearson's correlation of columns [shape=(n, d)] as [shape=(d, d)]; of ranks it is Spearman's.

    NaN for a column that does not vary.
    """
    centred = columns - columns.mean(axis=0) if len(columns) else columns
    product = centred.T @ centred
    spread = np.sqrt(np.diag(product))
    spread = np.where(spread > 1e-9 * np.sqrt(max(len(columns), 1)), spread, np.nan)
    return np.asarray(np.clip(product / np.outer(spread, spread), -1, 1))


def agreement(votes: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return the share of clips on which two voters give the same answer [shape=(d, d)]; not sure is one of three."""
    same, _ = _answers(votes)
    return same / len(votes) if len(votes) else np.full_like(same, np.nan)


def kappa(votes: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return Cohen's kappa of each two voters [shape=(d, d)]: agreement beyond what their habits alone would give.

    Cohen, Educational and Psychological Measurement 20, 1960. NaN where both always give one and the same answer.
    """
    same, habits = _answers(votes)
    n = float(len(votes))
    # Whole numbers first, so that a chance of exactly 1 is found as such.
    chance = habits @ habits.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(chance < n * n, (same / n - chance / n**2) / (1 - chance / n**2), np.nan)


def _answers(votes: NDArray[np.int8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return on how many clips two voters answer the same [shape=(d, d)], and each one's answers [shape=(d, 3)]."""
    d = votes.shape[1]
    same, habits = np.zeros((d, d)), np.zeros((d, 3))
    for start in range(0, len(votes), _BLOCK):
        block = votes[start : start + _BLOCK]
        for place, answer in enumerate((BONAFIDE_VOTE, SPOOF_VOTE, NO_VOTE)):
            given = (block == answer).astype(np.float32)
            same += given.T @ given
            habits[:, place] += given.sum(axis=0)
    return same, habits


def error_correlation(wrong: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the correlation (phi) of errors [shape=(n, d)] as [shape=(d, d)]; NaN for one who never or always errs."""
    both, *_ = _pairs(wrong)
    share = np.diag(both) / max(len(wrong), 1)
    covariance = both / max(len(wrong), 1) - np.outer(share, share)
    spread = np.sqrt(share * (1 - share))
    spread = np.where(spread > 0, spread, np.nan)
    return np.asarray(np.clip(covariance / np.outer(spread, spread), -1, 1))


def q_statistic(wrong: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return Yule's Q of errors [shape=(n, d)] as [shape=(d, d)]: 0 for independent ones, 1 for the same.

    ``Q = (N11 N00 - N01 N10) / (N11 N00 + N01 N10)``: Kuncheva and Whitaker, "Measures of diversity in classifier
    ensembles", Machine Learning 51, 2003. NaN where it is 0 / 0.
    """
    both, first, second, neither = _pairs(wrong)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((both * neither - first * second) / (both * neither + first * second))


def double_fault(wrong: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the share of clips on which both of two voters are wrong [shape=(d, d)] (Kuncheva and Whitaker 2003)."""
    both, *_ = _pairs(wrong)
    return both / len(wrong) if len(wrong) else np.full_like(both, np.nan)


def _pairs(wrong: NDArray[np.bool_]) -> tuple[NDArray[np.float64], ...]:
    """Return on how many clips both err, only the first, only the second, and neither [each shape=(d, d)]."""
    d = wrong.shape[1]
    both = np.zeros((d, d))
    for start in range(0, len(wrong), _BLOCK):
        block = wrong[start : start + _BLOCK].astype(np.float32)
        both += block.T @ block
    errors = np.diag(both)
    first, second = errors[:, None] - both, errors[None, :] - both
    return both, first, second, len(wrong) - both - first - second


def leaf_order(correlations: NDArray[np.float64]) -> tuple[list[int], NDArray[np.float64]]:
    """Return the order of a dendrogram's leaves and its linkage [shape=(d - 1, 4)], average linkage of 1 - r.

    Leaves are ordered so that neighbours are alike (Bar-Joseph et al., Bioinformatics 17, 2001).
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(correlations) < 2:
        return list(range(len(correlations))), np.empty((0, 4))
    distance = 1 - np.nan_to_num(correlations)
    np.fill_diagonal(distance, 0.0)
    links = linkage(squareform((distance + distance.T) / 2, checks=False), "average", optimal_ordering=True)
    return [int(place) for place in leaves_list(links)], links


def unanimous(votes: NDArray[np.int8], answer: int) -> NDArray[np.bool_]:
    """Return on which clips every voter gives this answer [shape=(n,)]."""
    return np.asarray((votes == answer).all(axis=1) & (votes.shape[1] > 0))


def split_votes(votes: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return on which clips one votes bona fide and another spoof [shape=(n,)]."""
    return np.asarray((votes == BONAFIDE_VOTE).any(axis=1) & (votes == SPOOF_VOTE).any(axis=1))


def weighted_verdict(votes: NDArray[np.int8], weights: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return what most of the weight votes [shape=(n,), int8]: 1 bona fide, 0 spoof, -1 where both weigh the same.

    With the weights of ``opinions`` copies of a voter count once.
    """
    balance = (votes == BONAFIDE_VOTE) @ weights - (votes == SPOOF_VOTE) @ weights
    # What rounding leaves of a tie is none.
    return np.where(np.abs(balance) < 1e-9, NO_VOTE, np.where(balance > 0, BONAFIDE_VOTE, SPOOF_VOTE)).astype(np.int8)


def overlaps(sets: Mapping[str, NDArray[np.bool_]]) -> list[tuple[tuple[str, ...], int]]:
    """Return how many clips lie in exactly these sets and no other, the most first: the bars of an UpSet plot.

    Lex et al., "UpSet: visualization of intersecting sets", IEEE TVCG 20, 2014.

    Parameters
    ----------
    sets : mapping of str to ndarray of bool [shape=(n,)]
        At most 62.
    """
    names = list(sets)
    if len(names) > 62:
        raise ValueError(f"{len(names)} sets are too many for one plot: choose 62 at most.")
    codes = sum((mask.astype(np.int64) << place for place, mask in enumerate(sets.values())), np.int64(0))
    found, counts = np.unique(codes, return_counts=True)
    rows = [
        (tuple(name for place, name in enumerate(names) if code >> place & 1), int(count))
        for code, count in zip(found.tolist(), counts.tolist(), strict=True)
    ]
    return sorted((row for row in rows if row[0]), key=lambda row: (-row[1], row[0]))
